// SPDX-License-Identifier: LGPL-2.1-or-later
// What a stream offers now (RFC 6120 §4.3.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jabberd::stream {

enum class StartTls : std::uint8_t { No, Optional, Required };

struct Features {
    StartTls starttls = StartTls::No;
    std::uint32_t max_stanza_bytes = 0; // as they are enforced (XEP-0478)
    std::string_view others;            // the session manager's, as XML
};

void append_features(std::string &out, const Features &features);

// A client may say that nobody looks at it (XEP-0352 §3).
void append_client_state_feature(std::string &features);

// Go ahead, negotiate TLS (RFC 6120 §5.4.2.3).
std::string tls_proceed();

} // namespace jabberd::stream
