// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/accounts/naming.h"

#include "session_manager/base/jid.h"
#include "session_manager/unicode/precis.h"
#include "session_manager/unicode/stringprep.h"

namespace jabberd::session_manager {

namespace {

constexpr std::size_t longest_password = 1023; // bytes; stringprep's buffer, and SCRAM would take any

// Whether a client that prepares the name by SASLprep (RFC 5802 §5.1) asks for the same account. libgsasl's SCRAM, ours
// as well as that of clients, refuses a name that has characters newer than Unicode 3.2.
bool same_after_saslprep(std::string_view given, const std::string &name)
{
    const auto sent = stringprep(given, StringprepProfile::Sasl, Newer::Forbidden);
    return sent && prepare_user(*sent) == name;
}

} // namespace

std::optional<std::string> new_account_name(std::string_view given)
{
    if (!precis::username(given))
        return std::nullopt;
    auto name = prepare_user(given);
    // Servers and clients of RFC 6122 must be able to write to it: their preparation has to leave it alone.
    if (!name || stringprep(*name, StringprepProfile::Node) != name || prepare_user(*name) != name)
        return std::nullopt;
    return same_after_saslprep(given, *name) && same_after_saslprep(*name, *name) ? name : std::nullopt;
}

std::optional<std::string> new_password(std::string_view given)
{
    if (given.size() > longest_password || precis::opaque_string(given) != given ||
        precis::compatible(given) != given || stringprep(given, StringprepProfile::Sasl) != given)
        return std::nullopt;
    return std::string{given};
}

std::vector<Secret> password_forms(std::string_view given)
{
    std::vector<Secret> forms;
    if (given.size() > longest_password)
        return forms;
    if (auto form = precis::opaque_string(given))
        forms.emplace_back(std::move(*form));
    if (auto form = stringprep(given, StringprepProfile::Sasl);
        form && (forms.empty() || forms.front().view() != *form))
        forms.emplace_back(std::move(*form));
    return forms;
}

} // namespace jabberd::session_manager
