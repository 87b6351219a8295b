// SPDX-License-Identifier: LGPL-2.1-or-later
// What all rules of the session manager stand on: the way out, the storage, who is here, logins in progress, and how a
// packet finds a user.
#pragma once

#include "session_manager/accounts/registration_rate.h"
#include "session_manager/base/log.h"
#include "session_manager/base/outlet.h"
#include "session_manager/base/stanza.h"
#include "session_manager/base/thread_pool.h"
#include "session_manager/core/options.h"
#include "session_manager/sasl/exchange.h"
#include "session_manager/state/by_connection.h"
#include "session_manager/state/locked_directory.h"
#include "session_manager/storage/storage_thread.h"

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::session_manager {

// One for each instance; everything in it may be used from any thread.
class Core {
public:
    // Opens the database; throws StorageError.
    Core(const jabberd_host &host_, const Options &options);
    ~Core();
    Core(const Core &) = delete;
    Core &operator=(const Core &) = delete;

    void start();

    // Whether accounts of that (prepared) host are kept here. With a wildcard host this says no to names it answers
    // for; their packets then take the way through the host and come back.
    bool is_local(std::string_view prepared_host) const;

    // A finished packet, to wherever its `to` says: the session of exactly that id, or another host. Dropped when it is
    // for a session that is gone.
    void send(LockedDirectory &locked, const jabberd_packet &packet);
    void send(const jabberd_packet &packet);

    // Answers a packet with an error, where that is allowed.
    void refuse(LockedDirectory &locked, const jabberd_packet &packet, Condition condition);

    // Lets a local user (prepared bare address) receive a packet, when what came before it is done; the packet is
    // copied when it has to wait.
    using Receive = void (*)(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &packet);
    void pass(LockedDirectory &locked, std::string_view address, const jabberd_packet &packet, Receive receive);

    // Stores the item as it is now.
    void save(const User &user, const RosterItem &item);

    // What our handler answers to a packet that it has taken: CONGESTED while too much waits here or behind us.
    jabberd_result done_or_congested();

    const jabberd_host &host;
    Log log{host};
    Settings settings;
    Outlet outlet{host};
    SystemClock clock;
    SaslLibrary sasl; // before the threads: their jobs hold exchanges

    // SASL exchanges in progress, and the bare addresses that connections have authenticated as but have no session
    // for yet. The oldest of too many are dropped, and those that are too old: a client that means to log in is done by
    // then.
    ByConnection<std::shared_ptr<Exchange>> exchanges{4096, std::chrono::minutes{2}};
    ByConnection<std::string> unbound{16'384, std::chrono::minutes{5}};

    // Where connections that have not logged in come from, as far as it was told: what one address may register.
    ByConnection<std::string> addresses{32'768, std::chrono::hours{1}};
    RegistrationRate registrations;

    StorageThread storage;
    ThreadPool hashing; // passwords
    Directory directory{outlet, storage};
    std::atomic<bool> stopping = false; // no login succeeds any more

private:
    std::size_t pending() const { return storage.queued() + hashing.queued() + directory.waiting(); }
    void job_done(); // on its thread: congestion may be over

    std::vector<std::string> hosts_; // prepared
    std::atomic<bool> congested_ = false;
};

} // namespace jabberd::session_manager
