// SPDX-License-Identifier: LGPL-2.1-or-later
#include "swap/control.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace jabberd::bench {

Control::Control(const std::string &path, const std::string &request)
    : fd_{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)}
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const std::string line = request + '\n';
    if (connect(fd_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        send(fd_.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        throw std::system_error(errno, std::generic_category(), "the control socket");
}

void Control::on_ready()
{
    std::array<char, 4096> buffer;
    ssize_t size = 0;
    while ((size = recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0)
        answer_.append(buffer.data(), static_cast<std::size_t>(size));
    answered_ = size == 0 || says("\n");
}

std::int64_t Control::pause_us() const
{
    constexpr std::string_view key = "\"pause_us\":";
    const auto at = answer_.find(key);
    return at == std::string::npos ? 0 : std::strtoll(answer_.c_str() + at + key.size(), nullptr, 10);
}

} // namespace jabberd::bench
