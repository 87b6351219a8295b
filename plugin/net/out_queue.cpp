// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/out_queue.h"

#include <algorithm>

namespace jabberd::net {

namespace {

constexpr std::size_t first_bytes = 4096;  // so that a few stanzas do not grow it step by step
constexpr std::size_t drop_at = 64 * 1024; // moving bytes to the front is worth it from here on

// What an empty queue keeps.
constexpr std::size_t kept_bytes = 16 * 1024, kept_edges = 128, kept_sfrom_bytes = 1024;

template <typename Buffer>
void clear_but_keep(Buffer &buffer, std::size_t most)
{
    buffer.clear();
    if (buffer.capacity() > most)
        buffer.shrink_to_fit();
}

} // namespace

std::string &OutQueue::begin_stanza()
{
    if (bytes_.capacity() < first_bytes)
        bytes_.reserve(first_bytes);
    stanza_begin_ = bytes_.size();
    return bytes_;
}

void OutQueue::end_stanza(std::string_view sfrom)
{
    std::size_t known = sfroms_.find(sfrom); // an sfrom that is a part of another one is found there
    if (known == std::string::npos) {
        known = sfroms_.size();
        sfroms_ += sfrom;
    }
    edges_.push_back(
        {stanza_begin_, bytes_.size(), static_cast<std::uint32_t>(known), static_cast<std::uint32_t>(sfrom.size())});
}

std::string_view OutQueue::sfrom_of(const Edge &edge) const
{
    return std::string_view{sfroms_}.substr(edge.sfrom, edge.sfrom_size);
}

std::size_t OutQueue::held_bytes() const
{
    return empty() ? 0 : sizeof *this + bytes_.capacity() + edges_.capacity() * sizeof(Edge) + sfroms_.capacity();
}

std::size_t OutQueue::marks() const
{
    return static_cast<std::size_t>(std::count_if(edges_.begin() + static_cast<std::ptrdiff_t>(first_edge_),
                                                  edges_.end(),
                                                  [](const Edge &edge) { return edge.begin == edge.end; }));
}

void OutQueue::forget_marks()
{
    std::erase_if(edges_, [](const Edge &edge) { return edge.begin == edge.end; });
}

OutQueue::Gone OutQueue::wrote(std::size_t count)
{
    written_ += count;
    Gone gone;
    for (; first_edge_ < edges_.size() && edges_[first_edge_].end <= written_; ++first_edge_) {
        const Edge &edge = edges_[first_edge_];
        if (edge.begin == edge.end)
            ++gone.marks;
        else
            ++gone.stanzas;
    }
    if (empty())
        clear();
    else if (written_ >= drop_at)
        drop_written();
    return gone;
}

OutQueue::Gone OutQueue::drop(std::size_t count)
{
    std::size_t end = written_, stanzas = 0;
    for (std::size_t i = first_edge_; i < edges_.size(); ++i) {
        const bool is_mark = edges_[i].begin == edges_[i].end;
        if (!is_mark && stanzas++ == count)
            break;
        end = edges_[i].end;
    }
    return wrote(end - written_);
}

std::size_t OutQueue::between() const
{
    if (stanzas() == 0)
        return size();
    const Edge &first = edges_[first_edge_], &last = edges_.back();
    const std::size_t behind = bytes_.size() - last.end;
    return stanzas() == 1 ? behind : last.begin - first.end + behind;
}

std::size_t OutQueue::between(std::size_t most_of_a_stanza) const
{
    std::size_t all = between();
    for (std::size_t i = first_edge_ + 1; i + 1 < edges_.size(); ++i) {
        const std::size_t stanza = edges_[i].end - edges_[i].begin;
        all -= stanza - std::min(stanza, most_of_a_stanza);
    }
    return all;
}

std::vector<OutQueue::Piece> OutQueue::pieces() const
{
    std::vector<Piece> all;
    const std::string_view bytes = bytes_;
    std::size_t at = written_; // what lies before is written, but for the beginning of a stanza
    const auto add_between = [&](std::size_t end) {
        if (at < end)
            all.push_back({bytes.substr(at, end - at), 0, {}});
    };
    for (std::size_t i = first_edge_; i < edges_.size(); ++i) {
        const Edge &edge = edges_[i];
        add_between(edge.begin);
        all.push_back({bytes.substr(edge.begin, edge.end - edge.begin),
                       written_ > edge.begin ? written_ - edge.begin : 0, sfrom_of(edge)});
        at = edge.end;
    }
    add_between(bytes.size());
    return all;
}

void OutQueue::restore(const Piece &piece)
{
    if (piece.sfrom.data() == nullptr)
        return append(piece.bytes.substr(piece.written));
    begin_stanza() += piece.bytes;
    end_stanza(piece.sfrom);
    written_ += piece.written;
}

void OutQueue::take_back(const std::function<void(std::string_view, std::string_view)> &visit)
{
    for (std::size_t i = first_edge_; i < edges_.size(); ++i) {
        const Edge &edge = edges_[i];
        visit(std::string_view{bytes_}.substr(edge.begin, edge.end - edge.begin), sfrom_of(edge));
    }
    clear();
}

void OutQueue::clear()
{
    clear_but_keep(bytes_, kept_bytes);
    clear_but_keep(edges_, kept_edges);
    clear_but_keep(sfroms_, kept_sfrom_bytes);
    written_ = 0;
    first_edge_ = 0;
}

// A stanza that was written in part stays whole.
void OutQueue::drop_written()
{
    const std::size_t gone = first_edge_ < edges_.size() ? std::min(written_, edges_[first_edge_].begin) : written_;
    bytes_.erase(0, gone);
    written_ -= gone;
    edges_.erase(edges_.begin(), edges_.begin() + static_cast<std::ptrdiff_t>(first_edge_));
    first_edge_ = 0;
    for (Edge &edge : edges_) {
        edge.begin -= gone;
        edge.end -= gone;
    }
}

} // namespace jabberd::net
