// SPDX-License-Identifier: LGPL-2.1-or-later
// What the parser reports: a stream header, and the elements after it.
#pragma once

#include <jabberd/packet.h>

#include <climits>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace jabberd::xml {

// The opening tag of a stream (RFC 6120 §4.7). Borrowed for the event.
struct StreamHeader {
    bool is_stream = false; // <stream/> in the namespace of streams
    std::string_view content_namespace;
    jabberd_view to{};
    jabberd_view from{};
    jabberd_view id{}; // a server's answer has one
    jabberd_view version{};
    jabberd_view lang{};
    std::string_view primer; // the tag again with nothing but its namespace declarations: what readies another parser
                             // to go on with this stream
};

// One whole element of the stream, rewritten. Borrowed for the event. sto and sfrom are as the client sent them: they
// may be forged.
struct Stanza {
    jabberd_packet packet{};
    unsigned child_count = 0;
    std::string_view child_name; // of the first child element
    std::string_view child_xmlns;
    unsigned found = 0;       // which of Rules::sought it has: bit i is for number i
    std::uint32_t growth = 0; // bytes by which its body is larger than all of it was as it came
};

// What ends a stream.
enum class Fault : std::uint8_t {
    None,
    NotWellFormed,
    RestrictedXml, // DOCTYPE, comment, processing instruction, entity reference
    UnsupportedEncoding,
    BadNamespacePrefix,
    BadFormat, // text between stanzas, stream elements inside of one
    TooManyBytes,
    GrowsTooMuch, // each part of it would have to repeat a long declaration
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

    // A body stands by itself, so each child repeats the namespaces that its sender declared once for all of them: in
    // as many bytes as the stanza had, and so many more. Whoever gets it would pay for the rest.
    std::uint32_t growth = 16384;
};

// For what has been let in before.
inline constexpr Limits no_limits{.bytes = INT_MAX,
                                  .elements = UINT_MAX,
                                  .attributes = UINT_MAX,
                                  .depth = UINT_MAX,
                                  .name_bytes = UINT_MAX,
                                  .growth = UINT_MAX};

// A child that the reader of a stream looks for among those of each stanza. What is "" may be anything.
struct Sought {
    std::string_view name{};
    std::string_view xmlns{};
    std::string_view attribute{}, value{}; // in no namespace
};

// An attribute that every element of this name inside of a stanza has, whatever the peer wrote there.
struct Imposed {
    std::string_view element, attribute;
    std::string_view value; // "": nothing is imposed
};

// How the reader of a stream wants its bytes read, now.
struct Rules {
    Limits limits;
    std::span<const Sought> sought{};
    Imposed imposed{};
    bool stream_elements = false; // a server's: <stream:error/>, <stream:features/> between stanzas; no client may
};

} // namespace jabberd::xml
