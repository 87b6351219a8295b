// SPDX-License-Identifier: LGPL-2.1-or-later
// A file descriptor with one owner.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
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

// The same from number `first` on, for a process where somebody else uses select() and needs the numbers below 1024
// (FD_SETSIZE). Nothing, and EMFILE, when none that high is to be had.
inline UniqueFd at_or_above(int first, UniqueFd fd)
{
    if (!fd || fd.get() >= first)
        return fd;
    UniqueFd moved{::fcntl(fd.get(), F_DUPFD_CLOEXEC, first)};
    if (!moved && errno == EINVAL)
        errno = EMFILE; // `first` is beyond RLIMIT_NOFILE itself
    return moved;
}

} // namespace jabberd
