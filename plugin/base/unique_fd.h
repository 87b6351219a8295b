// SPDX-License-Identifier: LGPL-2.1-or-later
// A file descriptor with one owner.
#pragma once

#include <unistd.h>

#include <utility>

namespace jabberd {

class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) noexcept : fd_(fd) {}
    UniqueFd(UniqueFd &&other) noexcept : fd_(other.release()) {}
    UniqueFd &operator=(UniqueFd &&other) noexcept
    {
        reset(other.release());
        return *this;
    }
    ~UniqueFd() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }
    void reset(int fd = -1)
    {
        if (fd_ >= 0)
            ::close(fd_); // never retried: Linux has closed it even on EINTR
        fd_ = fd;
    }

private:
    int fd_ = -1;
};

} // namespace jabberd
