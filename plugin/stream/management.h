// SPDX-License-Identifier: LGPL-2.1-or-later
// The elements of stream management (XEP-0198), as they are read and written.
#pragma once

#include "xml/stanza.h"

#include <libxml/tree.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::stream {

// What a client asks for, or says.
struct ManagementElement {
    enum class Kind : std::uint8_t { Enable, Resume, Request, Answer, Unknown };
    Kind kind = Kind::Unknown;
    bool resume = false;                     // of Enable: it wants to be able to
    std::optional<std::chrono::seconds> max; // of Enable: for how long at most
    std::optional<std::uint32_t> h;          // of Resume and Answer; nothing: no number
    std::string_view previd;                 // of Resume. Borrowed
};

// Nothing when it is none of that namespace.
std::optional<ManagementElement> management_element(const xml::Stanza &stanza);

// One that is of it, inside of something else. Borrows from the tree.
ManagementElement management_element(const xmlNode &element);

// The feature (§2), and what is answered. `id` empty: nothing to resume.
void append_management_feature(std::string &features);
std::string enabled(std::string_view id, std::chrono::seconds max);
std::string resumed(std::string_view previd, std::uint32_t h);
std::string failed(std::string_view stanza_error,
                   std::optional<std::uint32_t> h = {}); // a condition of RFC 6120 §8.3.3
std::string acknowledgement(std::uint32_t h);
std::string acknowledgement_request();

// Inside of a stream error: more was acknowledged than was sent (§4).
std::string handled_count_too_high(std::uint32_t h, std::uint32_t sent);

} // namespace jabberd::stream
