// SPDX-License-Identifier: LGPL-2.1-or-later
// A connection as a value, and back (include/jabberd/snapshot.h): that of its rooms, and its own. What attach() and
// wake() do is all that it has to do anew.
#include "connection/connection.h"

#include "connection/snapshot_values.h"
#include "websocket/framing.h"

#include <jabberd/snapshot.h>

#include <stdexcept>

namespace jabberd::connection {

namespace {

using stream::StreamState;

std::uint32_t to_snapshot(StreamState state)
{
    switch (state) {
    case StreamState::WaitForStream: return JABBERD_STREAM_HEADER_DUE;
    case StreamState::Open: return JABBERD_STREAM_OPEN;
    case StreamState::WaitForTls: return JABBERD_STREAM_TLS_DUE;
    case StreamState::Closing:
    case StreamState::Disconnected: break; // the second is not frozen
    }
    return JABBERD_STREAM_CLOSING;
}

StreamState from_snapshot(std::uint32_t state)
{
    switch (state) {
    case JABBERD_STREAM_HEADER_DUE: return StreamState::WaitForStream;
    case JABBERD_STREAM_OPEN: return StreamState::Open;
    case JABBERD_STREAM_TLS_DUE: return StreamState::WaitForTls;
    default: return StreamState::Closing;
    }
}

net::SocketAddress client_address(const std::string &text)
{
    if (const auto address = net::SocketAddress::from_string(text))
        return *address;
    throw std::runtime_error{"a client's address that is none: " + text};
}

} // namespace

handover::ConnectionState Connection::freeze() const
{
    handover::ConnectionState state;
    state.client = from_.to_string();
    state.stream = to_snapshot(state_);
    state.since = nanoseconds(since_);
    socket_.save(state);
    incoming_.save(state);
    outgoing_.save(state);
    deadlines_.save(state);
    conversation_.save(state);
    if (management_ != nullptr)
        management_->save(state, conversation_.taken());
    if (inactivity_ != nullptr)
        inactivity_->save(state);
    if (messages_ != nullptr)
        messages_->save(state);
    // The successor does not know what the client has read so far: it looks for progress from its own beginning on.
    if (deadlines_.has(Deadline::Progress) && outgoing_.has_progressed(socket_.fd()))
        state.read_by = nanoseconds(around_.now() + patience);
    return state;
}

// Socket and SSL are ours only when nothing throws any more, so what has taken them is made last.
Connection::Connection(Surroundings &around, const handover::ConnectionState &state, Socket *socket)
    : around_(around)
    , from_(client_address(state.client))
    , incoming_(around.options->limits, around.now())
    , outgoing_(stream::one_document(), around.now())
    , conversation_(*this)
    , since_(time_of(state.since))
    , share_(around.shared.address_caps.restore(from_))
    , state_(from_snapshot(state.stream))
{
    conversation_.restore(state);
    if ((state_ == StreamState::Open || state_ == StreamState::WaitForTls) && conversation_.session() == nullptr)
        throw std::runtime_error{"an open stream to nobody"};
    if (state.websocket != 0)
        messages_ = std::make_unique<Messages>(state);
    if (messages_ != nullptr && messages_->is_open())
        outgoing_.use(websocket::one_element_a_message());
    incoming_.restore(state, conversation_.rules(), around.parsers);
    deadlines_.restore(state);
    const bool begun = incoming_.unfinished() || (messages_ != nullptr && messages_->begun());
    if (begun && !deadlines_.has(Deadline::Element)) // its predecessor has no such deadline
        deadlines_.set(Deadline::Element, around.now() + options().stanzatime);
    outgoing_.restore(around.queues, state);
    if (state.inactive)
        inactivity_ = std::make_unique<Inactivity>(state);
    if (state.managed)
        management_ = std::make_unique<Management>(state);
    socket_ =
        socket != nullptr ? std::move(*socket) : Socket{state, around.certificates, options().websocket.has_value()};
    ++around.shared.connections;
    account();
}

void Connection::wake()
{
    if (state_ == StreamState::Disconnected)
        return;
    if (!outgoing_.empty() || state_ == StreamState::WaitForTls || state_ == StreamState::Closing)
        around_.owner.flush_later(*this); // also for a close_notify that found no room
    resume_host();
    if (management_ != nullptr && state_ == StreamState::Open)
        expect_acknowledgement();
    if (state_ == StreamState::WaitForStream || state_ == StreamState::Open)
        go_on();
    if (socket_.needs_a_call())
        read();
}

} // namespace jabberd::connection
