// SPDX-License-Identifier: LGPL-2.1-or-later
// Which file a configuration means by a text.
#pragma once

#include <jabberd/config.h>

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::elements {

// Relative to the folder of the configuration that says so, which is what "" means; or credential:NAME, a file that the
// service manager keeps for this process alone (LoadCredential= of systemd.exec(5)), in $CREDENTIALS_DIRECTORY. Nothing
// where there is no such folder, or no such name can be; then `why` says so.
std::optional<std::string> path_in(const jabberd_config &at, std::string_view text, std::string &why);

} // namespace jabberd::elements
