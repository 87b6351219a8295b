// SPDX-License-Identifier: LGPL-2.1-or-later
// An account with all that is stored for it, as a value: what is exported and imported (XEP-0227).
#pragma once

#include "session_manager/accounts/credentials.h"
#include "session_manager/roster/item.h"
#include "session_manager/storage/storage.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::session_manager {

namespace portable {
inline constexpr std::string_view xmlns = "urn:xmpp:pie:0";
inline constexpr std::string_view scram_xmlns = "urn:xmpp:pie:0#scram";
// What XEP-0227 has no word for: <locked/>.
inline constexpr std::string_view own_xmlns = "jabber:session-manager:account";
inline constexpr std::string_view roster_xmlns = "jabber:iq:roster";
inline constexpr std::string_view private_xmlns = "jabber:iq:private";
inline constexpr std::string_view blocking_xmlns = "urn:xmpp:blocking";
inline constexpr std::string_view stanza_xmlns = "jabber:client";
inline constexpr std::string_view vcard_xmlns = "vcard-temp";
inline constexpr std::string_view vcard_name = "vCard";
} // namespace portable

struct PortableAccount {
    std::string user, host; // prepared
    bool locked = false;
    Credentials credentials; // never with the password in the clear
    std::vector<RosterItem> roster;
    std::vector<std::string> blocked; // addresses, prepared
    std::vector<Document> documents;  // the vCard, and private XML
    std::vector<OfflineMessage> messages;

    std::string address() const { return user + '@' + host; }
    friend bool operator==(const PortableAccount &, const PortableAccount &) = default;
};

// All that is stored for the account; nothing where there is none. On the storage thread.
std::optional<PortableAccount> take_account(Storage &storage, const std::string &address);

// Stores it. False: there is an account of that name, of which nothing is changed. On the storage thread, in one
// transaction.
bool put_account(Storage &storage, const PortableAccount &account);

} // namespace jabberd::session_manager
