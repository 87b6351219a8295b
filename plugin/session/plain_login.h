// SPDX-License-Identifier: LGPL-2.1-or-later
// SASL PLAIN as jabber:iq:auth, for session managers that know only the latter (RFC 4616, XEP-0078).
#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace jabberd::session {

// The name of a SASL failure (RFC 6120 §6.5).
struct SaslCondition {
    std::string_view name;
};

// `message` is what the client sent, in base64: authorization identity, name, password. The result is the body of an
// iq set. `host` is the session manager's: an authorization identity must be the user's own there. `alias`: what the
// client may call it as well; "": nothing else.
std::variant<std::string, SaslCondition> iq_auth_of_plain(std::string_view message, std::string_view host,
                                                          std::string_view alias, std::string_view resource);

} // namespace jabberd::session
