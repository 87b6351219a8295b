// SPDX-License-Identifier: LGPL-2.1-or-later
// Why a session or a login has ended, from the words of classic session managers and their hosts.
#pragma once

#include "packet/notice.h"

#include <string_view>

namespace jabberd::dialect {

// Of a session, it is told by what is in the envelope more than by its text, which later versions translate.
// `undelivered`: the client's own stanza has come back, so no session manager has taken it. Without one the session
// manager has ended the session, and gives no reason; `replaced`: another connection has a session of that name.
packet::EndReason end_of_session(std::string_view why, bool undelivered, bool replaced);

// Of a question before login that has come back.
packet::EndReason end_of_question(std::string_view why);

} // namespace jabberd::dialect
