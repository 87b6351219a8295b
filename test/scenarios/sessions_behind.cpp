// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenarios/sessions_behind.h"

#include "base/address.h"
#include "base/view.h"

#include <stdexcept>
#include <utility>

namespace jabberd::test {

namespace {

std::string sessions_xml(const std::string &directory)
{
    return "<service id='sessions'><host>foo.com</host><sessions xmlns='jabber:config:session-manager'><database>" +
           directory +
           "accounts.db</database><register>yes</register><registrations per-hour='0'/><iterations>4096</iterations>"
           "</sessions></service>";
}

} // namespace

SessionsBehind::SessionsBehind(const std::string &session_manager_path, const std::string &directory, Stub &front)
    : front_(front), sessions_(session_manager_path, sessions_xml(directory))
{
    sessions_.set_reaction([this](const Delivered &delivered) { return answer(delivered); });
    if (!sessions_.create() || !sessions_.start())
        throw std::runtime_error("the session manager does not start");
    front_.set_reaction([this](const Delivered &delivered) { return take(delivered); });
}

bool SessionsBehind::take(const Delivered &delivered)
{
    const jabberd_packet &packet = delivered.packet.packet();
    if (split_address(text(packet.sto)).host != "foo.com" || delivered.text.find("<barrier>") != std::string::npos)
        return false; // a barrier is the stage's own (Stage::round_trip)
    return sessions_.give(packet) != JABBERD_PASS;
}

bool SessionsBehind::answer(const Delivered &delivered)
{
    const jabberd_packet &packet = delivered.packet.packet();
    if (!present(packet.sto))
        return false;
    {
        const std::lock_guard lock{mutex_};
        if (held_) {
            waiting_.emplace_back(packet);
            return true;
        }
        ++passing_;
    }
    front_.give(packet);
    {
        const std::lock_guard lock{mutex_};
        --passing_;
    }
    passed_.notify_all();
    return true;
}

void SessionsBehind::hold()
{
    std::unique_lock lock{mutex_};
    held_ = true;
    passed_.wait(lock, [this] { return passing_ == 0; });
}

void SessionsBehind::release()
{
    for (;;) {
        std::deque<OwnedPacket> next;
        {
            const std::lock_guard lock{mutex_};
            next.swap(waiting_);
            held_ = !next.empty();
            if (!held_)
                return;
        }
        for (const OwnedPacket &packet : next)
            front_.give(packet.packet());
    }
}

void SessionsBehind::settle()
{
    for (int turn = 0; turn < 2; ++turn) // through its storage, and once more for what came of that
        sessions_.status("");
}

} // namespace jabberd::test
