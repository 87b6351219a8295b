// SPDX-License-Identifier: LGPL-2.1-or-later
// The blocklist as its owner's clients see and change it (XEP-0191).
#include "session_manager/iq/request.h"

#include "base/view.h"
#include "session_manager/blocking/blocklist.h"
#include "session_manager/core/push.h"
#include "session_manager/presence/blocked_presence.h"
#include "xml/document.h"
#include "xml/escape.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>

namespace jabberd::session_manager::iq {

namespace {

using Addresses = std::set<std::string, std::less<>>;

constexpr std::size_t usual_list = 65'536; // the most that an answer counts for: by itself it shall not be too much

template <typename List>
std::string element_of(std::string_view name, const List &addresses)
{
    std::string out = "<" + std::string{name};
    xml::append_attribute(out, "xmlns", blocking::xmlns);
    out += '>';
    for (const std::string &address : addresses) {
        out += "<item";
        xml::append_attribute(out, "jid", address);
        out += "/>";
    }
    return out + "</" + std::string{name} + ">";
}

// The addresses of the items, prepared; or what is wrong with one of them.
std::optional<Condition> read_items(const Request &request, Addresses &addresses)
{
    for (const xmlNode *node = request.payload->children; node != nullptr; node = node->next) {
        if (!xml::is_element(node, "item", blocking::xmlns))
            continue;
        const auto jid = prepare_jid(xml::attribute(node, "jid"));
        if (!jid)
            return Condition::JidMalformed;
        if (!jid->user.empty() && jid->bare() == request.from.bare())
            return Condition::NotAllowed; // nobody is blocked against themselves
        addresses.insert(jid->full());
    }
    return std::nullopt;
}

bool has_room(Core &core, LockedDirectory &locked, User &user, const Blocklist &next)
{
    const auto options = core.settings.current();
    if (next.size() > options->blocked_max || next.bytes() > options->blocked_bytes) {
        ++core.blocks_refused;
        return false;
    }
    return locked.may_grow(user, next.bytes() - user.blocklist.bytes());
}

// A change of the blocklist, which waits for the changes before it. `apply` runs under the lock.
template <typename Apply>
void change_list(const Answer &answer, std::size_t bytes, Apply apply)
{
    Work work = answer.take_work(bytes);
    if (!work)
        return;
    answer.change(
        {}, [answer, apply = std::move(apply), held = std::move(work)](LockedDirectory &later, User &user) mutable {
            if (!user.exists)
                return answer.error(later, Condition::ItemNotFound);
            apply(later, user, std::move(held));
        });
}

// What becomes of the list.
struct ListChange {
    bool blocks;         // otherwise it unblocks
    Addresses addresses; // those that are not in the list as they will be
    Blocklist next;
    std::string push;
};

// Stores it, and only then lets clients and contacts know.
void keep(Core &core, LockedDirectory &locked, User &user, ListChange change, Work work, const Answer &answer)
{
    answer.change_stored(
        locked, user, std::move(work),
        [account = user.address, blocks = change.blocks, addresses = change.addresses](Storage &storage) {
            for (const std::string &address : addresses)
                blocks ? storage.blocklists.add(account, address) : storage.blocklists.remove(account, address);
            return true;
        },
        [&core, &user, answer, change](LockedDirectory &kept, bool) mutable {
            const Blocklist before = user.blocklist;
            if (change.blocks)
                presence::hide_from_blocked(core, kept, user, change.next);
            kept.keep(user, std::move(change.next));
            push(
                kept, user, [](const Session &session) { return session.follows_blocklist; }, change.push);
            answer.result(kept);
            if (!change.blocks)
                presence::show_to_unblocked(core, kept, user, before);
        });
}

void add(Core &core, LockedDirectory &locked, User &user, Addresses wanted, Work work, const Answer &answer)
{
    std::erase_if(wanted, [&](const std::string &address) { return user.blocklist.contains(address); });
    if (wanted.empty())
        return answer.result(locked);
    Blocklist next = user.blocklist;
    for (const std::string &address : wanted)
        next.add(address);
    if (!has_room(core, locked, user, next))
        return answer.error(locked, Condition::ResourceConstraint, "Your blocklist has no room for more");
    keep(core, locked, user, {true, wanted, std::move(next), element_of("block", wanted)}, std::move(work), answer);
}

// `wanted`: empty for all.
void remove(Core &core, LockedDirectory &locked, User &user, Addresses wanted, Work work, const Answer &answer)
{
    const bool all = wanted.empty();
    if (all)
        wanted = {user.blocklist.begin(), user.blocklist.end()};
    std::erase_if(wanted, [&](const std::string &address) { return !user.blocklist.contains(address); });
    if (wanted.empty())
        return answer.result(locked);
    Blocklist next = user.blocklist;
    for (const std::string &address : wanted)
        next.remove(address);
    std::string push = element_of("unblock", all ? Addresses{} : wanted);
    keep(core, locked, user, {false, std::move(wanted), std::move(next), std::move(push)}, std::move(work), answer);
}

std::size_t answer_bytes(Core &core, std::string_view id)
{
    LockedDirectory locked{core.directory};
    const Session *session = locked.session(id);
    return session == nullptr ? 0 : std::min(session->user->blocklist.bytes(), usual_list);
}

} // namespace

// By the storage thread, in its owner's turn, as a roster is (iq/roster.cpp).
void blocklist(Core &core, const Request &request, const Answer &answer)
{
    change_list(answer, answer_bytes(core, text(request.packet.from)),
                [answer, id = std::string{text(request.packet.from)}](LockedDirectory &locked, User &user, Work work) {
                    answer.change_stored(
                        locked, user, std::move(work), [](Storage &) { return true; },
                        [&user, answer, id](LockedDirectory &later, bool) {
                            Session *session = later.session(id);
                            if (session == nullptr)
                                return;
                            session->follows_blocklist = true;
                            answer.result_later(later, [list = user.blocklist](std::string &body) {
                                body = element_of("blocklist", list);
                            });
                        },
                        StorageUse::Kind::Reads);
                });
}

void block(Core &core, const Request &request, const Answer &answer)
{
    Addresses wanted;
    if (const auto fault = read_items(request, wanted))
        return answer.error(*fault);
    if (wanted.empty())
        return answer.error(Condition::BadRequest);
    change_list(answer, text(request.packet.body).size(),
                [&core, answer, wanted](LockedDirectory &locked, User &user, Work work) {
                    add(core, locked, user, wanted, std::move(work), answer);
                });
}

void unblock(Core &core, const Request &request, const Answer &answer)
{
    Addresses wanted;
    if (const auto fault = read_items(request, wanted))
        return answer.error(*fault);
    change_list(answer, text(request.packet.body).size(),
                [&core, answer, wanted](LockedDirectory &locked, User &user, Work work) {
                    remove(core, locked, user, wanted, std::move(work), answer);
                });
}

} // namespace jabberd::session_manager::iq
