// SPDX-License-Identifier: LGPL-2.1-or-later
// What follows from what a peer has sent, and from its end. [loop]
#include "link/hub.h"

#include "link/names.h"
#include "link/peer/ring_visit.h"
#include "link/say.h"
#include "packet/notice.h"
#include "packet/returned_packet.h"

#include <algorithm>
#include <utility>

namespace jabberd::link {

namespace {

constexpr std::string_view end_condition = "remote-connection-failed";
// Of peers that find us by themselves: with more, what each may send as a part of HubSettings::all_bytes would be less
// than two frames.
constexpr std::size_t most_found = 256;

// A trace may ask whose packets are being delivered.
struct During {
    During(const Link *&now, const Link *link) : now_(now) { now_ = link; }
    ~During() { now_ = nullptr; }
    During(const During &) = delete;
    During &operator=(const During &) = delete;
    const Link *&now_;
};

} // namespace

bool Hub::on_found(std::string_view peer)
{
    if (peer == self_.name)
        return false;
    if (link_of(peer) != nullptr)
        return true;
    Links more = *links();
    if (more.size() >= most_found)
        return false;
    const auto link = std::make_shared<Link>(std::string{peer}, self_, settings_.of_one(more.size() + 1));
    link->peer.tell_names(told_parts_, names_version_);
    more.push_back(link);
    set_links(std::move(more));
    say(host_, JABBERD_LOG_INFO, "found " + link->peer.name());
    return true;
}

bool Hub::on_gone(std::string_view peer)
{
    const auto link = link_of(peer);
    if (link == nullptr)
        return true;
    {
        const std::lock_guard lock{link->mutex};
        if (link->peer.established())
            return false;
    }
    Links fewer = *links();
    std::erase(fewer, link);
    set_links(std::move(fewer));
    say(host_, JABBERD_LOG_INFO, link->peer.name() + " was not heard of for long, and is forgotten");
    return true;
}

void Hub::settle(const std::shared_ptr<Link> &link, Outcome &outcome)
{
    const During delivering{delivering_, link.get()};
    for (const std::string &line : outcome.lines)
        say(host_, JABBERD_LOG_WARNING, line);
    if (outcome.given_up) {
        update_claims(link); // first: from here on the host returns what comes
        return_all(*link, *outcome.given_up);
    }
    if (outcome.established)
        say(host_, JABBERD_LOG_NOTICE,
            "link to " + link->peer.name() + " is up: " + carrier_->describe(link->peer.name()));
    if (outcome.established || outcome.names_changed)
        update_claims(link);
    update_congestion(*link);
    if (outcome.packets.empty())
        return;
    for (const std::string_view packet : outcome.packets)
        deliver(*link, packet);
    const std::lock_guard lock{link->mutex};
    link->peer.packets_taken();
}

void Hub::deliver(Link &link, std::string_view encoded)
{
    if (!decode(encoded, decoded_))
        return say(host_, JABBERD_LOG_WARNING, link.peer.name() + " has sent what is no packet, ignoring");
    {
        const std::lock_guard lock{link.mutex};
        link.peer.note_received(decoded_.packet);
    }
    const std::uint64_t before = resumes_;
    if (host_.deliver(&host_, &decoded_.packet) != JABBERD_FULL)
        return;
    // One resume() for whatever name came since: then it is tried again, and the next packet will tell.
    const std::lock_guard lock{link.mutex};
    if (resumes_ != before)
        return;
    link.full.insert(name_key(destination(decoded_.packet)));
    link.peer.hold(true);
}

void Hub::return_all(Link &link, const GivenUp &given_up)
{
    using packet::Undelivered;
    {
        const std::lock_guard lock{link.mutex};
        link.congested = link.peer.congested(); // its names are gone, and no sender waits for them
        link.full.clear();
    }
    std::uint64_t returned = 0, perhaps = 0, dropped = 0, ended = 0;
    const bool whole = given_up.ring.for_each([&](const jabberd_packet &packet, bool sent) {
        if (!packet::may_return(packet)) {
            ++dropped;
            return;
        }
        ++returned;
        perhaps += sent;
        const packet::ReturnedPacket back{packet, sent ? Undelivered::LinkLostMaybe : Undelivered::LinkLost};
        host_.deliver(&host_, &back.packet());
    });
    given_up.sessions.for_each([&](std::string_view connection, const Session &session) {
        if (session.socket == Side::Here) {
            const packet::EndNotice notice{
                connection, session.other, {end_condition, "The session manager cannot be reached"}};
            host_.deliver(&host_, &notice.packet());
            ++ended;
        } else if (is_logged_in(session)) {
            const jabberd_packet notice = packet::disconnected_notice(session.other, connection);
            host_.deliver(&host_, &notice);
            ++ended;
        }
    });
    link.returned += returned;
    link.ended += ended;
    say(host_, JABBERD_LOG_WARNING,
        "link to " + link.peer.name() + " given up: " + given_up.why + "; " + std::to_string(returned) +
            " packets returned, of which " + std::to_string(perhaps) + " may have been delivered, " +
            std::to_string(dropped) + " errors and answers dropped, " + std::to_string(ended) + " sessions ended" +
            (whole ? "" : "; what was left of the rest is no packet"));
}

} // namespace jabberd::link
