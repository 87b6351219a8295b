// SPDX-License-Identifier: LGPL-2.1-or-later
// Namespaces of what is in a stream besides stanzas.
#pragma once

namespace jabberd::stream::ns {

inline constexpr char stream_errors[] = "urn:ietf:params:xml:ns:xmpp-streams";
inline constexpr char tls[] = "urn:ietf:params:xml:ns:xmpp-tls";
inline constexpr char management[] = "urn:xmpp:sm:3";    // XEP-0198
inline constexpr char client_state[] = "urn:xmpp:csi:0"; // XEP-0352
inline constexpr char stream_limits[] = "urn:xmpp:stream-limits:0";

} // namespace jabberd::stream::ns
