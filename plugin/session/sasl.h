// SPDX-License-Identifier: LGPL-2.1-or-later
// The elements of SASL, in both of its profiles (RFC 6120 §6, XEP-0388).
#pragma once

#include "xml/stanza.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::session {

enum class SaslProfile : std::uint8_t {
    Rfc6120, // after success the stream begins anew
    Sasl2,   // the stream goes on, and a resource may be bound already
};

struct SaslElement {
    enum class Kind : std::uint8_t { Start, Response, Abort };
    Kind kind;
    SaslProfile profile;
};

// What of SASL a client has sent, if it is that.
std::optional<SaslElement> sasl_element(const xml::Stanza &stanza);

// <auth/> or <authenticate/>.
bool begins_exchange(const xml::Stanza &stanza);

std::string_view xmlns_of(SaslProfile profile);

// The mechanism that a Start asks for; "" when it names none.
std::string_view mechanism_of(const jabberd_packet &start);

// Whether a mechanism may have this name (RFC 4422 §3.1).
bool is_mechanism_name(std::string_view text);

// <failure/> with that condition of RFC 6120 §6.5.
std::string sasl_failure(SaslProfile profile, std::string_view condition);

} // namespace jabberd::session
