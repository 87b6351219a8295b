// SPDX-License-Identifier: LGPL-2.1-or-later
// What a hostile client does.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace jabberd::chaos {

struct Who {
    std::string name; // of the account
    unsigned number;  // of the connection
};

struct Kind {
    std::string_view name, what;
    bool logs_in = true;
    std::string (*say)(const Who &who, unsigned round);
    unsigned rounds = 0;      // how often; 0: without end
    bool reads = true;        // what it is sent
    bool comes_again = false; // when it is disconnected
    bool resets = false;      // once all is said, by a RST, wherever the server is with it; it comes again
    bool drips = false;       // says one byte at a time
    bool one_account = false; // for all connections of an address
    std::string header = "";  // more attributes of its stream header
    bool has_stream = true;   // before what it says: else it begins with that
    bool by_sasl = false;     // logs in so far that it may bind a resource, or resume a session
    bool vanishes = false;    // by a RST, when the flood ends
    bool leaves = false;      // once the server has ended the stream, and comes again after a while: a decent client
    std::string domain = "localhost"; // that it logs in to
};

std::span<const Kind> all_kinds();
const Kind *kind_called(std::string_view name);

} // namespace jabberd::chaos
