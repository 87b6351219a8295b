// SPDX-License-Identifier: LGPL-2.1-or-later
// An account in memory, while somebody is logged in or something about it is being decided.
#pragma once

#include "session_manager/roster/item.h"
#include "session_manager/state/session.h"
#include "session_manager/storage/backlog.h"
#include "session_manager/task.h"

#include <list>
#include <memory>
#include <vector>

namespace jabberd::sessions {

class Turn;

// Guarded by the lock of the directory.
struct User {
    // What is to be done with a user. Runs under the lock, inside the given turn.
    using Operation = Task<void(Turn &, User &)>;

    explicit User(std::string address_) : address(std::move(address_)) {}

    const std::string address;
    bool exists = false; // there is an account of this name
    Roster roster;
    Backlog offline; // messages in the database, or on their way there
    std::vector<std::shared_ptr<Session>> sessions;

    // While the user is busy (loading, or getting his offline messages) operations wait, in order.
    bool busy = false;
    bool kept = false;            // the running operation wants him to stay so
    std::list<Operation> waiting; // an empty deque holds 576 bytes, for every user who is at rest

    // Where a message to the bare address goes: the highest non-negative priority, among equals the session its user
    // used last. One and not all, so that a message that comes back unwritten was seen by nobody and can be given to
    // the next without anybody reading it twice. Null: nobody takes messages.
    Session *best_session() const
    {
        Session *best = nullptr;
        for (const auto &session : sessions) {
            if (!session->takes_messages())
                continue;
            if (best == nullptr || session->priority > best->priority ||
                (session->priority == best->priority && session->last_active > best->last_active))
                best = session.get();
        }
        return best;
    }
};

} // namespace jabberd::sessions
