// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/portable_files.h"

#include "fuzz/generator.h"
#include "session_manager/portable/file_reader.h"
#include "session_manager/portable/writer.h"

#include <algorithm>
#include <array>

namespace jabberd::fuzz {

namespace {

using namespace session_manager;

struct Read {
    std::vector<PortableAccount> accounts;
    std::string remarks;
    bool is_whole = false;
};

// `most_at_once` is drawn for each piece.
Read read(std::string_view file, std::size_t most_at_once, Random &random)
{
    Read found;
    const auto remark = [&](long line, const std::string &what) {
        found.remarks += std::to_string(line) + ": " + what + "\n";
    };
    portable::FileReader reader{[&](const xmlNode *user, std::string_view) {
                                    // A password is hashed with a new salt each time.
                                    if (xmlHasProp(user, reinterpret_cast<const xmlChar *>("password")) != nullptr)
                                        return;
                                    if (auto account = portable::read_user(user, "foo.com", {1, false}, remark))
                                        found.accounts.push_back(std::move(*account));
                                },
                                remark};
    bool goes_on = true;
    while (goes_on && !file.empty()) {
        const std::size_t count = std::min<std::size_t>(file.size(), 1 + random() % most_at_once);
        goes_on = reader.take(file.substr(0, count));
        file.remove_prefix(count);
    }
    found.is_whole = goes_on && reader.finish();
    return found;
}

std::string written(const std::vector<PortableAccount> &accounts)
{
    std::string out = portable::begin_of_data() + portable::begin_of_host("foo.com");
    for (const PortableAccount &account : accounts)
        out += portable::user_element(account);
    return out + portable::end_of_host() + portable::end_of_data();
}

// Each byte as a character of UTF-16 or UCS-4, as some editors save a file, with a mark in front or none.
std::string widened(std::string_view file, Random &random)
{
    const std::size_t width = random() % 2 == 0 ? 2 : 4;
    const bool is_big_endian = random() % 2 == 0;
    std::string out;
    const auto add = [&](char high, char low) {
        std::string character(width, '\0');
        character[is_big_endian ? width - 1 : 0] = low;
        character[is_big_endian ? width - 2 : 1] = high;
        out += character;
    };
    if (random() % 2 == 0)
        add('\xfe', '\xff');
    for (const char c : file)
        add('\0', c);
    return out;
}

} // namespace

Failure same_accounts(std::string_view file, Random &random, std::size_t *count)
{
    const Read at_once = read(file, file.size() + 1, random);
    const Read in_pieces = read(file, 1 + random() % 40, random);
    if (at_once.accounts != in_pieces.accounts || at_once.is_whole != in_pieces.is_whole)
        return written(at_once.accounts) + "in pieces:\n" + written(in_pieces.accounts);
    if (at_once.is_whole && at_once.remarks != in_pieces.remarks)
        return at_once.remarks + "in pieces:\n" + in_pieces.remarks;
    const std::string whole = written(at_once.accounts);
    const Read again = read(whole, whole.size(), random);
    if (at_once.accounts != again.accounts || !again.is_whole || !again.remarks.empty())
        return whole + "read again:\n" + written(again.accounts) + again.remarks;
    if (count != nullptr)
        *count += at_once.accounts.size();
    return {};
}

std::string some_file(Random &random)
{
    static constexpr std::array<std::string_view, 5> names{"alice", "Bob", "b b", "",
                                                           "stra\xc3\x9f"
                                                           "e"};
    static constexpr std::string_view keys =
        "<scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-256'><iter-count>4096</iter-count>"
        "<salt>AAAA</salt><server-key>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</server-key>"
        "<stored-key>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</stored-key></scram-credentials>"
        "<scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-1'><iter-count>4096</iter-count>"
        "<salt>AAAA</salt><server-key>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</server-key>"
        "<stored-key>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</stored-key></scram-credentials>";
    std::string file = some_declaration(random) + "<server-data xmlns='urn:xmpp:pie:0' xmlns:p='urn:p' xmlns:c='urn:c' "
                                                  "xmlns:x='urn:x' xmlns:y='urn:y'>\n<host jid='x'>";
    for (auto users = random() % 3; users > 0; --users) {
        file.append("<user name='").append(names[random() % names.size()]).append("'>").append(keys);
        for (auto parts = random() % 5; parts > 0; --parts) {
            switch (random() % 7) {
            case 0:
                file += "<query xmlns='jabber:iq:roster'><item jid='c@d' subscription='both' ask='subscribe' "
                        "name='&lt;&#10;'><group>" +
                        std::string{random() % 2 == 0 ? "&amp;" : " g "} + "</group></item></query>";
                break;
            case 1:
                file += "<presence xmlns='jabber:client' type='subscribe' from='d@e'><status>" +
                        std::string(random() % 20, 'x') + "</status></presence>";
                break;
            case 2:
                file += "<offline-messages><message xmlns='jabber:client' from='x@y/z' xml:lang='de'>" +
                        some_children(random) + "</message></offline-messages>";
                break;
            case 3: file += "<query xmlns='jabber:iq:private'><p:x>" + some_children(random) + "</p:x></query>"; break;
            case 4: file += "<vCard xmlns='vcard-temp'>" + some_children(random) + "</vCard>"; break;
            case 5: file += "<blocklist xmlns='urn:xmpp:blocking'><item jid='E@F/g'/></blocklist>"; break;
            case 6: file += "<locked xmlns='jabber:session-manager:account'/>"; break;
            }
        }
        file += "</user>\n";
    }
    file += "</host></server-data>";
    if (random() % 20 == 0)
        file = widened(file, random);
    return random() % 3 == 0 ? broken(std::move(file), random) : file;
}

} // namespace jabberd::fuzz
