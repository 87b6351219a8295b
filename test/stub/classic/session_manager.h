// SPDX-License-Identifier: LGPL-2.1-or-later
// The session managers that are built in: one that a test plays through a socket, and a small real one.
#pragma once

#include "node.h"

#include <memory>
#include <string>

namespace stub {

class SessionManager {
public:
    virtual ~SessionManager() = default;
    // A packet for its address, on whatever thread delivered it. It owns x.
    virtual void receive(Node *x) = 0;
};

// Writes what it receives to a Unix socket, and delivers what comes from there, an element each.
std::unique_ptr<SessionManager> make_scripted(const std::string &socket_path);

// Knows every user but "nobody"; the password is "secret". Speaks sto and sfrom in 1.1, <route/> later.
std::unique_ptr<SessionManager> make_simple(const std::string &host);

} // namespace stub
