// SPDX-License-Identifier: LGPL-2.1-or-later
// Stream errors: why a stream ends, as the client is told (RFC 6120 §4.9).
#pragma once

#include "xml/stanza.h"

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::stream {

enum class Condition {
    BadFormat,
    BadNamespacePrefix,
    Conflict,
    ConnectionTimeout,
    HostUnknown,
    ImproperAddressing,
    InternalServerError,
    InvalidFrom,
    InvalidNamespace,
    NotAuthorized,
    NotWellFormed,
    PolicyViolation,
    RemoteConnectionFailed,
    Reset,
    ResourceConstraint,
    RestrictedXml,
    SeeOtherHost,
    SystemShutdown,
    UndefinedCondition,
    UnsupportedEncoding,
    UnsupportedStanzaType,
    UnsupportedVersion,
};

struct StreamError {
    Condition condition;
    std::string_view text;             // for the person at the client, and for the log. Borrowed
    std::string_view content{};        // of the condition's element: where else to go. Borrowed
    std::string_view of_application{}; // an element beside the condition (RFC 6120 §4.9.4). Borrowed

    friend bool operator==(const StreamError &, const StreamError &) = default;
};

std::string_view name(Condition condition); // "not-well-formed"
std::optional<Condition> condition_named(std::string_view name);

void append_stream_error(std::string &out, const StreamError &error);

// Never for Fault::None.
StreamError error_of(xml::Fault fault);

} // namespace jabberd::stream
