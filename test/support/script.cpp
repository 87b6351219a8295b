// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/script.h"

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace jabberd::test {

namespace {

bool is_readable(int fd, Clock::time_point deadline)
{
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd readable{fd, POLLIN, 0};
    return poll(&readable, 1, static_cast<int>(std::max<long>(left, 0))) > 0;
}

} // namespace

Script::Script(const std::string &path) : listener_{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)}
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
    if (bind(listener_, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 || listen(listener_, 1) != 0)
        ADD_FAILURE() << "cannot listen at " << path;
}

Script::~Script()
{
    if (fd_ >= 0)
        close(fd_);
    close(listener_);
}

void Script::say(std::string_view xml)
{
    if (!accept_by(soon()) || send(fd_, xml.data(), xml.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(xml.size()))
        ADD_FAILURE() << "nobody listens to: " << xml;
}

std::optional<std::string> Script::take(Clock::time_point deadline)
{
    while (elements_.empty())
        if (!accept_by(deadline) || !read_by(deadline))
            return {};
    std::string element = std::move(elements_.front());
    elements_.pop_front();
    return element;
}

bool Script::accept_by(Clock::time_point deadline)
{
    if (fd_ < 0 && is_readable(listener_, deadline))
        fd_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    return fd_ >= 0;
}

bool Script::read_by(Clock::time_point deadline)
{
    std::array<char, 65536> buffer;
    if (!is_readable(fd_, deadline))
        return false;
    const ssize_t count = recv(fd_, buffer.data(), buffer.size(), 0);
    if (count > 0 && !splitter_.read({buffer.data(), static_cast<std::size_t>(count)}))
        ADD_FAILURE() << "not XML: " << std::string_view{buffer.data(), static_cast<std::size_t>(count)};
    return count > 0;
}

} // namespace jabberd::test
