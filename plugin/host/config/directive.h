// SPDX-License-Identifier: LGPL-2.1-or-later
// The elements that jabberd 1.4 and 1.6 replace while they read a configuration: <jabberd:include>, <jabberd:cmdline>.
#pragma once

#include <libxml/tree.h>

#include <string_view>

namespace jabberd::host {

// 1.4 knows no namespaces: libxml2 leaves the prefix, which nothing declares there, in the name.
bool has_undeclared_prefix(const xmlNode &element);

// Whether it is the directive of this name, with the prefix of 1.4, or in the namespace of 1.6 with any prefix.
bool is_directive(const xmlNode &element, std::string_view name);

} // namespace jabberd::host
