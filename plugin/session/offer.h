// SPDX-License-Identifier: LGPL-2.1-or-later
// What a session manager offers to one stream (include/jabberd/session.h, "Features").
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::session {

// What a session manager wants to be told besides ("Features", <wants/>).
struct Wants {
    bool end = false;
    std::vector<std::string> relay; // namespaces

    bool relays(std::string_view xmlns) const { return std::ranges::find(relay, xmlns) != relay.end(); }
    bool nothing() const { return !end && relay.empty(); }
};

struct Offer {
    std::string features; // children of <stream:features/>
    std::vector<std::string> sasl, sasl2;
    Wants wants;
    bool translated = false; // it knows jabber:iq:auth only: SASL PLAIN is our word, not its

    bool has(const std::vector<std::string> &mechanisms, std::string_view mechanism) const
    {
        return std::ranges::find(mechanisms, mechanism) != mechanisms.end();
    }
};

// Reads the body of an answer to the features question. Nothing when it is no answer to that.
std::optional<Offer> read_offer(std::string_view answer);

// For a session manager that knows jabber:iq:auth only. A password in the clear is worth offering under TLS alone.
// Whether it takes registrations is its own affair: they may be left unmentioned.
Offer iq_auth_offer(bool plain, bool registration);

// After a login, where binding is ours to answer.
Offer bind_offer();

} // namespace jabberd::session
