// SPDX-License-Identifier: LGPL-2.1-or-later
// Log records that do not tell who a client's user is.
#pragma once

#include <string>
#include <string_view>

namespace jabberd::host::log {

// Of each network address in `text` the network: 192.0.2.77:5222 becomes 192.0.2.0:5222 (/24), 2001:db8:1:2::3 becomes
// 2001:db8:1:: (/48). Of each address of XMPP (a JID) the domain and the resource: alice@foo.com/home becomes
// …@foo.com/home. It knows them by their looks, and nothing else: a name that stands alone stays, and so does what a
// resource says.
std::string hide_people(std::string_view text);

// The same for the field `name` of a record, which says what its value is: USER is hidden also where it stands alone;
// CONNECTION is an address of ours and no person's, and stays.
std::string hide_people(std::string_view name, std::string_view value);

} // namespace jabberd::host::log
