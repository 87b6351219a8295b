// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/renamed.h"

#include "base/address.h"
#include "base/view.h"

namespace jabberd::session {

namespace {

void rename(jabberd_view &address, std::string &storage, std::string_view alias, std::string_view host)
{
    const std::string_view whole = text(address);
    const std::string_view named = split_address(whole).host;
    if (named.empty() || !same_host(named, alias))
        return;
    storage = whole;
    storage.replace(static_cast<std::size_t>(named.data() - whole.data()), named.size(), host);
    address = view(storage);
}

} // namespace

Renamed::Renamed(const xml::Stanza &stanza, std::string_view alias, std::string_view host) : stanza_(stanza)
{
    rename(stanza_.packet.to, to_, alias, host);
    rename(stanza_.packet.from, from_, alias, host);
}

} // namespace jabberd::session
