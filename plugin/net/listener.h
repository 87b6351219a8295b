// SPDX-License-Identifier: LGPL-2.1-or-later
// A listening socket.
#pragma once

#include "base/unique_fd.h"
#include "net/socket_address.h"

#include <climits>
#include <string>
#include <variant>

namespace jabberd::net {

struct Accepted {
    UniqueFd fd; // non-blocking, close-on-exec, no Nagle, keepalive on
    SocketAddress from;
    bool direct_tls = false; // it came to a port for nothing but TLS
};

enum class AcceptProblem {
    Nobody,               // the backlog is empty
    Aborted,              // this client is gone; try the next
    OutOfResources,       // EMFILE, ENFILE, ENOBUFS, ENOMEM: try again later
    OutOfClientsShare,    // what is left is for others: try again later
    OutOfHighDescriptors, // there are none from `first_descriptor` on: try again later
};

class Listener {
public:
    // Takes the socket that was passed to the process for this address, or else binds one; and listens. An IPv6 address
    // takes IPv6 only. Throws std::system_error whose text names the address.
    // `first_descriptor`: below that number nothing of ours stays open (base/unique_fd.h).
    explicit Listener(const SocketAddress &address, int first_descriptor = 0);
    explicit Listener(UniqueFd listening);
    // Whether the first would throw, which this throws then. The address is bound for that moment; no client gets in.
    static void try_address(const SocketAddress &address);
    UniqueFd release() { return std::move(fd_); }

    int fd() const { return fd_.get(); }
    SocketAddress address() const { return SocketAddress::of(fd()); } // with the port the kernel chose for port 0

    // No client gets a number from `end` on. The kernel gives the lowest that is free, so as many as there are from
    // there to the limit stay free for whatever else the process opens.
    std::variant<Accepted, AcceptProblem> accept(int first_descriptor = 0, int end = INT_MAX);

private:
    UniqueFd fd_;
    int last_ = 0; // number that a client got
};

} // namespace jabberd::net
