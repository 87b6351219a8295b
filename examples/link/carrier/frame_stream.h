// SPDX-License-Identifier: LGPL-2.1-or-later
// Messages over a connection: each behind its length.
#pragma once

#include "net/transport.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace jabberd::link {

// u32 length, little-endian, and so many bytes. Never blocks.
class FrameStream {
public:
    explicit FrameStream(std::unique_ptr<net::Transport> transport) : transport_(std::move(transport)) {}

    // Reads what is there, but not for ever. False: that was all there will be; why().
    bool read(std::size_t longest);
    // The next whole message, borrowed until read(). False: there is none, or why() says what is wrong.
    bool next(std::size_t longest, std::string_view &message);

    void queue(std::string_view message);
    // The same for what is written where it stays: appended to what begin_message() returns.
    std::string &begin_message();
    void end_message();
    bool write(); // false: it is broken
    std::size_t queued() const { return out_.size() - written_; }

    const std::string &why() const { return why_; }
    net::Transport &transport() { return *transport_; }
    bool wants_write() const { return wants_write_; }

    // For a swap.
    std::string unread() const { return std::string{unread_view()}; }
    std::string unwritten() const { return out_.substr(written_); }
    void restore_unread(std::string bytes)
    {
        in_ = std::move(bytes);
        end_ = in_.size();
    }
    void restore_unwritten(std::string bytes) { out_ = std::move(bytes); }
    std::unique_ptr<net::Transport> release() { return std::move(transport_); }

private:
    std::string_view unread_view() const { return std::string_view{in_}.substr(begin_, end_ - begin_); }

    std::unique_ptr<net::Transport> transport_;
    std::string in_; // room; what was read is from begin_ to end_
    std::size_t begin_ = 0, end_ = 0;
    std::string out_;
    std::size_t written_ = 0, message_ = 0; // of out_; the latter begins there
    bool wants_write_ = false;
    std::string why_;
};

} // namespace jabberd::link
