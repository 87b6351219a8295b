// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenarios/classic/script.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <stdexcept>

namespace jabberd::test {

namespace {

sockaddr_un address_of(const std::string &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw std::runtime_error("the path is too long: " + path);
    path.copy(address.sun_path, path.size());
    return address;
}

bool send_all(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

} // namespace

Script::Script(const std::string &path) : listener_{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)}
{
    const sockaddr_un address = address_of(path);
    if (bind(listener_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        listen(listener_.get(), 1) != 0)
        throw std::runtime_error("cannot listen on " + path);
}

Script::~Script()
{
    hang_up();
}

void Script::hang_up()
{
    if (!thread_.joinable())
        return;
    shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
}

void Script::start(ElementSplitter::Take take)
{
    hang_up(); // the host that was there before
    pollfd ready{listener_.get(), POLLIN, 0};
    if (poll(&ready, 1, 5000) != 1)
        throw std::runtime_error("the session manager of the host does not connect");
    {
        const std::lock_guard lock{writing_};
        socket_.reset(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    thread_ = std::thread{[this, take = std::move(take)] { read(take); }};
}

void Script::say(std::string_view elements)
{
    const std::lock_guard lock{writing_};
    send_all(socket_.get(), elements); // a host that has ended is noticed by whoever waits for its answer
}

void Script::read(const ElementSplitter::Take &take) const
{
    ElementSplitter elements{take};
    std::array<char, 65536> buffer;
    for (ssize_t count; (count = recv(socket_.get(), buffer.data(), buffer.size(), 0)) > 0;) {
        if (!elements.read({buffer.data(), static_cast<std::size_t>(count)}))
            return take("<not-xml/>");
    }
}

std::string ask_control(const std::string &path, const std::string &line)
{
    const UniqueFd fd{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const sockaddr_un address = address_of(path);
    if (connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        !send_all(fd.get(), line + '\n'))
        return {};
    std::string answer;
    std::array<char, 4096> buffer;
    for (ssize_t count; (count = recv(fd.get(), buffer.data(), buffer.size(), 0)) > 0;)
        answer.append(buffer.data(), static_cast<std::size_t>(count));
    return answer;
}

} // namespace jabberd::test
