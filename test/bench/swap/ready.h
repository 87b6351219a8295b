// SPDX-License-Identifier: LGPL-2.1-or-later
// Who can read or write.
#pragma once

#include "base/unique_fd.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace jabberd::bench {

class Ready {
public:
    // Edge-triggered. Forgotten when it is closed.
    void add(int fd, std::uint32_t number)
    {
        epoll_event event{EPOLLIN | EPOLLOUT | EPOLLET, {.u32 = number}};
        if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
            throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }

    template <typename Visit>
    void turn(int milliseconds, const Visit &visit)
    {
        std::array<epoll_event, 256> events;
        const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), milliseconds);
        for (int i = 0; i < count; ++i)
            visit(events[static_cast<std::size_t>(i)].data.u32);
    }

private:
    UniqueFd epoll_{epoll_create1(EPOLL_CLOEXEC)};
};

} // namespace jabberd::bench
