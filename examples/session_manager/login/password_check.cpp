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
            {core.work.hold({Causer::Kind::Account, address, {}}, 0), address, StorageUse::Kind::Changes},
            [address, with_password](Storage &storage) { return storage.accounts.change(address, with_password); },
            [](bool) {}, [](StorageFailure) {}); // it is tried again at the next login
    }
    return true;
}

} // namespace jabberd::session_manager
