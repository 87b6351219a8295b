// SPDX-License-Identifier: LGPL-2.1-or-later
// One <user/> of XEP-0227, as a value.
#pragma once

#include "session_manager/portable/account.h"

#include <libxml/tree.h>

#include <functional>
#include <string>
#include <string_view>

namespace jabberd::session_manager::portable {

// What is to be said of a line of the file: why something in it is not taken over.
using Remark = std::function<void(long line, const std::string &what)>;

// What a host sets for passwords that come in the clear, as other servers write them.
struct PasswordRules {
    unsigned iterations = 0;
    bool keep = false; // for digest login
};

// Nothing, after a remark, where it cannot be an account here: a name that cannot be prepared, no credentials that this
// server knows. What else cannot be taken over is left out, with a remark. `host` is prepared. Takes as long as hashing
// does where the password is in the clear.
std::optional<PortableAccount> read_user(const xmlNode *user, const std::string &host, const PasswordRules &passwords,
                                         const Remark &remark);

} // namespace jabberd::session_manager::portable
