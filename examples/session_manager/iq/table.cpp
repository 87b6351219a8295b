// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/iq/request.h"

#include "base/view.h"
#include "xml/document.h"
#include "xml/escape.h"

#include <utility>

namespace jabberd::session_manager::iq {

namespace {

enum Methods : unsigned { Get = 1, Set = 2 };

struct Entry {
    std::string_view xmlns;
    std::string_view element;
    unsigned scopes;
    unsigned methods;
    Handler handler;
};

constexpr Entry table[] = {
    {"http://jabber.org/protocol/disco#info", "query", HostScope | OwnScope | OtherScope, Get, disco_info},
    {"http://jabber.org/protocol/disco#items", "query", HostScope | OwnScope | OtherScope, Get, disco_items},
    {"jabber:iq:private", "query", OwnScope, Get | Set, private_xml},
    {"jabber:iq:register", "query", HostScope | OwnScope, Get | Set, registration},
    {"jabber:iq:roster", "query", OwnScope, Get | Set, roster},
    {"jabber:iq:time", "query", HostScope | OwnScope, Get, legacy_time},
    {"jabber:iq:version", "query", HostScope | OwnScope, Get, version},
    {"urn:ietf:params:xml:ns:xmpp-session", "session", HostScope | OwnScope, Set, session_establishment},
    {"urn:xmpp:blocking", "block", OwnScope, Set, block},
    {"urn:xmpp:blocking", "blocklist", OwnScope, Get, blocklist},
    {"urn:xmpp:blocking", "unblock", OwnScope, Set, unblock},
    {"urn:xmpp:carbons:2", "disable", OwnScope, Set, disable_carbons},
    {"urn:xmpp:carbons:2", "enable", OwnScope, Set, enable_carbons},
    {"urn:xmpp:ping", "ping", HostScope | OwnScope, Get, ping},
    {"urn:xmpp:time", "time", HostScope | OwnScope, Get, time},
    {"vcard-temp", "vCard", OwnScope | OtherScope, Get | Set, vcard},
};

// Null when the packet has no child element, or more than one (RFC 6120 §8.2.3).
const xmlNode *only_child(const xmlDoc *document)
{
    const xmlNode *first = document == nullptr ? nullptr : xmlFirstElementChild(xmlDocGetRootElement(document));
    return first == nullptr || xmlNextElementSibling(const_cast<xmlNode *>(first)) != nullptr ? nullptr : first;
}

const Entry *find(const xmlNode *payload, Scope scope, unsigned method)
{
    for (const Entry &entry : table) {
        if ((entry.scopes & scope) != 0 && (entry.methods & method) != 0 &&
            xml::is_element(payload, entry.element, entry.xmlns))
            return &entry;
    }
    return nullptr;
}

} // namespace

void dispatch(Core &core, const jabberd_packet &packet, Scope scope, const Jid &from, const Jid &to)
{
    const Answer answer{core, packet};
    const auto document = xml::parse_body(text(packet.body));
    const xmlNode *payload = only_child(document.get());
    if (payload == nullptr)
        return answer.error(Condition::BadRequest);
    const bool set = text(packet.type) == "set";
    const Entry *entry = find(payload, scope, set ? Set : Get);
    if (entry == nullptr)
        return answer.error(Condition::ServiceUnavailable);
    entry->handler(core, {packet, payload, scope, set, from, to}, answer);
}

std::string features(Scope scope)
{
    std::string out;
    std::string_view before; // rows of one namespace follow each other
    for (const Entry &entry : table) {
        // Of the host clients ask what it serves at all, their own account included.
        if ((scope != HostScope && (entry.scopes & scope) == 0) || entry.xmlns == std::exchange(before, entry.xmlns))
            continue;
        out += "<feature";
        xml::append_attribute(out, "var", entry.xmlns);
        out += "/>";
    }
    return out;
}

} // namespace jabberd::session_manager::iq
