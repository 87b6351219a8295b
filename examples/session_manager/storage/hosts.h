// SPDX-License-Identifier: LGPL-2.1-or-later
// Of which hosts the accounts are: a server that gets another name has those of its old one.
#pragma once

#include "session_manager/storage/database.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::session_manager {

struct HostAccounts {
    std::string host; // prepared
    std::int64_t accounts = 0;

    friend bool operator==(const HostAccounts &, const HostAccounts &) = default;
};

// By host. Throws StorageError.
std::vector<HostAccounts> accounts_by_host(Database &database);

// The same without those of `served`, which are prepared.
std::vector<HostAccounts> accounts_elsewhere(Database &database, const std::vector<std::string> &served);

// The same of a file that may be another process's at the moment, or not be there. Makes no file. Nothing where it
// cannot be told: opening it says why.
std::vector<HostAccounts> accounts_elsewhere(const std::string &path, const std::vector<std::string> &served);

// Accounts of the host `from` are of `to` afterwards, with all that belongs to them; where they name each other, by the
// new name. What is returned are addresses that other accounts have already: then nothing has changed. Inside a
// transaction. Throws StorageError.
std::vector<std::string> rename_host(Database &database, std::string_view from, std::string_view to);

} // namespace jabberd::session_manager
