// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/base/jid.h"

#include "base/address.h"
#include "base/ascii.h"
#include "session_manager/unicode/precis.h"
#include "session_manager/unicode/stringprep.h"

#include <algorithm>

namespace jabberd::session_manager {

namespace {

constexpr std::size_t max_part = 1023; // bytes, RFC 6122 §2.1, RFC 7622 §3.1

// The result of a profile for text of printable ASCII, where it needs no table.
struct AsciiRule {
    std::string_view forbidden;
    bool lower_case;
};
constexpr AsciiRule user_rule{" \"&'/:<>@", true};
constexpr AsciiRule host_rule{" \"&'/:<>@",
                              true}; // IDNA's STD3 rule is narrower, but hosts in the field hold underscores
constexpr AsciiRule as_it_is{"", false};

bool is_printable_ascii(std::string_view s)
{
    return std::all_of(s.begin(), s.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool fits(std::string_view part, const AsciiRule &rule)
{
    return !part.empty() && part.size() <= max_part && part.find_first_of(rule.forbidden) == std::string::npos;
}

std::optional<std::string> prepare(std::string_view part, StringprepProfile profile, const AsciiRule &rule)
{
    if (part.empty() || part.size() > max_part)
        return std::nullopt;
    auto prepared = is_printable_ascii(part) ? std::optional{std::string{part}} : stringprep(part, profile);
    if (!prepared || !fits(*prepared, rule))
        return std::nullopt;
    if (rule.lower_case)
        std::transform(prepared->begin(), prepared->end(), prepared->begin(), ascii_lower);
    return prepared;
}

// Nothing where RFC 8265 allows no such name.
std::optional<std::string> prepare_new_user(std::string_view user)
{
    auto prepared = user.size() <= max_part ? precis::username(user) : std::nullopt;
    return prepared && fits(*prepared, user_rule) ? prepared : std::nullopt;
}

} // namespace

std::string Jid::bare() const
{
    return user.empty() ? host : user + '@' + host;
}

std::string Jid::full() const
{
    return resource.empty() ? bare() : bare() + '/' + resource;
}

std::optional<std::string> prepare_user(std::string_view user)
{
    if (is_printable_ascii(user))
        return prepare(user, StringprepProfile::Node, user_rule);
    if (auto prepared = prepare_new_user(user))
        return prepared;
    const auto old = prepare(user, StringprepProfile::Node, user_rule);
    // Stringprep lets through what Unicode 3.2 did not know, such as variation selectors: a name that looks like
    // another.
    if (!old || precis::has_invisible(*old))
        return std::nullopt;
    auto prepared = prepare_new_user(*old);
    return prepared ? prepared : old;
}

std::optional<std::string> prepare_host(std::string_view host)
{
    if (auto name = host_in_unicode(host))
        return name;
    return prepare(without_final_dot(host), StringprepProfile::Name,
                   host_rule); // a name of no host; as it was in RFC 6122
}

std::optional<std::string> prepare_resource(std::string_view resource)
{
    return prepare(resource, StringprepProfile::Resource, as_it_is);
}

std::optional<Jid> prepare_jid(std::string_view address)
{
    const Address parts = split_address(address);
    Jid jid;
    const auto host = prepare_host(parts.host);
    if (!host)
        return std::nullopt;
    jid.host = *host;

    const std::string_view bare = bare_address(address);
    if (bare.find('@') != std::string_view::npos) { // an empty user is not the same as none
        const auto user = prepare_user(parts.user);
        if (!user)
            return std::nullopt;
        jid.user = *user;
    }
    if (bare.size() < address.size()) {
        const auto resource = prepare_resource(parts.resource);
        if (!resource)
            return std::nullopt;
        jid.resource = *resource;
    }
    return jid;
}

} // namespace jabberd::session_manager
