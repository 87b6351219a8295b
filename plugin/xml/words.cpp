// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/words.h"

#include "xml/namespaces.h"

#include <jabberd/session.h>

namespace jabberd::xml {

namespace {

const xmlChar *word(xmlDict *dictionary, const char *text)
{
    return xmlDictLookup(dictionary, reinterpret_cast<const xmlChar *>(text), -1);
}

} // namespace

Words::Words(xmlDict *dictionary)
    : to(word(dictionary, "to"))
    , from(word(dictionary, "from"))
    , id(word(dictionary, "id"))
    , type(word(dictionary, "type"))
    , sto(word(dictionary, "sto"))
    , sfrom(word(dictionary, "sfrom"))
    , error(word(dictionary, "error"))
    , code(word(dictionary, "code"))
    , digest(word(dictionary, "digest"))
    , client(word(dictionary, ns::client))
    , streams(word(dictionary, ns::streams))
    , xml(word(dictionary, ns::xml))
    , connection(word(dictionary, JABBERD_NS_CONNECTION))
{
}

} // namespace jabberd::xml
