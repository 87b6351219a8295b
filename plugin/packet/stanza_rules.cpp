// SPDX-License-Identifier: LGPL-2.1-or-later
#include "packet/stanza_rules.h"

#include <jabberd/session.h>

#include <array>

namespace jabberd::packet {

namespace {

constexpr std::array<xml::Sought, 2> sought{{
    {.name = "error", .attribute = "code", .value = "510"},
    {.xmlns = JABBERD_NS_CONNECTION},
}};
constexpr unsigned found_510 = 1u << 0, found_connection = 1u << 1;

} // namespace

xml::Rules stanza_rules(const xml::Limits &limits, std::string_view digest_sid)
{
    return {.limits = limits, .sought = sought, .imposed = {"digest", "sid", digest_sid}};
}

bool carries_510(const xml::Stanza &stanza)
{
    return (stanza.found & found_510) != 0;
}

bool claims_connection(const xml::Stanza &stanza)
{
    return (stanza.found & found_connection) != 0;
}

} // namespace jabberd::packet
