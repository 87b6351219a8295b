// SPDX-License-Identifier: LGPL-2.1-or-later
// The words a parser looks for, as its own dictionary has them: a name is one of them when the pointers are equal.
#pragma once

#include "base/packet_fields.h"

#include <libxml/xmlstring.h>

#include <libxml/dict.h>

#include <array>

namespace jabberd::xml {

// libxml2 takes every name, prefix and namespace from its context's dictionary, where each stands once.
struct Words {
    explicit Words(xmlDict *dictionary);

    std::array<const xmlChar *, packet_fields.size()> fields{}; // of packets, by the names of their attributes
    const xmlChar *client, *streams, *xml;                      // namespaces
};

} // namespace jabberd::xml
