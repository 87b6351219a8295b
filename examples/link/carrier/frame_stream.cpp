// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/carrier/frame_stream.h"

#include "link/frame/bytes.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

namespace jabberd::link {

namespace {

constexpr std::size_t read_at_once = 131'072; // a few frames: one system call for many
constexpr std::size_t head = sizeof(std::uint32_t);

} // namespace

bool FrameStream::read(std::size_t longest)
{
    if (begin_ != 0)
        std::copy(in_.begin() + static_cast<std::ptrdiff_t>(begin_), in_.begin() + static_cast<std::ptrdiff_t>(end_),
                  in_.begin());
    end_ -= std::exchange(begin_, 0);
    if (in_.size() < end_ + head + longest)
        in_.resize(std::max(read_at_once, end_ + head + longest)); // once: to fill it costs more than a packet does
    const net::Moved moved = transport_->read(std::span{in_}.subspan(end_));
    end_ += moved.bytes;
    wants_write_ = moved.outcome == net::Outcome::WantWrite;
    switch (moved.outcome) {
    case net::Outcome::Progress:
    case net::Outcome::WantRead:
    case net::Outcome::WantWrite: return true;
    case net::Outcome::CleanEnd: why_ = "the connection was closed there"; return false;
    case net::Outcome::Truncated: why_ = "the connection was lost"; return false;
    case net::Outcome::Failed: break;
    }
    why_ = "the connection has failed";
    return false;
}

bool FrameStream::next(std::size_t longest, std::string_view &message)
{
    ByteReader reader{unread_view()};
    const auto size = reader.number<std::uint32_t>();
    if (reader.failed())
        return false;
    if (size > longest || size == 0) {
        why_ = "it has announced a message of " + std::to_string(size) + " bytes, where " + std::to_string(longest) +
               " are the most";
        return false;
    }
    message = reader.take(size);
    if (reader.failed())
        return false;
    begin_ += head + size;
    return true;
}

void FrameStream::queue(std::string_view message)
{
    begin_message().append(message);
    end_message();
}

std::string &FrameStream::begin_message()
{
    if (written_ == out_.size()) {
        out_.clear();
        written_ = 0;
    }
    if (written_ > out_.size() / 2) // also of a queue that is never empty
        out_.erase(0, std::exchange(written_, 0));
    message_ = out_.size();
    store(out_, std::uint32_t{0});
    return out_;
}

void FrameStream::end_message()
{
    const auto size = static_cast<std::uint32_t>(out_.size() - message_ - head);
    std::memcpy(out_.data() + message_, &size, sizeof size);
}

bool FrameStream::write()
{
    wants_write_ = false;
    while (queued() != 0) {
        const net::Moved moved = transport_->write(std::string_view{out_}.substr(written_));
        switch (moved.outcome) {
        case net::Outcome::Progress: written_ += moved.bytes; continue;
        case net::Outcome::WantRead: return true;
        case net::Outcome::WantWrite: wants_write_ = true; return true;
        case net::Outcome::CleanEnd:
        case net::Outcome::Truncated: why_ = "the connection was lost"; return false;
        case net::Outcome::Failed: why_ = "the connection has failed"; return false;
        }
    }
    return true;
}

} // namespace jabberd::link
