// SPDX-License-Identifier: LGPL-2.1-or-later
// Which messages are stored for a user who has no session (XEP-0160, XEP-0334).
#pragma once

#include <libxml/tree.h>

namespace jabberd::session_manager {

enum class Keeping {
    Store,
    Refuse, // its author does not want it stored: it is told that the message was not delivered
    Drop,   // of this moment only: chat states (XEP-0085)
};

// Of a message of type normal or chat, or of one that counts as normal. `message` stands for the packet; null: it
// cannot be read. [any-thread]
Keeping keeping_of(const xmlNode *message);

} // namespace jabberd::session_manager
