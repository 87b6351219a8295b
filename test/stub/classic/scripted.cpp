// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager.h"

#include "delivery.h"
#include "reading.h"
#include "stacks.h"
#include "strict.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>

namespace stub {

namespace {

int connect_to(const std::string &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        refuse("the path is too long: %s", path.c_str());
    std::memcpy(address.sun_path, path.data(), path.size());
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        refuse("nobody listens at %s", path.c_str());
    return fd;
}

class Scripted : public SessionManager {
public:
    explicit Scripted(const std::string &path) : fd_{connect_to(path)}, writer_{"script writer"}
    {
        spawn("script reader", [this] { read(); });
    }
    ~Scripted() override { close(fd_); }

    void receive(Node *x) override
    {
        // The thread that writes may have to wait; the one that delivers must not.
        writer_.post([this, text = to_string(x)] { pth_write(fd_, text.data(), text.size()); });
        free_pool(x->p);
    }

private:
    void read()
    {
        if (!elements_.read("<script>"))
            refuse("no parser");
        std::array<char, 4096> buffer;
        for (;;) {
            // pth_write() makes the socket non-blocking while it waits, and pth_read() would then find nothing.
            pollfd readable{fd_, POLLIN, 0};
            pth_poll(&readable, 1, -1);
            const ssize_t count = recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (count < 0 && (errno == EAGAIN || errno == EINTR))
                continue;
            if (count <= 0)
                return;
            if (!elements_.read({buffer.data(), static_cast<std::size_t>(count)}))
                refuse("the script is not XML");
            while (!said_.empty()) {
                Node *x = said_.front();
                said_.pop_front();
                deliver_node(x);
            }
        }
    }

    const int fd_;
    Worker writer_;
    std::deque<Node *> said_; // delivered when the parser has returned: the stack is small
    Reader elements_{2, true, [this](Node *x) { said_.push_back(x); }};
};

} // namespace

std::unique_ptr<SessionManager> make_scripted(const std::string &socket_path)
{
    return std::make_unique<Scripted>(socket_path);
}

} // namespace stub
