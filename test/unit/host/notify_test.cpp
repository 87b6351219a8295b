// SPDX-License-Identifier: LGPL-2.1-or-later
// What the service manager is told.
#include "notify.h"

#include "base/unique_fd.h"

#include <gtest/gtest.h>

#include <glib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>

namespace jabberd::host {
namespace {

// A service manager's end: an abstract name that the kernel chooses, in NOTIFY_SOCKET.
class ServiceManager {
public:
    ServiceManager()
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr *>(&address), sizeof address.sun_family), 0);
        socklen_t size = sizeof address;
        EXPECT_EQ(getsockname(socket_.get(), reinterpret_cast<sockaddr *>(&address), &size), 0);
        const std::string name(address.sun_path + 1, size - offsetof(sockaddr_un, sun_path) - 1);
        setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
    }
    ~ServiceManager() { unsetenv("NOTIFY_SOCKET"); }
    ServiceManager(const ServiceManager &) = delete;
    ServiceManager &operator=(const ServiceManager &) = delete;

    // What has come, or nothing.
    std::string received() const
    {
        std::array<char, 256> datagram{};
        const ssize_t size = recv(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT);
        return size < 0 ? "" : std::string(datagram.data(), static_cast<std::size_t>(size));
    }

private:
    const UniqueFd socket_{socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

TEST(Notify, TellsTheServiceManagerAState)
{
    const ServiceManager manager;
    notify_service_manager("READY=1");
    EXPECT_EQ(manager.received(), "READY=1");
}

TEST(Notify, SaysWhenAReloadBegan)
{
    const ServiceManager manager;
    const gint64 before = g_get_monotonic_time();
    notify_reloading();
    const gint64 after = g_get_monotonic_time();

    const std::string datagram = manager.received(), begin = "RELOADING=1\nMONOTONIC_USEC=";
    ASSERT_TRUE(datagram.starts_with(begin)) << datagram;
    const gint64 began = g_ascii_strtoll(datagram.c_str() + begin.size(), nullptr, 10);
    EXPECT_GE(began, before);
    EXPECT_LE(began, after);
}

TEST(Notify, IsSilentWithoutAServiceManager)
{
    unsetenv("NOTIFY_SOCKET");
    notify_reloading();
    notify_service_manager("STOPPING=1");
}

} // namespace
} // namespace jabberd::host
