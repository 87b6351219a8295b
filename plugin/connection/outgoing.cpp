// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/outgoing.h"

#include "connection/snapshot_values.h"
#include "xml/packet_text.h"

namespace jabberd::connection {

namespace {

// Of how many times its queue a client may be behind that reads slowly, but does.
constexpr std::size_t budgets_of_a_slow_client = 4;

// Written for one client before others have their turn.
constexpr std::uint64_t most_at_once = 262144;

} // namespace

void Outgoing::ask_written(std::string_view sfrom)
{
    queue_->mark(sfrom);
}

net::OutQueue &Outgoing::queue(net::QueuePool &queues)
{
    if (!queue_)
        queue_ = queues.borrow();
    return *queue_;
}

template <typename Append>
void Outgoing::append(net::QueuePool &queues, const Append &append)
{
    std::string bytes;
    append(bytes);
    queue(queues).append(bytes);
}

void Outgoing::header(net::QueuePool &queues, const xml::StreamHeader &header, std::string_view from,
                      std::string_view stream_id)
{
    append(queues, [&](std::string &out) { framing_->append_header(out, header, from, stream_id); });
}

void Outgoing::element(net::QueuePool &queues, std::string_view xml)
{
    append(queues, [&](std::string &out) {
        out = xml;
        framing_->enclose(out, 0);
    });
}

void Outgoing::close(net::QueuePool &queues)
{
    append(queues, [&](std::string &out) { framing_->append_close(out); });
}

void Outgoing::keepalive(net::QueuePool &queues)
{
    append(queues, [&](std::string &out) { framing_->append_keepalive(out); });
}

void Outgoing::unframed(net::QueuePool &queues, std::string_view bytes)
{
    queue(queues).append(bytes);
}

void Outgoing::stanza(net::QueuePool &queues, const jabberd_packet &packet, std::string_view sfrom,
                      Management *management, const config::StreamManagement &limits)
{
    std::string &bytes = queue(queues).begin_stanza();
    const std::size_t begin = bytes.size();
    xml::append_packet(bytes, packet);
    if (management != nullptr)
        management->sent(queues, std::string_view{bytes}.substr(begin), sfrom, limits);
    framing_->enclose(bytes, begin);
    queue_->end_stanza(sfrom);
}

void Outgoing::again(net::QueuePool &queues, const net::OutQueue &stanzas)
{
    for (const net::OutQueue::Piece &piece : stanzas.pieces()) {
        std::string &bytes = queue(queues).begin_stanza();
        const std::size_t begin = bytes.size();
        bytes += piece.bytes;
        if (!piece.bytes.empty())
            framing_->enclose(bytes, begin);
        queue_->end_stanza(piece.sfrom);
    }
}

Outgoing::Written Outgoing::write(Socket &socket, net::QueuePool &queues, Counters &counters, Time now)
{
    const std::uint64_t enough = bytes_ + most_at_once;
    while (queue_ && !queue_->empty()) {
        if (bytes_ >= enough)
            return Written::Some;
        const net::Moved moved = socket.write(queue_->unwritten());
        if (socket.write_blocked())
            return Written::Blocked;
        if (moved.outcome != net::Outcome::Progress)
            return Written::Lost;
        const auto [whole, marks] = queue_->wrote(moved.bytes);
        answers_ += marks;
        stanzas_ += whole;
        bytes_ += moved.bytes;
        counters.stanzas_out.add(whole);
        counters.bytes_out.add(moved.bytes);
        last_write_ = now;
    }
    if (queue_)
        queues.give_back(std::move(queue_));
    return Written::All;
}

// Only a client that is behind with reading pays for what is not read. One large stanza, such as a roster, is no
// evidence that it does not read: at the ends of the queue it costs nothing, in between no more than the budget.
// Progress is evidence that it does. So there is room for what piles up, more of it while there is memory, as long as
// the client makes progress.
bool Outgoing::too_far_behind(const config::Limits &limits, std::size_t memory) const
{
    const std::size_t room = limits.queue * (memory > limits.memory / 2 ? std::size_t{1} : budgets_of_a_slow_client);
    return queue_->between() > room && queue_->between(limits.queue) > room;
}

bool Outgoing::over_budget(const Socket &socket, const config::Limits &limits) const
{
    return socket.write_blocked() && size() > limits.queue;
}

bool Outgoing::expect_progress(const Socket &socket, const config::Limits &limits)
{
    const bool expected = over_budget(socket, limits);
    if (expected)
        note_progress(socket.fd());
    return expected;
}

void Outgoing::note_progress(int fd)
{
    written_before_ = bytes_;
    unacknowledged_before_ = net::unacknowledged(fd);
}

// What the kernel takes tells in large steps only; what the client's kernel has got, in small ones.
bool Outgoing::has_progressed(int fd) const
{
    return bytes_ != written_before_ || net::unacknowledged(fd) < unacknowledged_before_;
}

std::unique_ptr<net::OutQueue> Outgoing::take_stanzas(const net::OutQueue *sent)
{
    if (queue_ == nullptr && sent == nullptr)
        return nullptr;
    auto all = std::make_unique<net::OutQueue>();
    const auto written = sent == nullptr ? std::vector<net::OutQueue::Piece>{} : sent->pieces();
    auto next = written.begin();
    std::size_t unwritten = queue_ ? queue_->stanzas() - queue_->marks() : 0;
    const auto append_sent = [&] { all->restore(*next++); };
    while (static_cast<std::size_t>(written.end() - next) > unwritten)
        append_sent();
    if (queue_) {
        queue_->take_back([&](std::string_view stanza, std::string_view sfrom) {
            if (stanza.empty())
                return all->mark(sfrom);
            // Before the client was told that its stream is managed there were others.
            if (static_cast<std::size_t>(written.end() - next) == unwritten--)
                return append_sent();
            all->begin_stanza() += framing_->element(stanza);
            all->end_stanza(sfrom);
        });
        queue_.reset();
    }
    return all;
}

void Outgoing::save(handover::ConnectionState &state) const
{
    if (queue_) {
        for (const net::OutQueue::Piece &piece : queue_->pieces())
            state.queued.push_back(
                {std::string{piece.bytes}, static_cast<std::uint32_t>(piece.written), std::string{piece.sfrom}});
    }
    state.last_write = nanoseconds(last_write_);
    state.bytes_out = bytes_;
    state.stanzas_out = stanzas_;
}

void Outgoing::restore(net::QueuePool &queues, const handover::ConnectionState &state)
{
    for (const auto &piece : state.queued)
        queue(queues).restore({piece.bytes, piece.written, piece.sfrom.empty() ? std::string_view{} : piece.sfrom});
    last_write_ = time_of(state.last_write);
    bytes_ = state.bytes_out;
    stanzas_ = state.stanzas_out;
    if (state.read_by != 0)
        note_progress(state.fd);
}

} // namespace jabberd::connection
