// SPDX-License-Identifier: LGPL-2.1-or-later
// The ways out: our error, the client's end, a dead socket; and what is then owed to the session manager.
#include "connection/connection.h"

#include "base/random.h"
#include "base/view.h"
#include "connection/worker.h"
#include "packet/notice.h"
#include "packet/stanza_rules.h"
#include "stream/header.h"

#include <utility>

namespace jabberd::connection {

namespace {

using stream::StreamError;

// How long a client may take to read our last words and close. Closing at once would send a reset, which takes the
// words with it.
constexpr Duration linger = std::chrono::seconds{3};

} // namespace

void Connection::end(const StreamError &error)
{
    if (state_ == State::Ending || state_ == State::Closed)
        return;
    if (state_ == State::Proceeding || (secure() && !tls_->handshake_done()))
        return lost(error.text); // nothing can be said here
    std::string last_words;
    if (state_ == State::Opening)
        stream::append_answer(last_words, {}, {}, random_id());
    stream::append_stream_error(last_words, error);
    queue().append(last_words);
    begin_ending(std::string{stream::name(error.condition)}.append(": ").append(error.text));
}

void Connection::begin_ending(std::string_view reason)
{
    if (state_ == State::Ending || state_ == State::Closed)
        return;
    state_ = State::Ending;
    if (feeding_ != nullptr)
        feeding_->stop();
    parser_.reset();
    queue().append(stream::closing_tag);
    queued();
    give_up_ = worker_.loop().now() + linger;
    answer_by_ = finish_by_ = never; // nothing is offered or expected any more
    arm();
    log_end(reason);
    tell_session_manager();
}

void Connection::lost(std::string_view reason)
{
    if (state_ == State::Closed)
        return;
    if (state_ != State::Ending)
        log_end(reason);
    close();
}

void Connection::close()
{
    state_ = State::Closed;
    if (feeding_ != nullptr)
        feeding_->stop();
    if (watched_events_ != 0)
        worker_.loop().unwatch(watch_, transport_->fd());
    cancel();
    tell_session_manager();
    return_unwritten();
    for (const OwnedPacket &packet : std::exchange(early_, {}))
        worker_.plant().host.return_packet(packet.packet());
    parser_.reset();
    queue_.reset();
    account();
    worker_.retire(*this);
}

void Connection::tell_session_manager()
{
    if (session_ended_)
        held_.clear(); // nobody is left to take it
    if (session_ended_ || !session_)
        return;
    session_ended_ = true; // before the calls: they may come back to us
    if (!session_->authenticated()) {
        if (auto abort = session_->abandon())
            deliver(std::move(*abort));
        return;
    }
    deliver_held(true); // the client sent these before it went
    worker_.plant().host.deliver(packet::disconnected_notice(session_->sto(), session_->address()));
}

// The session manager redelivers what comes back, or stores it: this is how nothing is lost.
void Connection::return_unwritten()
{
    if (!bound() || !queue_)
        return;
    const std::unique_ptr<net::OutQueue> queue = std::move(queue_);
    class Return final : public xml::Events {
    public:
        Return(Worker &worker, std::string_view address) : worker_(worker), address_(address) {}
        std::string_view sfrom;

    private:
        void on_stream_header(const xml::StreamHeader &) override {}
        void on_stream_end() override {}
        void on_stanza(const xml::Stanza &stanza) override
        {
            worker_.counters().returned.add(1);
            jabberd_packet packet = stanza.packet;
            packet.sto = view(address_);
            packet.sfrom = view(sfrom);
            worker_.plant().host.return_packet(packet);
        }
        Worker &worker_;
        std::string_view address_;
    } events{worker_, session_->address()};

    auto parser = worker_.parsers().borrow(xml::usual_primer);
    queue->take_back([&](std::string_view stanza, std::string_view sfrom) {
        events.sfrom = sfrom;
        parser->feed(stanza, packet::stanza_rules(from_host), events); // our own canonical bytes: they parse
    });
    worker_.parsers().give_back(std::move(parser), xml::usual_primer);
}

void Connection::log_end(std::string_view reason)
{
    const std::string client = from_.to_string();
    const std::string who = bound() ? std::string{session_->sto()} + " (" + client + ")" : client;
    const std::string age =
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(worker_.loop().now() - since_).count());
    worker_.plant().host.log(JABBERD_LOG_INFO,
                             who + (bound() ? " disconnected: " : " disconnected before login: ") + std::string{reason},
                             {{"SESSION", session_ ? session_->sto() : std::string_view{}},
                              {"CONNECTION", address()},
                              {"CLIENT", client},
                              {"REASON", reason},
                              {"BYTES_IN", std::to_string(bytes_in_)},
                              {"BYTES_OUT", std::to_string(bytes_out_)},
                              {"STANZAS_IN", std::to_string(stanzas_in_)},
                              {"STANZAS_OUT", std::to_string(stanzas_out_)},
                              {"SECONDS", age}});
}

} // namespace jabberd::connection
