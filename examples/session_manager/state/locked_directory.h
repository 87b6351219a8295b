// SPDX-License-Identifier: LGPL-2.1-or-later
// The directory while it is locked: what is looked up and changed in it, and the packets that leave when it is
// unlocked.
#pragma once

#include "session_manager/state/directory.h"

#include <mutex>
#include <vector>

namespace jabberd::session_manager {

// Takes the lock; the destructor lets it go and then delivers, so no packet ever leaves under the lock. One at a time
// on a thread.
//
// Order: packets reach a session in the order in which the directory was locked for them, on whichever threads. (Each
// session has its own queue of what is on its way. A thread that finds no other one delivering from it does so until it
// is empty.)
class LockedDirectory {
public:
    explicit LockedDirectory(Directory &directory);
    ~LockedDirectory();
    LockedDirectory(const LockedDirectory &) = delete;
    LockedDirectory &operator=(const LockedDirectory &) = delete;

    // By exact session id; null when there is none.
    Session *session(std::string_view id);
    // The same, but only when it belongs to that connection. Notes that its user is active.
    Session *session_of(std::string_view id, std::string_view connection);
    // The session of the user that the packet's `to` names; null when `to` has no resource, or there is no such
    // session.
    Session *addressed_session(const User &user, const jabberd_packet &packet);
    // By prepared bare address; null when the user is not in memory: there is no session, and no operation waits.
    User *user(std::string_view address);

    // The one session that a message goes to, where its `to` is prepared already and its user is at rest; null when it
    // has to go through the rules of RFC 6121 §8.5.
    std::shared_ptr<const Session> fast_path_target(const jabberd_packet &message);

    // Runs the operation now, or when the user is loaded and earlier operations are done. Loads a user who is not in
    // memory, in that turn.
    void with_user(std::string_view address, const Turn &turn, User::Operation operation);
    // Inside an operation that keeps the user busy: this one is the next to run.
    void put_first(User &user, User::Operation operation);
    // From inside an operation: those after it shall wait until Directory::serve() is called.
    void keep_busy(User &user);
    // The user's roster and blocklist, as they were loaded; false, and none is kept: there is no memory for them.
    bool keep(User &user, Roster roster, Blocklist blocklist);
    // What has become of an item, and of the blocklist.
    void keep(User &user, const RosterItem &item);
    void keep(User &user, Blocklist blocklist);
    // Whether there is memory for so much more of them.
    bool may_grow(User &user, std::size_t bytes);

    // Runs the operation, which changes the user's roster, now or when earlier ones are done. `contact` is whose item
    // it is about.
    void change(User &user, std::string contact, User::Operation operation);
    // From inside such an operation: those after it shall wait until changed() is called, once.
    void keep_changing(User &user) { user.changes->kept = true; }
    void changed(User &user) noexcept;
    // Calls it at the end of its scope, whatever happens there.
    class EndOfChange {
    public:
        EndOfChange(LockedDirectory &locked, User &user) : locked_(locked), user_(user) {}
        ~EndOfChange() { locked_.changed(user_); }
        EndOfChange(const EndOfChange &) = delete;
        EndOfChange &operator=(const EndOfChange &) = delete;

    private:
        LockedDirectory &locked_;
        User &user_;
    };
    // Runs after the directory is unlocked, before the packets leave: for what takes time, such as logging.
    void afterwards(MoveOnlyFunction<void()> task) { afterwards_.push_back(std::move(task)); }
    // Runs when the packets have left.
    void at_last(MoveOnlyFunction<void()> task) { at_last_.push_back(std::move(task)); }

    Session &add_session(User &user, const std::string &resource, const std::string &connection);
    // Forgets the session; what is on its way to it is still delivered.
    void remove_session(Session &session);
    bool recently_ended(std::string_view id, std::string_view connection) const
    {
        return directory_.ended_.contains(id, connection);
    }
    std::vector<std::shared_ptr<Session>> all_sessions() const;

    // A stanza for the client: sto and sfrom are put on it.
    void give(Session &session, jabberd_packet stanza);
    // The same, with a body that is made when it leaves, from what `body` owns.
    void give(Session &session, jabberd_packet stanza, Outgoing::Body body);
    // With the full id as sfrom: an accepted login, a 510.
    void give_as_session(Session &session, jabberd_packet packet);
    // A packet for the host, as it is.
    void post(const jabberd_packet &packet) { posted_.emplace_back(packet); }

private:
    friend class Directory;

    Share &memory_of(User &user);
    void count_memory(User &user, std::size_t before);
    void tell(const std::exception &problem);
    void run_changes(User &user);
    void enqueue(Session &session, Outgoing outgoing);
    void deliver_all(Session &session);
    void deliver(Outgoing &outgoing);
    template <typename Leave>
    void attempt(Leave leave) noexcept;

    Directory &directory_;
    std::unique_lock<std::mutex> lock_;
    std::vector<std::shared_ptr<Session>> to_deliver_;
    std::vector<OwnedPacket> posted_;
    std::vector<User *> idle_; // users that may leave memory
    std::vector<MoveOnlyFunction<void()>> afterwards_, at_last_;
};

} // namespace jabberd::session_manager
