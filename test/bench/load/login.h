// SPDX-License-Identifier: LGPL-2.1-or-later
// How a client of the load gets in.
#pragma once

#include "load/options.h"

#include <string>
#include <string_view>
#include <vector>

namespace jabberd::bench {

// With XEP-0078 an account is made where there is none; with SASL (RFC 6120 §6, PLAIN) there must be one.
class Login {
public:
    Login(const Options &options, const std::string &user);

    // What comes next, when `in` is the whole answer to what was said last; "" when it is not. Throws
    // std::runtime_error when the answer is a refusal.
    std::string next(std::string_view in);
    bool begun() const { return said_ > 0; }
    bool done() const { return said_ > steps_.size(); }

private:
    void enable(const Options &options);

    struct Step {
        std::string say;
        std::string answer; // in the answer
        bool may_fail = false;
    };

    std::vector<Step> steps_;
    std::size_t said_ = 0;
};

} // namespace jabberd::bench
