// SPDX-License-Identifier: LGPL-2.1-or-later
// The words a parser looks for, as its own dictionary has them: a name is one of them when the pointers are equal.
#pragma once

#include <libxml/xmlstring.h>

#include <libxml/dict.h>

namespace jabberd::xml {

// libxml2 takes every name, prefix and namespace from its context's dictionary, where each stands once.
struct Words {
    explicit Words(xmlDict *dictionary);

    const xmlChar *to, *from, *id, *type, *sto, *sfrom;
    const xmlChar *error, *code, *digest;
    const xmlChar *client, *streams, *xml, *connection; // namespaces
};

} // namespace jabberd::xml
