// SPDX-License-Identifier: LGPL-2.1-or-later
// From a jabberd configuration to instances, in jabberd's two passes.
#pragma once

#include "node.h"

#include <string>

namespace stub {

// The configuration in a file; null, with a line on standard error, when it cannot be read.
Node *read_configuration(const std::string &path);

// Pass 1: every shared object is loaded and every entry found. False, with a line on standard error, when not.
bool validate(const Node *configuration);

// Pass 2: the sections become instances, in order, and their entries are called.
void execute(Node *configuration);

void free_session_managers();

} // namespace stub
