// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/transport.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

namespace jabberd::net {

namespace {

Outcome outcome_of_errno(Outcome would_block)
{
    switch (errno) {
    case EAGAIN:
    case EINTR: return would_block;
    case ECONNRESET:
    case EPIPE:
    case ETIMEDOUT: return Outcome::Truncated;
    default: return Outcome::Failed;
    }
}

} // namespace

void stop_blocking(int fd)
{
    const int flags = ::fcntl(fd, F_GETFL);
    if ((flags & O_NONBLOCK) == 0)
        ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

std::size_t unacknowledged(int fd)
{
    int bytes = 0;
    return ::ioctl(fd, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

Moved PlainTransport::read(std::span<char> into)
{
    const ssize_t got = ::recv(fd_.get(), into.data(), into.size(), 0);
    if (got > 0)
        return {Outcome::Progress, static_cast<std::size_t>(got)};
    if (got == 0)
        return {Outcome::CleanEnd};
    return {outcome_of_errno(Outcome::WantRead)};
}

Moved PlainTransport::write(std::string_view from)
{
    const ssize_t sent = ::send(fd_.get(), from.data(), from.size(), MSG_NOSIGNAL);
    if (sent >= 0)
        return {Outcome::Progress, static_cast<std::size_t>(sent)};
    return {outcome_of_errno(Outcome::WantWrite)};
}

void PlainTransport::shutdown_write()
{
    ::shutdown(fd_.get(), SHUT_WR);
}

} // namespace jabberd::net
