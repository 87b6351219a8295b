// SPDX-License-Identifier: LGPL-2.1-or-later
// From the certificates' names in a configuration to certificates.
#pragma once

#include "config/options.h"
#include "tls/certificates.h"

#include <jabberd/host.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jabberd {

enum class MissingOnes : std::uint8_t {
    Make,  // those that sign themselves
    Leave, // they would be made: nothing is wrong
};

// Loads all, and reports every mistake and oddity at its line. Nothing when there was a mistake; null when there is
// none. [main], in create() and reload().
std::optional<std::shared_ptr<const tls::Certificates>> load_certificates(const jabberd_host &host,
                                                                          const config::Options &options, tls::Date now,
                                                                          MissingOnes missing = MissingOnes::Make);

// Names that clients come for, and that none of the certificates is for: domains of this server (jabberd/domains.h) and
// aliases. [main]
std::vector<std::string> names_without_certificate(const jabberd_host &host, const config::Options &options,
                                                   const tls::Certificates &certificates);

} // namespace jabberd
