// SPDX-License-Identifier: LGPL-2.1-or-later
// Everything that is kept: accounts, rosters, blocklists, offline messages, and documents (vCards, private XML).
#pragma once

#include "session_manager/accounts/credentials.h"
#include "session_manager/accounts/decoys.h"
#include "session_manager/blocking/blocklist.h"
#include "session_manager/roster/roster.h"
#include "session_manager/storage/database.h"
#include "session_manager/storage/offline_messages.h"
#include "session_manager/storage/reading.h"

#include <cstdint>
#include <string>
#include <vector>

namespace jabberd::session_manager {

// What is to be said of an account without a look at what belongs to it.
struct AccountState {
    std::string address;
    std::int64_t created = 0; // seconds since 1970
    bool locked = false;
};

// What a login is checked with.
struct KnownOrDecoy {
    bool exists = false;
    Credentials credentials;
};

// Accounts are named by their prepared bare address. Every function throws StorageError. One thread at a time.
class Accounts {
public:
    explicit Accounts(Database &database);
    std::optional<Credentials> find(std::string_view address);
    // For an unknown user, credentials that no password matches, but that look like an account's, the same each time.
    KnownOrDecoy find_or_decoy(std::string_view address, unsigned iterations);
    bool exists(std::string_view address);
    bool create(std::string_view address, const Credentials &credentials); // false: there is one already
    bool change(std::string_view address, const Credentials &credentials); // false: there is none
    bool remove(std::string_view address); // and all that belongs to it; false: there was none
    void forget_passwords();               // those in the clear
    std::int64_t count();

    // One that is locked cannot log in; all that it has stays.
    bool set_locked(std::string_view address, bool locked); // false: there is no such account
    std::optional<AccountState> state(std::string_view address);
    // The next ones behind that address, by address; "" begins.
    std::vector<AccountState> behind(std::string_view address, unsigned most);
    // The same of one host only.
    std::vector<AccountState> of_host_behind(std::string_view host, std::string_view address, unsigned most);

private:
    Database &database_;
    const Decoys decoys_; // their secret is kept, so that a restart does not give the decoys away
    Statement find_, exists_, create_, change_, remove_, count_, set_locked_, state_, behind_, of_host_behind_;
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

struct Document {
    std::string xmlns, name; // of its root
    std::string content;     // canonical XML, the root included
    friend bool operator==(const Document &, const Document &) = default;
};

// XML that clients keep here, by the namespace and name of its root.
class Documents {
public:
    explicit Documents(Database &database);
    std::optional<std::string> load(std::string_view address, std::string_view xmlns, std::string_view name);
    bool save(std::string_view address, std::string_view xmlns, std::string_view name, std::string_view content,
              std::size_t max_documents, std::size_t max_bytes); // false: too many, or too large together
    std::vector<Document> load_all(std::string_view address);
    void restore(std::string_view address, const Document &document); // whatever there is already

private:
    Statement load_, save_, count_, load_all_;
};

struct Storage {
    explicit Storage(const std::string &path);

    Database database;
    Accounts accounts;
    Rosters rosters;
    Blocklists blocklists;
    OfflineMessages offline;
    Documents documents;
    ReadingStatements reading;

private:
    explicit Storage(Database ready);
};

} // namespace jabberd::session_manager
