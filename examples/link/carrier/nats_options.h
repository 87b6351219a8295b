// SPDX-License-Identifier: LGPL-2.1-or-later
// Which broker carries the frames.
#pragma once

#include <string>
#include <vector>

namespace jabberd::link {

struct NatsOptions {
    std::vector<std::string> servers; // URLs; one of them is connected to at a time
    std::string subject = "jabberd";  // what the subjects of the cluster begin with
    std::string user, password;       // empty: none
    std::string credentials;          // a file; empty: none

    friend bool operator==(const NatsOptions &, const NatsOptions &) = default;
};

} // namespace jabberd::link
