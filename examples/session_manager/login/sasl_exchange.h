// SPDX-License-Identifier: LGPL-2.1-or-later
// The steps of a SASL exchange: what the client has sent, what the account's verifiers say of it, and the answer.
#pragma once

#include "session_manager/core/core.h"
#include "session_manager/login/sasl_answer.h"

#include <memory>

namespace jabberd::session_manager {

// Takes what the client has sent, and answers, later. The exchange has to be in core.exchanges, and leaves it when it
// is over; taken out before, it ends without an answer. [any-thread]
void continue_exchange(Core &core, const std::shared_ptr<Exchange> &exchange, Secret input, const SaslAnswer &answer);

} // namespace jabberd::session_manager
