// SPDX-License-Identifier: LGPL-2.1-or-later
// The subjects of a cluster at its broker.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jabberd::link {

constexpr std::size_t max_subject = 128; // of the part that the operator chooses; a broker's line has 4096 bytes

// Tokens with '.' between them, and nothing that a broker takes for a wildcard or an end.
bool is_subject(std::string_view text);

// The name of a process as one token: what is not of [A-Za-z0-9_-] is "%XX".
std::string subject_token(std::string_view name);

class NatsSubjects {
public:
    NatsSubjects(std::string_view prefix, std::string_view own_name)
        : prefix_(std::string{prefix} + "."), own_token_(subject_token(own_name))
    {
    }

    // Where each process says that it is there.
    std::string all() const { return prefix_ + "all"; }
    // Where the process of that name is reached.
    std::string inbox(std::string_view name) const { return prefix_ + "inbox." + subject_token(name); }
    std::string own_inbox() const { return prefix_ + "inbox." + own_token_; }
    // Where the broker answers us that no process listens at that inbox.
    std::string absence(std::string_view name) const
    {
        return prefix_ + "absent." + own_token_ + "." + subject_token(name);
    }

private:
    const std::string prefix_, own_token_;
};

} // namespace jabberd::link
