// SPDX-License-Identifier: LGPL-2.1-or-later
// What a connection's session manager is still to be given, in order, and the one notice of the end that it is owed.
#pragma once

#include "base/packet_list.h"
#include "connection/host_link.h"
#include "handover/state.h"
#include "packet/notice.h"
#include "session/session.h"

#include <cstdint>

namespace jabberd::connection {

// An answer may come back before deliver(), resume() or end() returns.
class Deliveries {
public:
    // Gives it to the host, or keeps it while its session manager is full.
    void deliver(HostLink &host, session::Outbound &outbound);

    // How many stanzas the host was given, of all that there ever were (the number wraps), and how many are kept.
    std::uint32_t taken() const { return taken_; }
    std::uint32_t kept() const;

    // A session manager has room again.
    void resume(HostLink &host) { deliver_kept(host, false); }

    // The session manager has said itself that the session has ended, or knows by our 510: none is owed.
    void note_ended() { ended_ = true; }

    // Says that the session has ended, unless that is known: once, and by a 510 if the session manager knew of a login,
    // or wants to know of connections without one. What the client sent before is delivered before.
    void end(HostLink &host, session::Session &session, packet::Ended how = packet::Ended::Lost);

    void save(handover::ConnectionState &state) const;
    void restore(const handover::ConnectionState &state); // throws std::runtime_error

private:
    void give(HostLink &host, const jabberd_packet &packet);
    void deliver_kept(HostLink &host, bool also_when_full);

    PacketList kept_; // while the session manager's side is full
    std::uint32_t taken_ = 0;
    bool ended_ = false;
};

} // namespace jabberd::connection
