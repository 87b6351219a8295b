// SPDX-License-Identifier: LGPL-2.1-or-later
// libxml2's SAX2 callbacks, turned into a Parser's steps.
#pragma once

#include <libxml/parser.h>

namespace jabberd::xml {

// The callbacks of every Parser: static, constant. libxml2 copies them into the context it creates.
// A handover between two images of this component must make all parsers anew: the copies point into the old image.
xmlSAXHandler *sax_handler();

} // namespace jabberd::xml
