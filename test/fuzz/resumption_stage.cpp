// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/resumption_stage.h"

#include "base/owned_packet.h"
#include "base/view.h"
#include "handover/snapshot.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <variant>

namespace jabberd::fuzz {

namespace {

using workers::Worker;

constexpr unsigned loops = 2;
constexpr char session_id[] = "alice@foo.com/r";

jabberd_packet packet(std::string_view name, std::string_view sfrom, std::string_view sto)
{
    jabberd_packet out{};
    out.size = sizeof out;
    out.name = view(name);
    out.sfrom = view(sfrom);
    out.sto = view(sto);
    return out;
}

unsigned number_of(const jabberd_packet &stanza)
{
    return static_cast<unsigned>(std::stoul(std::string{text(stanza.id)}));
}

} // namespace

ResumptionStage::ResumptionStage()
{
    host_.size = sizeof host_;
    host_.host_data = this;
    host_.deliver = [](const jabberd_host *host, const jabberd_packet *delivered) {
        return static_cast<ResumptionStage *>(host->host_data)->deliver(*delivered);
    };
    host_.log = [](const jabberd_host *, const jabberd_log_record *) {};
    options_->host = "c2s";
    options_->threads = loops;
    options_->stream_management.stanzas = 30;
    begin();
}

void ResumptionStage::begin()
{
    shared_ = std::make_unique<connection::Shared>(host_, clock_, loops);
    for (unsigned number = 0; number < loops; ++number)
        workers_.push_back(std::make_unique<Worker>(*shared_, options_, number, loops));
}

void ResumptionStage::turn()
{
    for (int i = 0; i < 6; ++i) {
        for (const auto &worker : workers_)
            worker->loop().turn(false);
        if (!full_ && std::exchange(was_full_, false)) {
            shared_->host.resumed();
            for (const auto &worker : workers_)
                worker->run([&worker = *worker] { worker.resume_host(); });
        }
    }
}

void ResumptionStage::pass(Duration duration)
{
    clock_.pass(duration);
    turn();
}

UniqueFd ResumptionStage::dial(unsigned worker)
{
    std::array<int, 2> ends;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return {};
    ++shared_->connections;
    shared_->address_caps.admit({}, 0, {.per_second = 0, .burst = 0}, clock_.now());
    workers_[worker % loops]->adopt({UniqueFd{ends[1]}, {}});
    turn();
    return UniqueFd{ends[0]};
}

void ResumptionStage::give(unsigned number)
{
    const std::string id = std::to_string(number);
    jabberd_packet message = packet("message", session_id, connection);
    message.id = view(id);
    receive(message);
    turn();
}

void ResumptionStage::swap()
{
    while (std::ranges::count_if(workers_, [](const auto &worker) { return worker->run_posted(); }) > 0) {
    }
    handover::State state;
    state.host = "c2s";
    state.epoch = shared_->epoch;
    state.full = shared_->host.any_full();
    state.full_names = shared_->host.full_names();
    for (const auto &worker : workers_)
        worker->freeze(state);
    const handover::Snapshot snapshot{state};
    auto old_workers = std::exchange(workers_, {});
    const auto old_shared = std::exchange(shared_, {});
    begin();
    const auto read = handover::read_snapshot(snapshot.abi());
    if (const auto *reason = std::get_if<std::string>(&read))
        wrong = "a snapshot is refused: " + *reason;
    else
        take_over(std::get<handover::State>(read));
    for (const auto &worker : old_workers)
        worker->relinquish();
    old_workers.clear();
    for (const auto &worker : workers_)
        worker->run([&worker = *worker] { worker.wake(); });
    turn();
}

void ResumptionStage::take_over(const handover::State &state)
{
    shared_->epoch = state.epoch;
    if (state.full)
        shared_->host.begin_full(state.full_names);
    for (const auto &worker : workers_)
        worker->begin_at(state.next_token);
    for (const handover::ConnectionState &one : state.connections) {
        const auto place = workers::place_of(parse_connection_address(one.address).value(), loops);
        workers_[place.worker]->thaw(place.slot, one);
    }
    for (const handover::NotResumedState &one : state.not_resumed) {
        for (const auto &worker : workers_)
            worker->remember(one);
    }
    for (const auto &worker : workers_)
        worker->attach();
}

void ResumptionStage::receive(const jabberd_packet &packet)
{
    const auto place = workers::place_of(parse_connection_address(text(packet.sto)).value(), loops);
    workers_[place.worker]->receive(place.slot, packet, false);
}

jabberd_delivery ResumptionStage::deliver(const jabberd_packet &delivered)
{
    const std::string_view name = text(delivered.name);
    if (name == "iq" || name == "auth")
        answer(delivered);
    else if (text(delivered.type) == "error")
        take_error(delivered);
    else if (text(delivered.sfrom) != connection || text(delivered.sto) != session_id)
        wrong = "a stanza of another connection than the session's";
    else
        heard.push_back(number_of(delivered));
    was_full_ = was_full_ || full_;
    return full_ ? JABBERD_FULL : JABBERD_DELIVERED;
}

// What to offer, SASL, and binding.
void ResumptionStage::answer(const jabberd_packet &question)
{
    const bool is_login = text(question.name) == "auth";
    const bool binds = text(question.body).find("xmpp-bind") != std::string_view::npos;
    const bool is_known = text(question.sto).find('@') != std::string_view::npos;
    const std::string_view from = binds ? session_id : is_login ? "alice@foo.com" : "foo.com";
    jabberd_packet result = packet(is_login ? "success" : "iq", from, text(question.sfrom));
    result.id = question.id;
    if (is_login)
        result.xmlns = question.xmlns;
    else
        result.type = view("result");
    if (!is_login && !binds)
        result.body =
            view(is_known ? "<query xmlns='jabber:iq:stream-features'/>"
                          : "<query xmlns='jabber:iq:stream-features'><mechanisms "
                            "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>X</mechanism></mechanisms></query>");
    if (binds)
        connection = text(question.sfrom);
    const OwnedPacket kept{result};
    receive(kept.packet());
}

void ResumptionStage::take_error(const jabberd_packet &error)
{
    if (text(error.sto) == "alice@foo.com" && text(error.sfrom) != connection)
        return; // the end of a login that was for a resumption
    if (text(error.sfrom) != connection)
        wrong = "an error of a connection that the session does not have";
    else if (present(error.id) && !ended)
        wrong = "a stanza comes back before the end";
    else if (present(error.id))
        returned.push_back(number_of(error));
    else if (std::exchange(ended, true))
        wrong = "the end is told twice";
}

} // namespace jabberd::fuzz
