// SPDX-License-Identifier: LGPL-2.1-or-later
// One file of the configuration as a libxml2 document.
#pragma once

#include "host/config/mistakes.h"
#include "xml/document.h"

#include <string>

namespace jabberd::host {

// Null after adding the one mistake that explains it. Text nodes are merged, lines are known, nothing is fetched; a
// DOCTYPE is a mistake.
xml::DocumentPtr parse_xml_file(const std::string &file, Mistakes &mistakes);

} // namespace jabberd::host
