// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/unicode/stringprep.h"

#include <stringprep.h>

#include <array>

namespace jabberd::session_manager {

namespace {

constexpr std::size_t most_bytes = 1023;

const Stringprep_profile *table_of(StringprepProfile profile)
{
    switch (profile) {
    case StringprepProfile::Node: return stringprep_xmpp_nodeprep;
    case StringprepProfile::Name: return stringprep_nameprep;
    case StringprepProfile::Resource: return stringprep_xmpp_resourceprep;
    case StringprepProfile::Sasl: return stringprep_saslprep;
    }
    return stringprep_saslprep;
}

} // namespace

std::optional<std::string> stringprep(std::string_view text, StringprepProfile profile, Newer newer)
{
    if (text.empty() || text.size() > most_bytes || text.find('\0') != std::string_view::npos)
        return std::nullopt;
    // Case folding and NFKC may lengthen it; what does not fit is too long anyway.
    std::array<char, most_bytes + 1> buffer{};
    text.copy(buffer.data(), text.size());
    const auto flags = static_cast<Stringprep_profile_flags>(newer == Newer::Forbidden ? STRINGPREP_NO_UNASSIGNED : 0);
    if (::stringprep(buffer.data(), buffer.size(), flags, table_of(profile)) != STRINGPREP_OK)
        return std::nullopt;
    std::string prepared = buffer.data();
    return prepared.empty() ? std::nullopt : std::optional{std::move(prepared)};
}

} // namespace jabberd::session_manager
