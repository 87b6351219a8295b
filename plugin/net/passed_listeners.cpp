// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/passed_listeners.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>

namespace jabberd::net {

namespace {

constexpr int first_passed = 3; // SD_LISTEN_FDS_START
constexpr int most_passed = 1000;

std::string_view variable(const char *name)
{
    const char *value = std::getenv(name);
    return value == nullptr ? std::string_view{} : value;
}

int number(const char *name)
{
    const std::string_view text = variable(name);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

int end_of_passed()
{
    const int count = number("LISTEN_PID") == getpid() ? number("LISTEN_FDS") : 0;
    return first_passed + (count > 0 && count <= most_passed ? count : 0);
}

// Of those that are passed: FD_CLOEXEC is on every descriptor that was opened since.
bool is_not_taken(int fd)
{
    const int flags = ::fcntl(fd, F_GETFD);
    return flags != -1 && (flags & FD_CLOEXEC) == 0;
}

int option(int fd, int level, int name)
{
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(fd, level, name, &value, &size) == 0 ? value : -1;
}

// Nothing for what is no listening TCP socket.
std::optional<SocketAddress> listening_on(int fd)
{
    const int domain = option(fd, SOL_SOCKET, SO_DOMAIN);
    const bool is_tcp = (domain == AF_INET || domain == AF_INET6) && option(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM &&
                        option(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1;
    return is_tcp ? std::optional{SocketAddress::of(fd)} : std::nullopt;
}

bool takes_both_families(int fd)
{
    return option(fd, SOL_SOCKET, SO_DOMAIN) == AF_INET6 && option(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0;
}

// LISTEN_FDNAMES: what their unit calls them, in order, with colons between.
std::string name_of(int fd)
{
    std::string_view names = variable("LISTEN_FDNAMES");
    for (int other = first_passed; other < fd; ++other) {
        const auto colon = names.find(':');
        names = colon == std::string_view::npos ? std::string_view{} : names.substr(colon + 1);
    }
    return std::string{names.substr(0, names.find(':'))};
}

} // namespace

UniqueFd take_passed_listener(const SocketAddress &address)
{
    const SocketAddress every_ipv6 = *SocketAddress::parse("::", address.port());
    for (int fd = first_passed; fd < end_of_passed(); ++fd) {
        if (!is_not_taken(fd))
            continue;
        const auto found = listening_on(fd);
        if (!found || (*found != address && *found != every_ipv6))
            continue;
        if (*found == every_ipv6 && takes_both_families(fd))
            throw std::system_error{std::make_error_code(std::errc::address_in_use),
                                    "cannot listen on " + address.to_string() + ": the socket " +
                                        every_ipv6.to_string() +
                                        " that was passed takes IPv4 as well, which wants one of its own; its unit "
                                        "needs BindIPv6Only=ipv6-only"};
        if (*found != address)
            continue;
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        return UniqueFd{fd};
    }
    return {};
}

std::vector<std::string> passed_and_not_taken()
{
    std::vector<std::string> all;
    for (int fd = first_passed; fd < end_of_passed(); ++fd) {
        if (!is_not_taken(fd))
            continue;
        const auto address = listening_on(fd);
        const std::string name = name_of(fd);
        all.push_back((address ? address->to_string() : "descriptor " + std::to_string(fd)) +
                      (name.empty() ? "" : " (" + name + ")"));
    }
    return all;
}

} // namespace jabberd::net
