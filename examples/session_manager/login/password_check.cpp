// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/password_check.h"

namespace jabberd::sessions {

bool password_matches(Core &core, const std::string &address, const Credentials &credentials, std::string_view password)
{
    if (!matches(credentials, password))
        return false;
    if (core.settings.current()->digest && !credentials.password) {
        Credentials with_password = credentials;
        with_password.password = std::string{password};
        core.storage.post(
            [address, with_password](Storage &storage) { storage.accounts.change(address, with_password); });
    }
    return true;
}

} // namespace jabberd::sessions
