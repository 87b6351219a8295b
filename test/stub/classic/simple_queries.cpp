// SPDX-License-Identifier: LGPL-2.1-or-later
// What modules of the real one answer: mod_roster and mod_vcard for users, and since 1.4.4 mod_disco for the server.
// There are no subscriptions, and no vCards.
#include "delivery.h"
#include "reading.h"
#include "simple.h"

#include <string_view>

namespace stub {

namespace {

constexpr std::string_view roster = "jabber:iq:roster", vcard = "vcard-temp",
                           disco_info = "http://jabber.org/protocol/disco#info",
                           disco_items = "http://jabber.org/protocol/disco#items";

void empty_element(Node *element)
{
    while (element->firstchild != nullptr)
        remove(element->firstchild);
}

void add_item(Node *query, const std::string &item)
{
    const Node *read = read_document(item, true);
    add_copy(query, read);
    free_pool(read->p);
}

// As the configuration of one says it that has no <disco/>.
void add_identity(Node *query)
{
    Node *identity = add_element(query, "identity");
    set_attribute(identity, "category", "services");
    set_attribute(identity, "type", "jabber");
}

} // namespace

bool Simple::answer_query(const Session &session, const Address &to, Node *iq, Outbox &out)
{
    const Node *query = query_child(iq);
    if (query == nullptr)
        return false;
    const std::string xmlns = xmlns_of(query), name = query->name;
    const bool get = type_of(iq) == "get", from_its_user = to.user == session.user;
    const bool to_itself = attribute(iq, "to") == nullptr;
    if (xmlns == roster && from_its_user) {
        answer_roster(session, iq, out);
        remove_attribute(iq, "to");
        return true;
    }
    if (xmlns == vcard && to_itself) {
        empty_element(iq);
        if (get)
            add_element(iq, name, xmlns.c_str());
        set_attribute(iq, "type", "result");
        return true;
    }
    const bool of_user = xmlns == vcard && !to.user.empty();
    const bool of_server = has_routes && to.user.empty() && (xmlns == disco_info || xmlns == disco_items);
    if (!get || (!of_user && !of_server))
        return false;
    empty_element(iq);
    if (of_server) {
        Node *answer = add_element(iq, name, xmlns.c_str());
        if (xmlns == disco_info)
            add_identity(answer);
    }
    set_attribute(iq, "type", "result");
    set_attribute(iq, "to", full(session));
    set_attribute(iq, "from", to.bare());
    return true;
}

void Simple::answer_roster(const Session &session, Node *iq, Outbox &out)
{
    if (type_of(iq) == "set") {
        if (const Node *item = child(query_child(iq), "item"))
            change_roster(session, item, out);
        empty_element(iq);
    } else {
        empty_element(iq);
        Node *query = add_element(iq, "query", roster.data());
        for (const auto &[address, item] : rosters_[session.user])
            add_item(query, item);
    }
    set_attribute(iq, "type", "result");
}

// All of the user's sessions are told.
void Simple::change_roster(const Session &session, const Node *item, Outbox &out)
{
    const char *address = attribute(item, "jid"), *subscription = attribute(item, "subscription");
    if (address == nullptr)
        return;
    const bool removed = subscription != nullptr && std::string_view{subscription} == "remove";
    Node *push = new_element(new_pool(Kind::Packet), "iq", has_namespaces ? server_namespace : nullptr);
    set_attribute(push, "type", "set");
    Node *query = add_element(push, "query", roster.data());
    Node *now = add_copy(query, item);
    set_attribute(now, "subscription", removed ? "remove" : "none");
    if (removed)
        rosters_[session.user].erase(address);
    else
        rosters_[session.user][address] = to_string(now);
    for (const Session &each : users_[session.user])
        send(each, push, out);
    free_pool(push->p);
}

} // namespace stub
