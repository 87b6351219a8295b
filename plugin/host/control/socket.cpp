// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/socket.h"

#include "host/log/log.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

namespace jabberd::host {

namespace {

constexpr int backlog = 16;

std::string error_text()
{
    return std::strerror(errno);
}

std::optional<sockaddr_un> address_of(const std::string &path, std::string &why)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        why = "a path of 1 to " + std::to_string(sizeof address.sun_path - 1) + " bytes is needed";
        errno = ENAMETOOLONG;
        return std::nullopt;
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

UniqueFd new_socket(int flags)
{
    return at_or_above(0, UniqueFd{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)});
}

std::optional<ucred> credentials_of(int socket)
{
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return std::nullopt;
    return credentials;
}

// Removes the socket of a host that is gone. False when something else is there, or a host that is not.
bool clear_the_way(const std::string &path, std::string &why)
{
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0)
        return true; // nothing there; or bind() will say what
    if (!S_ISSOCK(status.st_mode)) {
        why = "something else is there, and it is not a socket";
        return false;
    }
    std::string ignored;
    if (const UniqueFd alive = connect_control(path, ignored)) {
        const auto owner = credentials_of(alive.get());
        why = "another host" + (owner ? " (process " + std::to_string(owner->pid) + ")" : "") +
              " is listening there; stop it with jabberd-ctl stop";
        return false;
    }
    if (errno != ECONNREFUSED) {
        why = error_text();
        return false;
    }
    unlink(path.c_str());
    return true;
}

} // namespace

std::string default_control_path()
{
    if (const char *named = std::getenv("JABBERD_CONTROL"); named != nullptr && *named != '\0')
        return named;
    if (const char *runtime = std::getenv("XDG_RUNTIME_DIR"); runtime != nullptr && *runtime != '\0')
        return std::string{runtime} + "/jabberd.sock";
    return "/run/jabberd/control.sock";
}

UniqueFd connect_control(const std::string &path, std::string &why)
{
    const auto address = address_of(path, why);
    if (!address)
        return {};
    UniqueFd socket = new_socket(0);
    if (socket && connect(socket.get(), reinterpret_cast<const sockaddr *>(&*address), sizeof *address) == 0)
        return socket;
    why = error_text();
    return {};
}

ControlSocket::~ControlSocket()
{
    if (!path_.empty() && is_there())
        unlink(path_.c_str());
}

// An inode's number is soon given to another file; and its owner may be changed, but not when it was made.
bool ControlSocket::is_there() const
{
    struct stat now {};
    return lstat(path_.c_str(), &now) == 0 && now.st_dev == made_.st_dev && now.st_ino == made_.st_ino &&
           now.st_mtim.tv_sec == made_.st_mtim.tv_sec && now.st_mtim.tv_nsec == made_.st_mtim.tv_nsec;
}

bool ControlSocket::listen(const std::string &path, std::string &why)
{
    const auto address = address_of(path, why);
    if (!address || !clear_the_way(path, why))
        return false;
    // The directory of the default path may not exist yet; /run is empty after a boot.
    std::error_code ignored;
    std::filesystem::create_directory(std::filesystem::path{path}.parent_path(), ignored);

    UniqueFd socket = new_socket(SOCK_NONBLOCK);
    if (!socket || bind(socket.get(), reinterpret_cast<const sockaddr *>(&*address), sizeof *address) != 0) {
        why = error_text();
        return false;
    }
    path_ = path;
    lstat(path.c_str(), &made_);
    // No client can connect before listen(), so the mode is right in time without touching the umask of the process.
    if (chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(socket.get(), backlog) != 0) {
        why = error_text();
        return false;
    }
    socket_ = std::move(socket);
    return true;
}

UniqueFd ControlSocket::accept(bool &out_of_resources) const
{
    UniqueFd client = at_or_above(0, UniqueFd{accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)});
    out_of_resources = !client && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM);
    if (!client)
        return {};
    const auto credentials = credentials_of(client.get());
    if (credentials && (credentials->uid == 0 || credentials->uid == geteuid()))
        return client;
    log::write(JABBERD_LOG_WARNING, "host", "a user without the right to it tried the control socket, ignoring",
               {{"UID", credentials ? std::to_string(credentials->uid) : "unknown"}});
    return {};
}

} // namespace jabberd::host
