// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes to and from a client, whatever carries them.
#pragma once

#include "base/unique_fd.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace jabberd::net {

enum class Outcome {
    Progress,  // `bytes` of them
    WantRead,  // nothing moved: wait until the descriptor is readable
    WantWrite, // nothing moved: wait until it is writable
    CleanEnd,  // the peer said that it is done
    Truncated, // the peer went away without saying so
    Failed,
};

struct Moved {
    Outcome outcome;
    std::size_t bytes = 0;
};

// For a descriptor that another component made: code that must never wait does not rely on its having been made right.
void stop_blocking(int fd);

// Bytes that the kernel has taken and the peer has not got yet.
std::size_t unacknowledged(int fd);

// Never blocks. A write may be wanted by read() and the other way round (TLS). After CleanEnd, Truncated or Failed of a
// read nothing more comes; writing may still work after CleanEnd.
class Transport {
public:
    virtual ~Transport() = default;
    virtual Moved read(std::span<char> into) = 0;
    virtual Moved write(std::string_view from) = 0;
    virtual void shutdown_write() = 0; // nothing more will be written
    virtual int fd() const = 0;
    virtual std::string security() const = 0; // "" or TLS version and cipher
};

class PlainTransport final : public Transport {
public:
    explicit PlainTransport(UniqueFd fd) : fd_(std::move(fd)) {}

    Moved read(std::span<char> into) override;
    Moved write(std::string_view from) override;
    void shutdown_write() override;
    int fd() const override { return fd_.get(); }
    std::string security() const override { return {}; }

    UniqueFd release() { return std::move(fd_); } // to go on with another transport

private:
    UniqueFd fd_;
};

} // namespace jabberd::net
