// SPDX-License-Identifier: LGPL-2.1-or-later
// What the parser reports: a stream header, and the elements after it.
#pragma once

#include <jabberd/packet.h>

#include <climits>
#include <cstdint>
#include <string>
#include <string_view>

namespace jabberd::xml {

// The opening tag of a stream (RFC 6120 §4.7). Borrowed for the event.
struct StreamHeader {
    bool is_stream = false; // <stream/> in the namespace of streams
    std::string_view content_namespace;
    jabberd_view to{};
    jabberd_view version{};
    jabberd_view lang{};
    std::string_view primer; // the tag again with nothing but its namespace declarations: what readies another parser
                             // to go on with this stream
};

// RFC 6120 §8.1
inline bool is_stanza_name(std::string_view name)
{
    return name == "message" || name == "presence" || name == "iq";
}

// One whole element of the stream, rewritten. Borrowed for the event. sto and sfrom are as the client sent them:
// forged, until session/ overwrites them.
struct Stanza {
    jabberd_packet packet{};
    unsigned child_count = 0;
    std::string_view child_name; // of the first child element
    std::string_view child_xmlns;
    bool carries_510 = false;       // <error code='510'/> as a direct child
    bool claims_connection = false; // a direct child in the namespace that only socket managers speak
};

// What ends a stream, in the words of xml/; stream/ knows the matching stream error.
enum class Fault : std::uint8_t {
    None,
    NotWellFormed,
    RestrictedXml, // DOCTYPE, comment, processing instruction, entity reference
    UnsupportedEncoding,
    BadNamespacePrefix,
    BadFormat, // text between stanzas, stream elements inside of one
    TooManyBytes,
    TooManyElements,
    TooManyAttributes,
    TooDeep,
    NameTooLong,
    TooManyNames, // different ones, in one go
};

// Of one stanza. Bytes are the peer's, from the end of the stanza before.
struct Limits {
    std::uint32_t bytes;
    std::uint32_t elements;
    std::uint32_t attributes; // of one element
    std::uint32_t depth;      // the stanza itself is 1
    std::uint32_t name_bytes;
};

// For what has been let in before.
inline constexpr Limits no_limits{
    .bytes = INT_MAX, .elements = UINT_MAX, .attributes = UINT_MAX, .depth = UINT_MAX, .name_bytes = UINT_MAX};

// How a connection wants its bytes read, now.
struct Rules {
    Limits limits;
    std::string_view digest_sid{}; // not empty: every <digest/> carries this as sid, whatever the client put there
                                   // (XEP-0078 §4.1, and jabberd's own sid attribute)
};

} // namespace jabberd::xml
