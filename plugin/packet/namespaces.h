// SPDX-License-Identifier: LGPL-2.1-or-later
// Namespaces of what packets hold.
#pragma once

namespace jabberd::packet::ns {

inline constexpr char sasl[] = "urn:ietf:params:xml:ns:xmpp-sasl";
inline constexpr char sasl2[] = "urn:xmpp:sasl:2";
inline constexpr char bind2[] = "urn:xmpp:bind:0"; // XEP-0386
inline constexpr char bind[] = "urn:ietf:params:xml:ns:xmpp-bind";
inline constexpr char feature_iq_auth[] = "http://jabber.org/features/iq-auth";
inline constexpr char feature_iq_register[] = "http://jabber.org/features/iq-register";
inline constexpr char iq_auth[] = "jabber:iq:auth";
inline constexpr char iq_register[] = "jabber:iq:register";

} // namespace jabberd::packet::ns
