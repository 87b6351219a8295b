// SPDX-License-Identifier: LGPL-2.1-or-later
// The certificates of one configuration.
#pragma once

#include "tls/certificate.h"

#include <string_view>
#include <vector>

namespace jabberd::tls {

// The first that was configured for this name of ours, or else covers the host; null when none does. A client's word:
// anything may be in it.
const Certificate *find(const std::vector<Certificate> &all, std::string_view host);

// Immutable, and replaced as a whole: a connection in its handshake shares the one it began with; what a connection
// needs of it afterwards, OpenSSL shares by itself.
class Certificates {
public:
    // At least one; the first is the default.
    explicit Certificates(std::vector<Certificate> all) : all_(std::move(all)) {}

    const Certificate *find(std::string_view host) const { return tls::find(all_, host); }

    // That, or the default.
    const Certificate &pick(std::string_view host) const;

    const std::vector<Certificate> &all() const { return all_; }

private:
    std::vector<Certificate> all_;
};

} // namespace jabberd::tls
