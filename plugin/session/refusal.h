// SPDX-License-Identifier: LGPL-2.1-or-later
// Why a session manager has refused a login, for the log.
#pragma once

#include <jabberd/packet.h>

#include <string>

namespace jabberd::session {

// The condition of a SASL <failure/> (RFC 6120 §6.5) or of an iq's <error/> (§8.3.3; the code where it has no
// condition, XEP-0086), and the text behind it in parentheses: "not-authorized", "401 (Unauthorized)". "": it says
// neither.
std::string refusal_of(const jabberd_packet &answer);

} // namespace jabberd::session
