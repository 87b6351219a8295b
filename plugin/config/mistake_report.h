// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the mistakes in a configuration go, and whether there were any.
#pragma once

#include "config/options.h"

#include <jabberd/host.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::config {

// Reports through the host, at the line, in the order of the file. [main], in create() and reload().
class MistakeReport {
public:
    explicit MistakeReport(const jabberd_host &host) : host_(host) {}
    ~MistakeReport(); // reports
    MistakeReport(const MistakeReport &) = delete;
    MistakeReport &operator=(const MistakeReport &) = delete;

    void error(const jabberd_config &at, const std::string &message);
    void warning(const jabberd_config &at, const std::string &message); // ", ignoring" is added
    bool none() const { return none_; }                                 // no errors

    // Nothing after the error was reported; `what` begins it.
    std::optional<std::uint32_t> number(const jabberd_config &at, const std::string &what, std::string_view text,
                                        std::uint32_t minimum, std::uint32_t maximum);

private:
    struct Mistake {
        const jabberd_config *at;
        jabberd_log_level level;
        std::string message;
    };

    const jabberd_host &host_;
    std::vector<Mistake> all_;
    bool none_ = true;
};

// "<listen/>", to name it in a report.
std::string tag(const jabberd_config &element);

// Where this stands.
Place place_of(const jabberd_config &element);

} // namespace jabberd::config
