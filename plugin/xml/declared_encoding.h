// SPDX-License-Identifier: LGPL-2.1-or-later
// The encoding that an XML declaration names. Only UTF-8 is read, and no client and no file chooses among the
// converters of the C library: libxml2 is told to ignore the name (XML_PARSE_IGNORE_ENC), and has forgotten it when its
// events come.
#pragma once

#include <libxml/parser.h>

namespace jabberd::xml {

// For the event startDocument: whether the declaration that was just read names UTF-8, or no encoding, or is missing.
bool declares_utf8(const xmlParserInput &input);

} // namespace jabberd::xml
