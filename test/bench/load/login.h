// SPDX-License-Identifier: LGPL-2.1-or-later
// How a client of the load gets in.
#pragma once

#include "load/options.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::bench {

// What a stanza has in front of its attributes: in a message of a WebSocket it declares its namespace itself.
std::string declared(const Options &options);

// With XEP-0078 an account is made where there is none; with SASL (RFC 6120 §6) there must be one.
class Login {
public:
    Login(const Options &options, const std::string &user);

    // What comes next, an element each, when `in` is the whole answer to what was said last; nothing when it is not.
    // Throws std::runtime_error when the answer is a refusal.
    std::vector<std::string> next(std::string_view in);
    bool begun() const { return said_ > 0; }
    bool opens_websocket() const { return websocket_ && said_ == 2; } // what was said last is its first message
    bool done() const { return said_ > steps_.size(); }

private:
    void log_in_by_iq_auth(const Options &options, const std::string &user);
    void log_in_by_sasl(const Options &options, const std::string &user);
    void authenticate_by_plain(const std::string &user);
    void authenticate_by_scram(const std::string &user);

    struct Step {
        std::vector<std::string> say;
        std::string answer; // in the answer
        bool may_fail = false;
        std::function<std::string(std::string_view in)> reply = {}; // said instead, to what has come
    };

    const bool websocket_;
    std::vector<Step> steps_;
    std::size_t said_ = 0;
};

} // namespace jabberd::bench
