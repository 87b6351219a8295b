// SPDX-License-Identifier: LGPL-2.1-or-later
// Namespace names this component knows.
#pragma once

namespace jabberd::xml::ns {

inline constexpr char xml[] = "http://www.w3.org/XML/1998/namespace";
inline constexpr char client[] = "jabber:client";
inline constexpr char streams[] = "http://etherx.jabber.org/streams";
inline constexpr char stream_errors[] = "urn:ietf:params:xml:ns:xmpp-streams";
inline constexpr char stanza_errors[] = "urn:ietf:params:xml:ns:xmpp-stanzas";
inline constexpr char tls[] = "urn:ietf:params:xml:ns:xmpp-tls";
inline constexpr char sasl[] = "urn:ietf:params:xml:ns:xmpp-sasl";
inline constexpr char sasl2[] = "urn:xmpp:sasl:2";
inline constexpr char bind[] = "urn:ietf:params:xml:ns:xmpp-bind";
inline constexpr char stream_limits[] = "urn:xmpp:stream-limits:0";
inline constexpr char feature_iq_auth[] = "http://jabber.org/features/iq-auth";
inline constexpr char feature_iq_register[] = "http://jabber.org/features/iq-register";
inline constexpr char iq_auth[] = "jabber:iq:auth";
inline constexpr char iq_register[] = "jabber:iq:register";

} // namespace jabberd::xml::ns
