// SPDX-License-Identifier: LGPL-2.1-or-later
// From the certificates' names in a configuration to certificates.
#pragma once

#include "config/options.h"
#include "tls/certificates.h"

#include <jabberd/host.h>

#include <memory>
#include <optional>

namespace jabberd {

// Makes self-signed ones that are missing, loads all, and reports every mistake and oddity at its line. Nothing when
// there was a mistake; null when none is configured. [main], in create() and reload().
std::optional<std::shared_ptr<const tls::Certificates>> load_certificates(const jabberd_host &host,
                                                                          const config::Tls &configured, tls::Date now);

} // namespace jabberd
