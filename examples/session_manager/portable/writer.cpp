// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/portable/writer.h"

#include "base/base64.h"
#include "xml/escape.h"

#include <algorithm>

namespace jabberd::session_manager::portable {

namespace {

void append_begin(std::string &out, std::string_view name, std::string_view namespace_of_it)
{
    out.append("<").append(name);
    xml::append_attribute(out, "xmlns", namespace_of_it);
}

void append_scram(std::string &out, const Credentials &credentials, std::string_view mechanism, const ScramKeys &keys)
{
    append_begin(out, "scram-credentials", scram_xmlns);
    xml::append_attribute(out, "mechanism", mechanism);
    out.append("><iter-count>").append(std::to_string(credentials.iterations)).append("</iter-count><salt>");
    out.append(base64_encode(credentials.salt)).append("</salt><server-key>");
    out.append(base64_encode(keys.server)).append("</server-key><stored-key>");
    out.append(base64_encode(keys.stored)).append("</stored-key></scram-credentials>\n");
}

bool is_in_list(const RosterItem &item)
{
    return item.listed || item.to || item.from || item.ask;
}

void append_roster(std::string &out, const PortableAccount &account)
{
    append_begin(out, "query", roster_xmlns);
    out += ">\n";
    for (const RosterItem &item : account.roster) {
        if (!is_in_list(item))
            continue;
        append_item(out, item);
        out += '\n';
    }
    out += "</query>\n";
    for (const RosterItem &item : account.roster) {
        if (!item.request)
            continue;
        append_begin(out, "presence", stanza_xmlns);
        xml::append_attribute(out, "from", item.contact);
        xml::append_attribute(out, "to", account.address());
        out.append(" type='subscribe'>").append(*item.request).append("</presence>\n");
    }
}

void append_documents(std::string &out, const PortableAccount &account)
{
    const auto is_vcard = [](const Document &document) {
        return document.xmlns == vcard_xmlns && document.name == vcard_name;
    };
    for (const Document &document : account.documents) {
        if (is_vcard(document))
            out.append(document.content).append("\n");
    }
    if (std::ranges::all_of(account.documents, is_vcard))
        return;
    append_begin(out, "query", private_xmlns);
    out += ">\n";
    for (const Document &document : account.documents) {
        if (!is_vcard(document))
            out.append(document.content).append("\n");
    }
    out += "</query>\n";
}

void append_blocked(std::string &out, const PortableAccount &account)
{
    if (account.blocked.empty())
        return;
    append_begin(out, "blocklist", blocking_xmlns);
    out += ">\n";
    for (const std::string &address : account.blocked) {
        out += "<item";
        xml::append_attribute(out, "jid", address);
        out += "/>\n";
    }
    out += "</blocklist>\n";
}

void append_messages(std::string &out, const PortableAccount &account)
{
    if (account.messages.empty())
        return;
    out += "<offline-messages>\n";
    for (const OfflineMessage &message : account.messages) {
        append_begin(out, "message", stanza_xmlns);
        const auto optional = [&](std::string_view name, const std::optional<std::string> &value) {
            if (value)
                xml::append_attribute(out, name, *value);
        };
        optional("from", message.sender);
        optional("to", message.recipient);
        optional("id", message.stanza_id);
        optional("type", message.type);
        optional("xml:lang", message.lang);
        out.append(">").append(message.body).append("</message>\n");
    }
    out += "</offline-messages>\n";
}

} // namespace

std::string begin_of_data()
{
    std::string out = "<?xml version='1.0' encoding='UTF-8'?>\n";
    append_begin(out, "server-data", xmlns);
    return out + ">\n";
}

std::string begin_of_host(std::string_view host)
{
    std::string out = "<host";
    xml::append_attribute(out, "jid", host);
    return out + ">\n";
}

std::string user_element(const PortableAccount &account)
{
    std::string out = "<user";
    xml::append_attribute(out, "name", account.user);
    out += ">\n";
    append_scram(out, account.credentials, "SCRAM-SHA-256", account.credentials.sha256);
    append_scram(out, account.credentials, "SCRAM-SHA-1", account.credentials.sha1);
    if (account.locked) {
        append_begin(out, "locked", own_xmlns);
        out += "/>\n";
    }
    append_roster(out, account);
    append_documents(out, account);
    append_blocked(out, account);
    append_messages(out, account);
    return out + "</user>\n";
}

std::string end_of_host()
{
    return "</host>\n";
}

std::string end_of_data()
{
    return "</server-data>\n";
}

} // namespace jabberd::session_manager::portable
