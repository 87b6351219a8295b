// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the mistakes in a configuration go, and whether there were any.
#pragma once

#include <jabberd/host.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::config {

// Reports through the host, at the line. [main], in create() and reload().
class Mistakes {
public:
    explicit Mistakes(const jabberd_host &host) : host_(host) {}

    void error(const jabberd_config &at, const std::string &message);
    void warning(const jabberd_config &at, const std::string &message); // ", ignoring" is added
    void unknown(const jabberd_config &element, std::string_view parent);
    bool none() const { return none_; } // no errors

    // Nothing after the error was reported; `what` begins it.
    std::optional<std::uint32_t> number(const jabberd_config &at, const std::string &what, std::string_view text,
                                        std::uint32_t minimum, std::uint32_t maximum);

private:
    const jabberd_host &host_;
    bool none_ = true;
};

} // namespace jabberd::config
