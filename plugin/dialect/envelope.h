// SPDX-License-Identifier: LGPL-2.1-or-later
// <route/>, the envelope in which socket manager and session manager of jabberd 1.2 and later exchange packets: written
// and read.
#pragma once

#include <jabberd/packet.h>

#include <libxml/tree.h>

#include <string>
#include <string_view>

namespace jabberd::dialect {

// One that has arrived. Borrows from its element.
struct Envelope {
    explicit Envelope(const xmlNode &route);

    std::string_view type, to, from; // "": it has none
    std::string_view error;          // why it was returned
    const xmlNode *content;          // the element in it, or null
    const xmlNode *surplus;          // another one behind that, or null
};

// One to be sent, as text. `xmlns` is what the host calls the namespace of stanzas, "" where it has no namespaces. An
// empty type is left out; `content`, which may be null, goes without its sto and sfrom.
std::string write_envelope(std::string_view xmlns, std::string_view type, std::string_view to, std::string_view from,
                           const jabberd_packet *content = nullptr);

} // namespace jabberd::dialect
