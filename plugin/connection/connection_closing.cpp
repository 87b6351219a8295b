// SPDX-License-Identifier: LGPL-2.1-or-later
// The ways out: our error, the client's end, a dead socket.
#include "connection/connection.h"

#include "base/random.h"

#include <string>

namespace jabberd::connection {

namespace {

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
    if (state_ == StreamState::WaitForStream)
        outgoing_.header(around_.queues, {}, {}, random_id());
    std::string last_words;
    stream::append_stream_error(last_words, error);
    outgoing_.element(around_.queues, last_words);
    begin_closing(std::string{stream::name(error.condition)}.append(": ").append(error.text));
}

void Connection::begin_closing(std::string_view reason)
{
    if (over())
        return;
    state_ = StreamState::Closing;
    incoming_.stop();
    outgoing_.close(around_.queues);
    queued();
    deadlines_.clear(Deadline::Features);
    deadlines_.clear(Deadline::Element); // nothing is offered or expected any more
    set_deadline(Deadline::End, around_.now() + linger);
    log_end(reason);
    conversation_.end();
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
    if (conversation_.bound())
        outgoing_.return_stanzas(around_.host(), address(), around_.parsers, around_.counters);
    conversation_.return_early();
    outgoing_.forget();
    account();
    around_.owner.retire(*this);
}

void Connection::log_end(std::string_view reason)
{
    const bool bound = conversation_.bound();
    const std::string client = from_.to_string();
    const std::string who = bound ? std::string{conversation_.sto()} + " (" + client + ")" : client;
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(around_.now() - since_);
    around_.host().log(JABBERD_LOG_INFO,
                       who + (bound ? " disconnected: " : " disconnected before login: ") + std::string{reason},
                       {{"SESSION", conversation_.sto()},
                        {"CONNECTION", address()},
                        {"CLIENT", client},
                        {"REASON", reason},
                        {"BYTES_IN", std::to_string(incoming_.bytes())},
                        {"BYTES_OUT", std::to_string(outgoing_.bytes())},
                        {"STANZAS_IN", std::to_string(incoming_.stanzas())},
                        {"STANZAS_OUT", std::to_string(outgoing_.stanzas())},
                        {"SECONDS", std::to_string(age.count())}});
}

} // namespace jabberd::connection
