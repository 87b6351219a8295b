// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets made here: plain ones, and error replies with their legacy code (XEP-0086).
#pragma once

#include <jabberd/packet.h>

#include <string>
#include <string_view>

namespace jabberd::session_manager {

enum class Condition {
    BadRequest,
    Blocked, // not-acceptable, by the sender's own blocklist (XEP-0191)
    Conflict,
    Forbidden,
    InternalServerError,
    ItemNotFound,
    JidMalformed,
    NotAcceptable,
    NotAllowed,
    NotAuthorized,
    ResourceConstraint,
    ServiceUnavailable,
};

// <error code='…' type='…'><condition xmlns='…'/></error>, with a <text/> for people where there is one.
std::string error_element(Condition condition, std::string_view explanation = {});

// Why a request is refused that would have to wait, for people.
inline constexpr std::string_view too_much_waits =
    "Too much of what you have asked for is not done yet; try again later";

// A packet with these fields and no other. An empty `to`, `from` or `type` is absent. Borrows.
jabberd_packet make_packet(std::string_view name, std::string_view type, std::string_view from, std::string_view to,
                           std::string_view body = {});

// Whether a packet may be answered by an error: an error and an answer may not (RFC 6120 §8.3.1).
bool may_be_refused(const jabberd_packet &packet);

// The error reply to a packet: addresses swapped, its children kept. Borrows from the original, which must outlive it.
class ErrorReply {
public:
    ErrorReply(const jabberd_packet &original, Condition condition);
    ErrorReply(const ErrorReply &) = delete;
    ErrorReply &operator=(const ErrorReply &) = delete;

    const jabberd_packet &packet() const { return packet_; }

private:
    std::string body_;
    jabberd_packet packet_;
};

} // namespace jabberd::session_manager
