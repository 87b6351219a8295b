// SPDX-License-Identifier: LGPL-2.1-or-later
// A user in memory, while there is a session or an operation is running or waiting.
#pragma once

#include "base/share.h"
#include "session_manager/base/move_only_function.h"
#include "session_manager/base/waiting_list.h"
#include "session_manager/blocking/blocklist.h"
#include "session_manager/roster/roster.h"
#include "session_manager/state/copies.h"
#include "session_manager/state/session.h"
#include "session_manager/storage/offline_messages.h"

#include <algorithm>
#include <list>
#include <memory>
#include <optional>
#include <vector>

namespace jabberd::session_manager {

class LockedDirectory;

// Guarded by the lock of the directory.
struct User {
    // What is to be done with a user. Runs under the lock.
    using Operation = MoveOnlyFunction<void(LockedDirectory &, User &)>;

    explicit User(std::string address_) : address(std::move(address_)) {}

    // What is done to the roster, one after the other: each begins when what was before it is stored.
    struct Changes {
        struct Change {
            std::string contact; // whose item it is about; "": of all
            Operation operation;
        };
        std::string contact; // of the one that runs
        bool kept = false;   // it waits for the storage
        std::list<Change> waiting;
    };

    const std::string address;
    bool exists = false;                      // there is an account of this name
    bool locked = false;                      // it cannot log in
    std::optional<StorageFailure> unreadable; // why nobody knows

    // While the user is busy (loading, or getting offline messages) operations wait, in order.
    bool busy = false;
    bool kept = false; // the running operation wants the user to stay busy
    WaitingList<Operation> waiting;

    Roster roster;
    Blocklist blocklist;
    std::unique_ptr<Share> memory; // that these two take; none: they are empty
    Backlog offline;               // messages in the database, or on their way there
    std::vector<std::shared_ptr<Session>> sessions;

    std::unique_ptr<Changes> changes; // while there are some

    // Whether packets to or from this contact (prepared bare address) have to wait, to stay behind a change.
    bool is_changing(std::string_view contact) const
    {
        return changes && (changes->contact == contact ||
                           std::ranges::any_of(changes->waiting, [=](const Changes::Change &change) {
                               return change.contact == contact;
                           }));
    }

    // Whether nothing goes to this address, and nothing comes from it. The account itself and its own host are never
    // blocked, whatever the list covers.
    bool blocks(std::string_view other) const;

    std::unique_ptr<Copies> copies; // while several sessions get the same messages

    // Of the sessions with the highest non-negative priority the one its user used last. Null: none takes messages.
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

    // Where a message to the bare address goes (RFC 6121 §8.5.2.1.1): all sessions with the highest priority.
    std::vector<Session *> best_sessions() const
    {
        std::vector<Session *> all;
        const Session *best = best_session();
        for (const auto &session : sessions) {
            if (best != nullptr && session->takes_messages() && session->priority == best->priority)
                all.push_back(session.get());
        }
        return all;
    }
    // Whether another session than this one gets copies of its messages.
    bool copies_beside(const Session &one) const
    {
        return std::ranges::any_of(sessions, [&](const auto &other) { return other->carbons && other.get() != &one; });
    }
    bool has_equal(const Session &best) const
    {
        return std::ranges::any_of(sessions, [&](const auto &other) {
            return other.get() != &best && other->takes_messages() && other->priority == best.priority;
        });
    }
};

} // namespace jabberd::session_manager
