// SPDX-License-Identifier: LGPL-2.1-or-later
// What the router and the session managers write into packets.
#pragma once

#include "node.h"

namespace stub {

// An error with code 510 below x; null: it has none. In 1.1 it says that a session has ended.
Node *find_510(const Node *x);

// x becomes a returned packet: a 510 that hides the type it had.
void add_510(Node *x, const char *reason);

// A returned packet becomes what it was. False: it holds nothing but the notice.
bool undo_510(Node *x);

// x goes back: to and from swapped, type='error', and <error/>.
void make_error(Node *x, int code, const char *reason);

// The same, addresses untouched.
void add_error(Node *x, int code, const char *reason);

} // namespace stub
