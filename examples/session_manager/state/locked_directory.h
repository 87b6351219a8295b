// SPDX-License-Identifier: LGPL-2.1-or-later
// A turn: the lock of the directory, what is decided under it, and the packets that leave when it is over.
#pragma once

#include "session_manager/state/directory.h"

#include <mutex>
#include <vector>

namespace jabberd::session_manager {

// Takes the lock; the destructor lets it go and then delivers, so no packet ever leaves under the lock. One at a time
// on a thread.
//
// Order: packets of turns reach a session in the order of the turns, whichever threads they ran on. (Each session has
// its own queue of what is on its way; whoever finds nobody delivering from it does so until it is empty.)
class Turn {
public:
    explicit Turn(Directory &directory);
    ~Turn();
    Turn(const Turn &) = delete;
    Turn &operator=(const Turn &) = delete;

    // By exact session id; null when there is none.
    Session *session(std::string_view id);
    // The same, but only when it belongs to that connection. Notes that its user is active.
    Session *session_of(std::string_view id, std::string_view connection);
    // The session of the user that the packet's `to` names; null when `to` has no resource, or there is no such
    // session.
    Session *addressed_session(const User &user, const jabberd_packet &packet);
    // By prepared bare address; null when he is not in memory, which means: no session, and nothing going on.
    User *user(std::string_view address);

    // Where a message goes whose `to` is already prepared and whose user is at rest with a session that takes it; null
    // when it takes more thought.
    std::shared_ptr<const Session> shortcut(const jabberd_packet &message);

    // Runs the operation now, or when the user is loaded and what came before is done. Loads him when he is not in
    // memory.
    void with_user(std::string_view address, User::Operation operation);
    // Inside an operation that keeps him busy: this one is the next to run.
    void put_first(User &user, User::Operation operation);
    // From inside an operation: those after it shall wait until Directory::serve() is called.
    void keep_busy(User &user);
    // Runs when the lock is let go, before the packets leave: for what takes time, such as logging.
    void afterwards(Task<void()> task) { afterwards_.push_back(std::move(task)); }

    Session &add_session(User &user, const std::string &resource, const std::string &connection);
    // Forgets it, but for what is on its way to it.
    void remove_session(Session &session);
    bool recently_ended(std::string_view id, std::string_view connection) const
    {
        return directory_.ended_.contains(id, connection);
    }
    std::vector<std::shared_ptr<Session>> all_sessions() const;

    // A stanza for the client: sto and sfrom are put on it.
    void give(Session &session, jabberd_packet stanza);
    // With the full id as sfrom: an accepted login, a 510.
    void give_as_session(Session &session, jabberd_packet packet);
    // Out of the house, as it is.
    void post(const jabberd_packet &packet) { posted_.emplace_back(packet); }

private:
    friend class Directory;

    void enqueue(Session &session, const jabberd_packet &packet);
    void deliver_all(Session &session);

    Directory &directory_;
    std::unique_lock<std::mutex> lock_;
    std::vector<std::shared_ptr<Session>> to_deliver_;
    std::vector<OwnedPacket> posted_;
    std::vector<User *> idle_; // may have nothing left to keep them in memory for
    std::vector<Task<void()>> afterwards_;
};

} // namespace jabberd::session_manager
