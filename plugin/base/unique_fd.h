// SPDX-License-Identifier: LGPL-2.1-or-later
// A file descriptor with one owner.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
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

// 0, 1 and 2: a library that writes an error to standard error must not write it into a socket, or into a key.
constexpr int first_of_ours = STDERR_FILENO + 1;

// The same from number `first` on, for a process where others use select() and need the numbers below 1024
// (FD_SETSIZE); and never one of the standard descriptors, which a process may have closed. Nothing, and EMFILE, when
// none that high is to be had.
inline UniqueFd at_or_above(int first, UniqueFd fd)
{
    first = std::max(first, first_of_ours);
    if (!fd || fd.get() >= first)
        return fd;
    UniqueFd moved{::fcntl(fd.get(), F_DUPFD_CLOEXEC, first)};
    if (!moved && errno == EINVAL)
        errno = EMFILE; // `first` is beyond RLIMIT_NOFILE itself
    return moved;
}

// Opens /dev/null as each of the standard descriptors that is closed, so that nothing else gets its number: for the
// start of a program, and for libraries that open what they like.
inline void occupy_standard_descriptors()
{
    for (int standard = 0; standard < first_of_ours; ++standard) {
        if (::fcntl(standard, F_GETFD) != -1)
            continue;
        UniqueFd null{::open("/dev/null", O_RDWR)}; // the lowest number that is free
        if (null.get() == standard)
            null.release();
    }
}

} // namespace jabberd
