// SPDX-License-Identifier: LGPL-2.1-or-later
// The status page for people: one file without any other, which draws what /metrics says.
#pragma once

#include <string>
#include <string_view>

namespace jabberd::host {

// page.html as it is in the source, with its script and style in it.
std::string_view status_page();

// Its Content-Security-Policy: this script and this style, known by their hashes, may ask this server, and nothing else
// is allowed.
std::string status_page_policy();

} // namespace jabberd::host
