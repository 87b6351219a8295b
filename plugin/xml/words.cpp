// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/words.h"

#include "xml/namespaces.h"

#include <algorithm>

namespace jabberd::xml {

namespace {

const xmlChar *word(xmlDict *dictionary, std::string_view text)
{
    return xmlDictLookup(dictionary, reinterpret_cast<const xmlChar *>(text.data()), static_cast<int>(text.size()));
}

} // namespace

Words::Words(xmlDict *dictionary)
    : client(word(dictionary, ns::client)), streams(word(dictionary, ns::streams)), xml(word(dictionary, ns::xml))
{
    std::ranges::transform(packet_fields, fields.begin(),
                           [&](const PacketField &field) { return word(dictionary, field.attribute); });
}

} // namespace jabberd::xml
