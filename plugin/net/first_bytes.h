// SPDX-License-Identifier: LGPL-2.1-or-later
// What kind of client opened a connection, by its first bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace jabberd::net {

enum class FirstBytes { Xml, Tls, Http, Proxy, Other };

inline constexpr std::size_t enough_first_bytes = 12;

// Browsers, monitors, proxies and TLS clients on the wrong port are recognised, so that they leave one quiet line in
// the log instead of an XML error. `bytes` is not empty.
FirstBytes recognise(std::string_view bytes);

} // namespace jabberd::net
