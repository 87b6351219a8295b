// SPDX-License-Identifier: LGPL-2.1-or-later
// What becomes of a packet that could not be delivered.
#pragma once

#include <jabberd/packet.h>

#include <string>

namespace jabberd::host {

enum class Refusal {
    UnknownHost, // nobody answers for that name
    NotTaken,    // its handlers passed, or failed
};

// Whether the packet may go back to its sender, or only be dropped: an error, a 510 or an answer never goes back, nor
// does what nobody signed.
bool may_return(const jabberd_packet &packet);

// The text of the 510 that a session packet becomes (session/notice.h).
std::string_view notice_text(Refusal why);

// A stanza without session, on its way back as an error (RFC 6120 §8.3): to and from swapped, type='error', the
// children kept, <error/> added, with the code of old for old clients (XEP-0086). Borrows from the original, which must
// outlive it.
class ErrorStanza {
public:
    ErrorStanza(const jabberd_packet &original, Refusal why);
    ErrorStanza(const ErrorStanza &) = delete;
    ErrorStanza &operator=(const ErrorStanza &) = delete;

    const jabberd_packet &packet() const { return packet_; }

private:
    std::string body_;
    jabberd_packet packet_;
};

} // namespace jabberd::host
