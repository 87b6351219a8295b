// SPDX-License-Identifier: LGPL-2.1-or-later
// What all rules of the session manager stand on: the way out, the storage, who is here, logins in progress, and how a
// packet finds a user.
#pragma once

#include "session_manager/accounts/registration_rate.h"
#include "session_manager/base/log.h"
#include "session_manager/base/outlet.h"
#include "session_manager/base/seldom.h"
#include "session_manager/base/stanza.h"
#include "session_manager/base/thread_pool.h"
#include "session_manager/base/work.h"
#include "session_manager/core/login_counts.h"
#include "session_manager/core/options.h"
#include "session_manager/sasl/exchange.h"
#include "session_manager/state/by_connection.h"
#include "session_manager/state/locked_directory.h"
#include "session_manager/storage/storage_thread.h"
#include "session_manager/storage/stored_counts.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::session_manager {

// What the client is told of a failure of the database.
Condition condition_of(StorageFailure failure);

// The names that an instance of this host answers for, as addresses have them; without "".
std::vector<std::string> prepared_hosts(const jabberd_host &host);
bool serves_any_host(const jabberd_host &host); // whether "" is among them

// Whether a packet that has to wait for its user may be refused.
enum class Admission {
    MayBeRefused,
    Owed, // it follows from what was done already
};

// One for each instance; everything in it may be used from any thread.
class Core {
public:
    // Opens the database; throws StorageError.
    Core(const jabberd_host &host_, const Options &options);
    ~Core();
    Core(const Core &) = delete;
    Core &operator=(const Core &) = delete;

    void start();
    void replace(const Options &options);

    // Whether accounts of that (prepared) host are kept here. With a wildcard host this says no to names it answers
    // for; their packets then take the way through the host and come back.
    bool is_local(std::string_view prepared_host) const;

    // The (prepared) hosts that are named in the configuration, and whether it answers for all others, too.
    const std::vector<std::string> &hosts() const { return hosts_; }
    bool serves_any_host() const { return session_manager::serves_any_host(host); }

    // A finished packet, to wherever its `to` says: the session of exactly that id, or another host. Dropped when it is
    // for a session that is gone.
    void send(LockedDirectory &locked, const jabberd_packet &packet);
    void send(const jabberd_packet &packet);

    // Answers a packet with an error, where that is allowed.
    void refuse(LockedDirectory &locked, const jabberd_packet &packet, Condition condition);

    // Lets a local user (prepared bare address) receive a packet, when what came before it is done; the packet is
    // copied when it has to wait.
    using Receive = void (*)(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &packet);
    void pass(LockedDirectory &locked, std::string_view address, const jabberd_packet &packet, Receive receive,
              Admission admission = Admission::MayBeRefused);

    // Whose work it is: of a connection that has no session yet, and of whoever has this address, a session or one of
    // another host.
    Causer causer_before_login(std::string_view connection) const;
    Causer causer_of(std::string_view from) const;

    // A share of the work that may wait, for something that carries so many bytes. Empty: refused, and logged.
    Work take_work(const Causer &causer, std::size_t bytes);
    Work take_work(LockedDirectory &locked, const Causer &causer, std::size_t bytes);
    // A place among the logins in progress.
    Work take_login(std::string_view connection);

    // Something went wrong, such as no memory, where it could not be told to a client.
    void failed(const std::exception &problem);

    // What our handler answers to a packet that it has taken: CONGESTED while too much waits behind us, or here, of all
    // together.
    jabberd_result done_or_congested();

    const jabberd_host &host;
    Log log{host};
    Settings settings;
    Outlet outlet{host};
    SystemClock clock;
    SaslLibrary sasl; // before the threads: their jobs hold exchanges
    WorkShares work;  // before the threads, too

    // SASL exchanges in progress, and the bare addresses that connections have authenticated as but have no session
    // for yet. The oldest of too many are dropped, and those that are too old: a client that means to log in is done by
    // then.
    WorkShares logins{{.pieces = 512, .bytes = 0}}; // exchanges hold one: those of others are not dropped for them
    ByConnection<std::shared_ptr<Exchange>> exchanges{32'768, std::chrono::minutes{2}};
    ByConnection<std::string> unbound{16'384, std::chrono::minutes{5}};

    // Where connections that have not logged in come from, as far as it was told.
    ByConnection<std::string> addresses{32'768, std::chrono::hours{1}};
    RegistrationRate registrations;

    StorageThread storage;
    StoredCounts stored;
    ThreadPool hashing; // passwords
    Directory directory{outlet, storage, [this](const std::exception &problem) { failed(problem); }};
    LoginCounts login_counts;
    std::atomic<std::uint64_t> rosters_refused = 0;   // items that one had no room for
    std::atomic<std::uint64_t> blocks_refused = 0;    // that a blocklist had no room for
    std::atomic<std::uint64_t> documents_refused = 0; // that an account had no room for
    std::atomic<bool> stopping = false;               // no login succeeds any more

private:
    MoveOnlyFunction<void()> refusal(const Causer &causer); // what logs it
    void receive_in_order(LockedDirectory &locked, User &user, OwnedPacket packet, Work share, Receive receive);
    void job_done(); // on its thread: congestion may be over

    std::vector<std::string> hosts_; // prepared
    std::atomic<bool> congested_ = false;
    Seldom failures_{std::chrono::seconds{1}};
    std::array<Seldom, 3> refusals_{Seldom{std::chrono::seconds{1}}, Seldom{std::chrono::seconds{1}},
                                    Seldom{std::chrono::seconds{1}}}; // by Causer::Kind
};

} // namespace jabberd::session_manager
