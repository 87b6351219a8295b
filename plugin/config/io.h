// SPDX-License-Identifier: LGPL-2.1-or-later
// What jabberd 1.4 and 1.6 have for the sockets of all services: the server's <io/>.
#pragma once

#include "config/mistake_report.h"
#include "config/options.h"
#include "elements/element.h"

#include <optional>
#include <vector>

namespace jabberd::config {

struct Io {
    std::optional<net::Rate> bytes, attempts; // for who has none of its own
    net::AccessList access;
    std::vector<CertificateFiles> certificates; // likewise; the first is the default
};

// The host hands it over as a child of the service. Null: there is none.
const jabberd_config *find_io(const jabberd_config &service);

Io read_io(const elements::Element &io, MistakeReport &mistakes);

} // namespace jabberd::config
