// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/deliveries.h"

#include "connection/snapshot_values.h"
#include "packet/notice.h"

namespace jabberd::connection {

void Deliveries::deliver(HostLink &host, session::Outbound &outbound)
{
    if (host.full() || !kept_.empty())
        kept_.push_back(OwnedPacket{outbound.packet()});
    else
        host.deliver(outbound.packet());
}

void Deliveries::deliver_kept(HostLink &host, bool also_when_full)
{
    while (!kept_.empty() && (also_when_full || !host.full())) {
        // Taken out before the call: it may come back to us, end the connection, and with it deliver the rest.
        const OwnedPacket packet = kept_.take_front();
        host.deliver(packet.packet());
    }
}

void Deliveries::end(HostLink &host, session::Session &session)
{
    if (ended_)
        return void(kept_.take()); // nothing is left that could take it
    ended_ = true;                 // before the calls: they may come back to us
    if (!session.authenticated()) {
        if (auto abort = session.abandon())
            deliver(host, *abort);
        return;
    }
    deliver_kept(host, true);
    host.deliver(packet::disconnected_notice(session.sto(), session.address()));
}

void Deliveries::save(handover::ConnectionState &state) const
{
    state.held = texts_of(kept_);
    state.ended = ended_;
}

void Deliveries::restore(const handover::ConnectionState &state)
{
    kept_ = packets_of(state.held);
    ended_ = state.ended;
}

} // namespace jabberd::connection
