// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/base/work.h"

#include <utility>

namespace jabberd::session_manager {

std::string_view name_of(Causer::Kind kind)
{
    switch (kind) {
    case Causer::Kind::Address: return "address";
    case Causer::Kind::Account: return "account";
    case Causer::Kind::Host: return "host";
    }
    return "host";
}

std::shared_ptr<Share> WorkShares::Tree::share_of(const Causer &causer)
{
    const auto kind = static_cast<std::size_t>(causer.kind);
    return connections[kind].of({causer.group, causer.one}, groups[kind].of(causer.group));
}

void WorkShares::Tree::set(std::size_t of_a_connection_, std::size_t all_times)
{
    of_a_connection.most = of_a_connection_;
    for (Quota &quota : of_a_group)
        quota.most = 2 * of_a_connection_;
    of_all.most = all_times * of_a_connection_;
}

void WorkShares::set(const Limits &limits)
{
    pieces_.set(limits.pieces, 32);
    bytes_.set(limits.bytes, 16);
}

Work WorkShares::take(const Causer &causer, std::size_t bytes)
{
    Work work;
    work.pieces_ = Portion::of(pieces_.share_of(causer), 1);
    if (!work.pieces_)
        return {};
    work.bytes_ = Portion::of(bytes_.share_of(causer), bytes);
    if (!work.bytes_)
        return {};
    work.turn_ = {causer.group, causer.one};
    return work;
}

Work WorkShares::hold(const Causer &causer, std::size_t bytes)
{
    Work work;
    work.pieces_ = Portion::held(pieces_.share_of(causer), 1);
    work.bytes_ = Portion::held(bytes_.share_of(causer), bytes);
    work.turn_ = {causer.group, causer.one};
    return work;
}

std::vector<WorkShares::Refusals> WorkShares::refusals() const
{
    std::vector<Refusals> all;
    const auto tell = [&](std::string_view what, const Tree &tree) {
        all.push_back({std::string{what} + " of a connection", tree.of_a_connection.refused});
        for (const auto kind : {Causer::Kind::Address, Causer::Kind::Account, Causer::Kind::Host}) {
            std::string name{what};
            name.append(kind == Causer::Kind::Address || kind == Causer::Kind::Account ? " of an " : " of a ")
                .append(name_of(kind));
            all.push_back({std::move(name), tree.of_a_group[static_cast<std::size_t>(kind)].refused});
        }
        all.push_back({std::string{what} + " of all", tree.of_all.refused});
    };
    tell("work", pieces_);
    tell("work bytes", bytes_);
    return all;
}

} // namespace jabberd::session_manager
