// SPDX-License-Identifier: LGPL-2.1-or-later
// Who logged in, or was refused, and from where: what jabberd 1.2 and later keep beside their log.
#pragma once

#include "classic/functions.h"
#include "dialect/dialect.h"

#include <jabberd/log.h>

#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace jabberd::classic {

// A record is made of what two know that do not know of each other: the dialect sees who wanted to log in and what came
// of it, the socket manager says in its log where a connection comes from. Both name the connection.
class LoginRecords {
public:
    // [any-thread] Before the socket manager is told: what it logs of that completes the record.
    void add(const dialect::LoginEnd &login);

    // [any-thread] Something was logged with these fields. The records that waited for where this connection comes
    // from, oldest first.
    std::vector<Record> complete(std::span<const jabberd_log_field> fields);

private:
    struct Waiting {
        std::string connection;
        Record record; // its text is without the client's address
    };

    std::mutex mutex_;
    std::deque<Waiting> waiting_;
};

} // namespace jabberd::classic
