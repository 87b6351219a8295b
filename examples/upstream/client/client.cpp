// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream/client/client.h"

#include "base/address.h"
#include "base/log.h"
#include "base/view.h"
#include "packet/namespaces.h"
#include "packet/notice.h"
#include "stream/stream_error.h"
#include "xml/packet_text.h"

#include <jabberd/session.h>

#include <system_error>
#include <utility>

namespace jabberd::upstream {

namespace {

constexpr std::chrono::milliseconds dial_again{500};

// What the socket manager has for an end that the server did not explain.
constexpr std::string_view away = "system-shutdown";

} // namespace

Client::Client(Around &around, ClientOwner &owner, std::string address)
    : around_(around), owner_(owner), address_(std::move(address))
{
}

// By what it is; and then by what may come in this phase.
void Client::receive(const jabberd_packet &packet)
{
    const std::string_view xmlns = text(packet.xmlns);
    if (text(packet.type) == "error" && packet::is_disconnected(packet))
        return notice(packet);
    if (xmlns == JABBERD_NS_WRITTEN && phase_ < Phase::Closing)
        return written();
    if (phase_ >= Phase::Leaving)
        return;
    if (phase_ != Phase::Bound || is_features_question(packet))
        return login_packet(packet);
    stanza_of_client(packet);
}

// As the server is to read it: without the route.
void Client::write(const jabberd_packet &packet)
{
    jabberd_packet plain = packet;
    plain.sto = plain.sfrom = {};
    std::string out;
    xml::append_packet(out, plain);
    link_->write(out);
    if (link_->unwritten() > around_.options->queue)
        link_->flush(); // what has come in this turn has not been tried yet
    if (link_->unwritten() > around_.options->queue)
        end("resource-constraint", "The server takes less than you send");
}

// While the host has no room for more, the server is not read from: what has been read is delivered all the same.
void Client::deliver(jabberd_packet packet, std::string_view sfrom)
{
    packet.size = sizeof packet;
    packet.sto = view(address_);
    packet.sfrom = view(sfrom);
    const std::uint64_t before = around_.resumes;
    if (around_.host.deliver(&around_.host, &packet) == JABBERD_FULL && around_.resumes == before && link_)
        link_->pause(true);
}

void Client::resume()
{
    if (link_ && phase_ < Phase::Leaving)
        link_->pause(false);
}

void Client::flush()
{
    if (link_)
        link_->flush();
}

void Client::dial()
{
    if (phase_ != Phase::Queued && phase_ != Phase::Dialling)
        return;
    if (phase_ == Phase::Queued)
        dialling_since_ = around_.loop.now();
    phase_ = Phase::Dialling;
    around_.loop.timers().set(alarm_, dialling_since_ + around_.options->patience);
    try {
        Caller who = caller();
        who.server = moved_to_;
        link_ = std::make_unique<Link>(around_, static_cast<LinkOwner &>(*this), std::move(who));
    } catch (const std::system_error &error) {
        lost({}, error.what());
    }
}

// The stream is open, for the first time or again.
void Client::features(std::string_view children)
{
    has_stream_management_ = has_stream_management(children);
    if (phase_ == Phase::Dialling) {
        phase_ = Phase::Login;
        around_.loop.timers().set(alarm_, around_.loop.now() + login_within);
        owner_.learn_offer(caller(), children);
        for (const OwnedPacket &packet : std::exchange(waiting_, {})) {
            if (link_ && phase_ != Phase::Over)
                note_login(packet.packet());
        }
        return flush();
    }
    if (question_.empty())
        offered_ = children;
    else
        answer_question(children);
}

// It has ended, or there never was one. A client that has sent nothing yet but its first word may wait.
void Client::lost(std::string_view condition, std::string_view why)
{
    if (phase_ == Phase::Over)
        return;
    const std::string words{why};
    if (phase_ >= Phase::Leaving)
        return be_over();
    if (phase_ == Phase::Dialling && condition != "host-unknown" &&
        around_.loop.now() + dial_again < dialling_since_ + around_.options->patience) {
        moved_to_.reset();
        around_.loop.timers().set(alarm_, around_.loop.now() + dial_again);
        return;
    }
    ++around_.counters.lost;
    write_log(around_.host, JABBERD_LOG_INFO, "the server has ended a connection",
              {{"CLIENT", address_}, {"SESSION", identity_}, {"CONDITION", condition}, {"REASON", words}});
    end(condition.empty() ? away : condition, condition.empty() ? "The server is away" : std::string_view{words});
}

// Before the login: behind it the client comes back, and is sent there again. Two servers that send it to each other do
// so for as long as one may be away.
bool Client::moved(const net::SocketAddress &where)
{
    if (phase_ != Phase::Dialling)
        return false;
    moved_to_ = where;
    around_.loop.timers().set(alarm_, around_.loop.now());
    return true;
}

// The client is told by a stream error.
void Client::end(std::string_view condition, std::string_view words)
{
    if (phase_ >= Phase::Leaving)
        return;
    const std::string sfrom = identity_.empty() ? host_ : identity_;
    packet::EndReason reason{condition, words};
    // A client that is not logged in has lost nothing, and may be served there.
    if (const std::string &elsewhere = around_.options->see_other_host;
        condition == away && phase_ < Phase::Bound && !elsewhere.empty())
        reason = {stream::name(stream::Condition::SeeOtherHost), words, elsewhere};
    const packet::EndNotice notice{address_, sfrom, reason};
    deliver(notice.packet(), sfrom);
    await_the_rest();
}

void Client::on_alarm()
{
    if (phase_ == Phase::Dialling) {
        const bool is_late = around_.loop.now() >= dialling_since_ + around_.options->patience;
        link_.reset();
        return is_late ? lost({}, "it does not answer in time") : dial();
    }
    if (phase_ == Phase::Login || phase_ == Phase::Authenticated)
        return end("connection-timeout", "No login in time");
    if (phase_ == Phase::Asking && !question_.empty())
        return lost({}, "it does not say what it offers");
    if (phase_ == Phase::Bound && acks_.owes())
        return ask_how_far();
    if (phase_ == Phase::Leaving)
        return leave();
    if (phase_ == Phase::Closing)
        be_over();
}

void Client::be_over()
{
    phase_ = Phase::Over;
    alarm_.cancel();
    owner_.is_over(*this);
}

void Client::shut_down()
{
    end(away, "The server is shutting down");
}

} // namespace jabberd::upstream
