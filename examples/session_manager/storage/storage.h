// SPDX-License-Identifier: LGPL-2.1-or-later
// Everything that is kept: accounts, rosters, blocklists, offline messages, and documents (vCards, private XML).
#pragma once

#include "session_manager/accounts/credentials.h"
#include "session_manager/blocking/blocklist.h"
#include "session_manager/roster/roster.h"
#include "session_manager/storage/database.h"
#include "session_manager/storage/offline_messages.h"

#include <string>

namespace jabberd::session_manager {

// Accounts are named by their prepared bare address. Every function throws StorageError. One thread at a time.
class Accounts {
public:
    explicit Accounts(Database &database);
    std::optional<Credentials> find(std::string_view address);
    // For an unknown user, credentials that no password matches, but that look like an account's, the same each time.
    Credentials find_or_decoy(std::string_view address, unsigned iterations);
    bool exists(std::string_view address);
    bool create(std::string_view address, const Credentials &credentials); // false: there is one already
    bool change(std::string_view address, const Credentials &credentials); // false: there is none
    bool remove(std::string_view address); // and all that belongs to it; false: there was none
    void forget_passwords();               // those in the clear
    std::int64_t count();

private:
    Database &database_;
    const std::string decoy_secret_; // kept, so that a restart does not give the decoys away
    Statement find_, exists_, create_, change_, remove_, count_;
};

class Rosters {
public:
    explicit Rosters(Database &database);
    Roster load(std::string_view address);
    bool save(std::string_view address, const RosterItem &item); // an empty item is removed; false: no such account

private:
    Database &database_;
    Statement load_, save_, remove_;
};

// What an account has blocked. Nothing is kept for one that does not exist.
class Blocklists {
public:
    explicit Blocklists(Database &database);
    Blocklist load(std::string_view account);
    bool covers(std::string_view account, std::string_view address); // as the list itself would say
    void add(std::string_view account, std::string_view address);
    void remove(std::string_view account, std::string_view address);

private:
    Statement load_, covers_, add_, remove_;
};

// XML that clients keep here, by the namespace and name of its root.
class Documents {
public:
    explicit Documents(Database &database);
    std::optional<std::string> load(std::string_view address, std::string_view xmlns, std::string_view name);
    bool save(std::string_view address, std::string_view xmlns, std::string_view name, std::string_view content,
              std::size_t max_documents, std::size_t max_bytes); // false: too many, or too large together

private:
    Statement load_, save_, count_;
};

struct Storage {
    explicit Storage(const std::string &path);

    Database database;
    Accounts accounts;
    Rosters rosters;
    Blocklists blocklists;
    OfflineMessages offline;
    Documents documents;

private:
    explicit Storage(Database ready);
};

} // namespace jabberd::session_manager
