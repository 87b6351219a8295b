// SPDX-License-Identifier: LGPL-2.1-or-later
// Namespace names this component knows.
#pragma once

namespace jabberd::xml::ns {

inline constexpr char xml[] = "http://www.w3.org/XML/1998/namespace";
inline constexpr char client[] = "jabber:client";
inline constexpr char streams[] = "http://etherx.jabber.org/streams";
inline constexpr char stream_errors[] = "urn:ietf:params:xml:ns:xmpp-streams";
inline constexpr char stanza_errors[] = "urn:ietf:params:xml:ns:xmpp-stanzas";
inline constexpr char iq_auth[] = "jabber:iq:auth";
inline constexpr char iq_register[] = "jabber:iq:register";

} // namespace jabberd::xml::ns
