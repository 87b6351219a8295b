// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/client.h"

#include "host/control/socket.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace jabberd::ctl {

bool Client::ask(const std::string &path, const std::string &request)
{
    std::string why;
    if (!connect(path, why)) {
        const bool is_gone = errno == ENOENT || errno == ECONNREFUSED;
        std::fprintf(stderr, "jabberd-ctl: no host at %s: %s%s\n", path.c_str(), why.c_str(),
                     is_gone ? "; is it running, and is this its socket? --socket names another" : "");
        return false;
    }
    if (send_line(request))
        return true;
    std::fprintf(stderr, "jabberd-ctl: the host at %s does not listen\n", path.c_str());
    return false;
}

bool Client::connect(const std::string &path, std::string &why)
{
    socket_ = host::connect_control(path, why);
    return static_cast<bool>(socket_);
}

bool Client::send_line(const std::string &line)
{
    // In one piece, and without a copy: it may be a secret.
    char end = '\n';
    std::array<iovec, 2> pieces{iovec{const_cast<char *>(line.data()), line.size()}, iovec{&end, 1}};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    return sendmsg(socket_.get(), &message, MSG_NOSIGNAL) == static_cast<ssize_t>(line.size() + 1);
}

std::optional<std::string> Client::next_line()
{
    for (;;) {
        if (const auto end = received_.find('\n'); end != std::string::npos) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return line;
        }
        std::array<char, 65536> buffer;
        const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return std::nullopt;
        received_.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

} // namespace jabberd::ctl
