// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients by number, each with an account of its own.
#pragma once

#include "load/link.h"
#include "load/login.h"
#include "load/options.h"

#include <memory>
#include <string>
#include <vector>

namespace jabberd::bench {

class Crowd {
public:
    explicit Crowd(const Options &options) : options_(options) {}

    // Until so many are logged in; at a relay, 2n and 2n+1 are a pair.
    void grow_to(unsigned count);

    unsigned size() const { return static_cast<unsigned>(links_.size()); }
    Link &link(unsigned number) { return *links_[number]; }
    std::string address(unsigned number) const { return name(number) + "@" + options_.host + "/r"; }
    Poller &poller() { return poller_; }

private:
    static std::string name(unsigned number) { return "load" + std::to_string(number); }
    bool log_in_further(unsigned number); // true: logged in

    const Options &options_;
    Poller poller_;
    std::vector<std::unique_ptr<Link>> links_;
    std::vector<Login> logins_;
};

} // namespace jabberd::bench
