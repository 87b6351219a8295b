// SPDX-License-Identifier: LGPL-2.1-or-later
// A person with an account and the tests' own client.
#pragma once

#include "support/client.h"
#include "support/passwords.h"

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace jabberd::test {

// Makes an account and goes away. A test failure when it is refused.
void register_account(std::uint16_t port, const std::string &name, std::string_view password = usual_password);

class User {
public:
    // Makes an account if there is none, logs in and is available. A test failure when one of these is refused.
    User(std::uint16_t port, std::string name, const std::string &resource = "test",
         const std::string &domain = "localhost");

    const std::string &address() const { return address_; } // with the resource
    Client &client() { return client_; }

    void say(std::string_view to, std::string_view body);

    struct Message {
        std::string from, body;
        friend bool operator==(const Message &, const Message &) = default;
        friend void PrintTo(const Message &message, std::ostream *out) { *out << message.from << ": " << message.body; }
    };
    // The next message; whatever else comes is passed over. Nothing when the connection ends first, or time runs out.
    std::optional<Message> hear(Clock::time_point deadline = soon());

private:
    Client client_;
    std::string address_;
};

} // namespace jabberd::test
