// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a client stands, from its connect to its end: the one vocabulary of states.
#pragma once

#include <cstdint>

namespace jabberd::stream {

// The states of a stream (RFC 6120 §4). What its login has come to is the session's.
//
//         ┌◀── SASL success ──┐
//   WaitForStream ──header──▶ Open ──error, </stream:stream>──▶ Closing ──all written, client gone──▶ Disconnected
//         ├◀─ WaitForTls ◀─starttls─┤                             │
//         └─────────────────────────┴─────────────────────────────┴──socket lost──▶ Disconnected
//
// ejabberd's xmpp_stream_in says wait_for_stream, wait_for_tls and disconnected for the same; its wait_for_sasl,
// wait_for_bind and established are Open with a session that is Unknown, Authenticated and Bound.
enum class StreamState : std::uint8_t {
    WaitForStream, // the initial stream header, or the one of a restart (§4.3.3), is due
    Open,          // elements
    WaitForTls,    // until the last plaintext byte, <proceed/>, is written (§5.4.2.3)
    Closing,       // until our closing tag is read; what the client sends is not looked at (§4.4)
    Disconnected,
};

// The states of a session, as its session manager knows it (include/jabberd/session.h).
//
//   Unknown ──SASL success──▶ Authenticated ──bind──▶ Bound
//      └──result of iq:auth, success with a resource──▲
enum class SessionState : std::uint8_t {
    Unknown,
    Authenticated, // the session manager knows who this is: it is owed a 510
    Bound,         // there is a session: stanzas pass
};

} // namespace jabberd::stream
