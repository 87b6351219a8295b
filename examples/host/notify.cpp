// SPDX-License-Identifier: LGPL-2.1-or-later
#include "notify.h"

#include "base/unique_fd.h"

#include <glib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

namespace jabberd::host {

// One datagram; not worth a dependency on libsystemd.
void notify_service_manager(const char *state)
{
    const char *path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path == nullptr || (*path != '/' && *path != '@') || std::strlen(path) >= sizeof address.sun_path)
        return;
    std::strcpy(address.sun_path, path);
    if (*path == '@')
        address.sun_path[0] = '\0'; // an abstract name
    const UniqueFd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
    sendto(socket.get(), state, std::strlen(state), MSG_NOSIGNAL, reinterpret_cast<const sockaddr *>(&address), size);
}

void notify_reloading()
{
    const std::string now = std::to_string(g_get_monotonic_time()); // CLOCK_MONOTONIC in microseconds
    notify_service_manager(("RELOADING=1\nMONOTONIC_USEC=" + now).c_str());
}

} // namespace jabberd::host
