// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/password_check.h"

#include "session_manager/accounts/naming.h"

#include <algorithm>

namespace jabberd::session_manager {

bool password_matches(Core &core, const std::string &address, const Credentials &credentials, std::string_view given)
{
    auto forms = password_forms(given);
    if (forms.empty()) { // takes as long as any other wrong one
        static_cast<void>(matches(credentials, ""));
        return false;
    }
    const auto found =
        std::ranges::find_if(forms, [&](const Secret &form) { return matches(credentials, form.view()); });
    if (found == forms.end())
        return false;
    if (core.settings.current()->digest && !credentials.password) {
        Credentials with_password = credentials;
        with_password.password = std::string{found->view()};
        core.storage.post(
            [address, with_password](Storage &storage) { storage.accounts.change(address, with_password); });
    }
    return true;
}

} // namespace jabberd::session_manager
