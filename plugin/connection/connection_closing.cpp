// SPDX-License-Identifier: LGPL-2.1-or-later
// The ways out: our error, the client's end, a dead socket.
#include "connection/connection.h"

#include "base/random.h"
#include "connection/relief.h"
#include "connection/returning.h"

#include <new>
#include <string>

namespace jabberd::connection {

namespace {

using stream::Condition;
using stream::StreamError;

// How long a client may take to read our last words and close. Closing at once would send a reset, which takes the
// words with it.
constexpr Duration linger = std::chrono::seconds{3};

} // namespace

void Connection::end(const StreamError &error)
{
    if (over())
        return;
    if (state_ == StreamState::WaitForTls || socket_.in_handshake())
        return lost(error.text); // nothing can be said here
    if (messages_ != nullptr && !messages_->is_open())
        return refuse_request(error);
    if (state_ == StreamState::WaitForStream)
        outgoing_.header(around_.queues, {}, {}, random_id());
    write_error(error);
    begin_closing(std::string{stream::name(error.condition)}.append(": ").append(error.text));
}

void Connection::write_error(const StreamError &error)
{
    if (messages_ != nullptr)
        messages_->close_with(close_code_of(error.condition));
    std::string last_words;
    stream::append_stream_error(last_words, error);
    outgoing_.element(around_.queues, last_words);
}

// There is no stream yet that could have an error.
void Connection::refuse_request(const StreamError &error)
{
    const unsigned status = error.condition == Condition::ConnectionTimeout ? 408 : 503;
    answer_http(websocket::refusal_of({status, error.text}));
}

void Connection::begin_closing(std::string_view reason, packet::Ended how)
{
    if (over())
        return;
    be_closing();
    log_end(reason);
    account();
    conversation_.end(how);
}

void Connection::be_closing()
{
    state_ = StreamState::Closing;
    incoming_.stop();
    write_end();
    queued();
    deadlines_.clear(Deadline::Features);
    deadlines_.clear(Deadline::Element); // nothing is offered or expected any more
    deadlines_.clear(Deadline::Acknowledgement);
    set_deadline(Deadline::End, around_.now() + linger);
}

// Our last words would only add to what is not read.
void Connection::give_up_memory()
{
    try {
        if (outgoing_.held_bytes() > incoming_.held_bytes())
            lost("the clients of its address left too much unread, and it most");
        else
            end({Condition::ResourceConstraint, "Too much that is unfinished is held for clients of your address"});
    } catch (const std::bad_alloc &) {
        out_of_memory();
    }
}

// Its own parser is the first to go: what follows needs memory, too.
void Connection::out_of_memory()
{
    if (state_ == StreamState::Disconnected)
        return;
    incoming_.stop();
    around_.counters.out_of_memory.add(1);
    try {
        relieve_once(around_.shared);
        lost("out of memory");
    } catch (const std::bad_alloc &) { // without a word, then
        state_ = StreamState::Disconnected;
        socket_.unwatch(around_.loop);
        cancel();
        outgoing_.forget();
        account();
        around_.owner.retire(*this);
    }
}

void Connection::lost(std::string_view reason)
{
    if (state_ == StreamState::Disconnected)
        return;
    if (state_ != StreamState::Closing)
        log_end(reason);
    close();
}

void Connection::close()
{
    state_ = StreamState::Disconnected;
    incoming_.stop();
    socket_.unwatch(around_.loop);
    cancel();
    conversation_.end();
    if (conversation_.bound()) {
        if (const auto stanzas = take_stanzas())
            return_all(*stanzas, around_.host(), address(), around_.parsers, around_.counters);
    }
    conversation_.return_early();
    outgoing_.forget();
    account();
    around_.owner.retire(*this);
}

} // namespace jabberd::connection
