// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/deliveries.h"

#include "base/address.h"
#include "base/view.h"
#include "connection/snapshot_values.h"

namespace jabberd::connection {

namespace {

// Where the packet goes. All that goes to the host has sto.
bool is_full(const HostLink &host, const jabberd_packet &packet)
{
    return host.any_full() && host.full(split_address(text(packet.sto)).host);
}

bool is_stanza(const jabberd_packet &packet)
{
    return !present(packet.xmlns);
}

} // namespace

std::uint32_t Deliveries::kept() const
{
    std::uint32_t count = 0;
    kept_.for_each([&](const jabberd_packet &packet) { count += is_stanza(packet); });
    return count;
}

// Counted before the call: what comes of it may ask for the number.
void Deliveries::give(HostLink &host, const jabberd_packet &packet)
{
    taken_ += is_stanza(packet);
    host.deliver(packet);
}

void Deliveries::deliver(HostLink &host, session::Outbound &outbound)
{
    const jabberd_packet &packet = outbound.packet();
    if (!kept_.empty() || is_full(host, packet))
        kept_.push_back(OwnedPacket{packet});
    else
        give(host, packet);
}

void Deliveries::deliver_kept(HostLink &host, bool also_when_full)
{
    while (!kept_.empty() && (also_when_full || !is_full(host, kept_.front().packet()))) {
        // Taken out before the call: it may come back to us, end the connection, and with it deliver the rest.
        const OwnedPacket packet = kept_.take_front();
        give(host, packet.packet());
    }
}

void Deliveries::end(HostLink &host, session::Session &session, packet::Ended how)
{
    if (ended_)
        return void(kept_.take()); // nothing is left that could take it
    ended_ = true;                 // before the calls: they may come back to us
    if (!session.authenticated()) {
        if (auto abort = session.abandon())
            deliver(host, *abort);
        if (!session.wants_end())
            return;
    }
    deliver_kept(host, true);
    if (session.wants_end())
        host.deliver(packet::EndNotice{session.sto(), session.address(), how}.packet());
    else
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
