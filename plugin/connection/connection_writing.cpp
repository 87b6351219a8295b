// SPDX-License-Identifier: LGPL-2.1-or-later
// The half that writes, and the memory that both halves hold.
#include "connection/connection.h"

#include "base/address.h"
#include "base/view.h"
#include "connection/relief.h"
#include "stream/namespaces.h"

#include <algorithm>
#include <new>
#include <utility>

namespace jabberd::connection {

namespace {

// Of what a client is answered it pays for one byte in so many: a client that has just logged in asks for a roster and
// for pictures, some megabytes in all.
constexpr std::size_t answered_per_byte = 8;

// More than this is not kept until the end of the turn: a client that is sent a megabyte in one turn is not behind with
// reading, yet.
constexpr std::size_t write_at_once = 65536;

// What the session manager itself answers. Those who answer for themselves have a resource.
bool is_answer(const jabberd_packet &packet)
{
    const std::string_view type = text(packet.type);
    return text(packet.name) == "iq" && (type == "result" || type == "error") &&
           split_address(text(packet.from)).resource.empty();
}

} // namespace

void Connection::write_header(const xml::StreamHeader &header, std::string_view host, std::string_view id)
{
    outgoing_.header(around_.queues, header, host, id);
    queued();
}

void Connection::write(std::string_view element)
{
    outgoing_.element(around_.queues, element);
    queued();
}

void Connection::write(const jabberd_packet &stanza, std::string_view sfrom)
{
    if (inactivity_ != nullptr) {
        jabberd_packet packet = stanza;
        packet.sfrom = view(sfrom);
        if (inactivity_->keep(packet))
            return account();
        write_kept();
    }
    write_stanza(stanza, sfrom);
}

// What an inactive client was not sent yet.
void Connection::write_kept()
{
    if (inactivity_ == nullptr)
        return;
    for (const OwnedPacket &kept : inactivity_->take()) {
        jabberd_packet stanza = kept.packet();
        const std::string_view sfrom = text(stanza.sfrom);
        stanza.sfrom = {};
        write_stanza(stanza, sfrom);
    }
    account();
}

void Connection::write_stanza(const jabberd_packet &stanza, std::string_view sfrom)
{
    const std::size_t before = outgoing_.size();
    outgoing_.stanza(around_.queues, stanza, sfrom, management_.get(), options().stream_management);
    if (management_ != nullptr)
        note_sent();
    if (is_answer(stanza))
        incoming_.charge_bytes(options().limits, (outgoing_.size() - before) / answered_per_byte, around_.now());
    queued();
    if (!socket_.write_blocked() && outgoing_.size() > write_at_once)
        flush();
    if (socket_.write_blocked() && !outgoing_.empty())
        charge();
}

// False: it is for the session manager, or for nobody.
bool Connection::take_client_state(const xml::Stanza &stanza)
{
    const std::string_view name = text(stanza.packet.name);
    if (text(stanza.packet.xmlns) != stream::ns::client_state || !conversation_.has_client_state() ||
        (name != "active" && name != "inactive"))
        return false;
    if (name == "active") {
        write_kept();
        inactivity_.reset();
    } else if (inactivity_ == nullptr) {
        inactivity_ = std::make_unique<Inactivity>();
    }
    account();
    return true;
}

void Connection::ask_written(std::string_view sfrom)
{
    if (outgoing_.empty())
        return conversation_.written();
    outgoing_.ask_written(sfrom);
}

void Connection::queued()
{
    if (socket_.write_blocked())
        account();
    around_.owner.flush_later(*this);
}

void Connection::charge()
{
    const config::Limits &limits = options().limits;
    if (outgoing_.too_far_behind(limits, around_.shared.memory.held())) {
        around_.counters.too_far_behind.add(1);
        cut("it does not read what it is sent");
    } else {
        expect_progress();
    }
}

// Only of what stays: a stanza that comes whole and is written in the same turn is never counted.
void Connection::account()
{
    const std::size_t held = outgoing_.held_bytes() + incoming_.held_bytes() +
                             (messages_ != nullptr ? messages_->held_bytes() : 0) +
                             (management_ != nullptr ? management_->held_bytes() : 0) +
                             (inactivity_ != nullptr ? inactivity_->held_bytes() : 0);
    const std::size_t before = std::exchange(accounted_, held);
    if (held < before)
        return share_.memory.give_back(before - held);
    if (held == before)
        return;
    share_.memory.hold(held - before);
    if (share_.memory.is_over() || around_.shared.memory.is_over())
        relieve(around_.shared, from_);
}

void Connection::expect_progress()
{
    if (!deadlines_.has(Deadline::Progress) && outgoing_.expect_progress(socket_, options().limits))
        set_deadline(Deadline::Progress, around_.now() + patience);
}

void Connection::keep_alive()
{
    const auto heartbeat = options().heartbeat;
    if (state_ != StreamState::Open || heartbeat.count() <= 0 || around_.now() - outgoing_.last_write() < heartbeat)
        return;
    outgoing_.touch(around_.now());
    if (!outgoing_.empty() || !conversation_.may_write_keepalive())
        return;
    outgoing_.keepalive(around_.queues);
    queued();
}

void Connection::flush()
{
    try {
        write_queue();
    } catch (const std::bad_alloc &) {
        out_of_memory();
    }
}

void Connection::write_queue()
{
    if (state_ == StreamState::Disconnected || socket_.write_blocked())
        return;
    const Outgoing::Written written = outgoing_.write(socket_, around_.queues, around_.counters, around_.now());
    for (unsigned answers = outgoing_.take_answers(); answers > 0; --answers)
        conversation_.written();
    switch (written) {
    case Outgoing::Written::Blocked:
        account();
        expect_progress();
        return watch();
    case Outgoing::Written::Lost: return cut("reset by the client, or unreachable for too long");
    case Outgoing::Written::Some: account(); return next_turn();
    case Outgoing::Written::All: break;
    }
    account();
    if (state_ == StreamState::Closing)
        socket_.shutdown_write();
    else if (state_ == StreamState::WaitForTls)
        begin_tls(tls::Mode::StartTls);
    watch();
}

} // namespace jabberd::connection
