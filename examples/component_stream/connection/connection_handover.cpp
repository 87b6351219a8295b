// SPDX-License-Identifier: LGPL-2.1-or-later
// A connection as a value, and from it.
#include "component_stream/connection/connection.h"

#include "dialect/element.h"
#include "xml/packet_text.h"

#include <deque>
#include <stdexcept>
#include <utility>

namespace jabberd::component_stream {

ConnectionState Connection::save() const
{
    ConnectionState state;
    state.endpoint = options_->key();
    state.fd = socket_.fd();
    state.tls = socket_.ssl();
    state.peer = peer_text_;
    state.stream = stream_.save();
    if (lane_)
        state.names = lane_->names();
    state.claimed = claimed_;
    state.outbox = outbox_.bytes();
    state.written = outbox_.written();
    for (const Outbox::Part &part : outbox_.parts()) {
        auto &saved = state.parts.emplace_back();
        saved.begin = part.begin;
        saved.end = part.end;
        xml::append_packet(saved.packet, part.packet.packet());
    }
    state.crossings = crossings_.all();
    if (dialect_)
        state.routes = dialect_->known();
    state.paused_by = {paused_by_.begin(), paused_by_.end()};
    state.in = figures_.in;
    state.out = figures_.out;
    state.returned = figures_.returned;
    state.since = figures_.since;
    state.connecting = socket_.connecting();
    return state;
}

// The descriptor is the last to be taken: until then nothing has changed.
Connection::Connection(Around &around, ConnectionOwner &owner, std::shared_ptr<const EndpointOptions> options,
                       ConnectionState state)
    : around_(around)
    , owner_(owner)
    , options_(std::move(options))
    , socket_(around.loop, *this, state.connecting)
    , peer_text_(state.peer)
    , stream_(*options_, around.host.id, *this, {})
    , last_write_(around.loop.now())
{
    std::deque<Outbox::Part> parts;
    std::size_t waiting = 0, last = 0;
    for (ConnectionState::Part &part : state.parts) {
        if (part.begin < last || part.end < part.begin || part.end > state.outbox.size())
            throw std::runtime_error{"a packet that waits is not among the bytes that do"};
        last = part.end;
        OwnedPacket packet = dialect::packet_of(part.packet);
        waiting += packet.bytes();
        parts.push_back({part.begin, part.end, std::move(packet)});
    }
    if (state.written > state.outbox.size())
        throw std::runtime_error{"more is written than there is"};
    outbox_.restore(std::move(state.outbox), state.written, std::move(parts));
    stream_.restore(std::move(state.stream));
    for (Crossings::Crossing &crossing : state.crossings)
        crossings_.restore(std::move(crossing));
    paused_by_ = {state.paused_by.begin(), state.paused_by.end()};
    figures_.in = state.in;
    figures_.out = state.out;
    figures_.returned = state.returned;
    figures_.since = state.since;
    claimed_ = std::move(state.claimed);
    lost_ = stream_.state() == Stream::State::Ended;
    wrong_secret_ = stream_.state() == Stream::State::Refused;
    if (!state.names.empty()) {
        take_names(std::move(state.names));
        lane_->restore(waiting);
        if (dialect_)
            dialect_->restore(std::move(state.routes));
    }
    socket_.take_over(UniqueFd{state.fd}, tls::SslPtr{static_cast<SSL *>(state.tls)});
}

// What was a deadline begins anew: a peer that waits for its answer has not been told less than before.
void Connection::wake()
{
    const Time now = around_.loop.now();
    socket_.set_options(options_->keepalive);
    if (open())
        around_.loop.timers().set(keepalive_, now + options_->keepalive);
    else
        around_.loop.timers().set(deadline_, now + options_->authtime);
    if (!watch())
        return abandon();
    update();
    drain();
    flush();
}

void Connection::relinquish()
{
    socket_.relinquish();
    if (lane_)
        around_.directory.remove(*lane_);
    lane_ = nullptr;
    claimed_.clear();
    lost_ = done_ = true;
}

void Connection::use(std::shared_ptr<const EndpointOptions> options)
{
    options_ = std::move(options);
    stream_.use(*options_);
}

} // namespace jabberd::component_stream
