// SPDX-License-Identifier: LGPL-2.1-or-later
// <sessions xmlns='jabber:config:session-manager'>: what an operator can choose.
#pragma once

#include "net/token_bucket.h"
#include "session_manager/base/work.h"

#include <jabberd/host.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace jabberd::session_manager {

inline constexpr const char *options_namespace = "jabber:config:session-manager";

// Another service of the server, such as one of rooms.
struct Service {
    std::string address, name;
};

struct Options {
    std::string database;      // path; fixed until a restart
    bool registration = false; // clients may make accounts
    // Of one network address: 60 an hour, and 20 at once, the burst and the one that empties it.
    net::Rate registration_rate{.per_second = 60 / 3600.0, .burst = 19};
    bool digest = false;          // <digest/> login: passwords are then kept in the clear
    unsigned iterations = 10'000; // of PBKDF2, for passwords set from now on
    unsigned offline_max = 100;   // messages stored for one user
    // How large they may be together: half of what a socket manager keeps for a slow client.
    unsigned offline_bytes = 524'288;
    unsigned roster_max = 2000;           // contacts of one user
    unsigned roster_bytes = 1'048'576;    // how large they may be together
    unsigned rosters_bytes = 268'435'456; // and those of all users who are in memory
    unsigned requests_max = 100;          // strangers whose requests wait for one user
    unsigned requests_bytes = 262'144;    // how large these may be together
    unsigned blocked_max = 1000;          // addresses that one user has blocked
    unsigned blocked_bytes = 262'144;     // how large they may be together
    unsigned documents_max = 100;         // vCard and private XML of one user
    unsigned documents_bytes = 1'048'576; // how large they may be together
    WorkShares::Limits work;              // what one connection may have waiting for a thread
    std::vector<std::string> mechanisms;  // of SASL that may be offered; empty for all
    std::vector<Service> services;        // listed to clients that ask the host what else there is
    std::string welcome;                  // body of the message a new account finds; canonical XML, empty for none
};

// Reports every mistake through host.report(); nothing when there was one. [main]
std::optional<Options> read_options(const jabberd_host &host, const jabberd_config &service);

// The options in force. A reader keeps the ones it got, however often they are replaced. [any-thread]
class Settings {
public:
    explicit Settings(Options options) { replace(std::move(options)); }

    std::shared_ptr<const Options> current() const
    {
        const std::lock_guard lock{mutex_};
        return options_;
    }
    void replace(Options options)
    {
        auto replacement = std::make_shared<const Options>(std::move(options));
        const std::lock_guard lock{mutex_};
        options_ = std::move(replacement);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Options> options_;
};

} // namespace jabberd::session_manager
