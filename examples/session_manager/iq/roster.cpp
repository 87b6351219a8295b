// SPDX-License-Identifier: LGPL-2.1-or-later
// The roster as its owner's clients see and change it (RFC 6121 §2).
#include "session_manager/iq/request.h"

#include "base/view.h"
#include "session_manager/presence/subscriptions.h"
#include "session_manager/roster/push.h"
#include "xml/document.h"
#include "xml/escape.h"

namespace jabberd::sessions::iq {

namespace {

void get(Core &core, const Request &request, const Answer &answer)
{
    Turn turn{core.directory};
    Session *session = turn.session(text(request.packet.from));
    if (session == nullptr)
        return;
    session->interested = true;
    std::string body = "<query xmlns='jabber:iq:roster'>";
    for (const auto &[contact, item] : session->user->roster) {
        if (item.listed)
            append_item(body, item);
    }
    answer.result(turn, body + "</query>");
}

// <group>…</group>…, each once.
std::string groups_of(const xmlNode *item)
{
    std::string groups;
    for (const xmlNode *node = item->children; node != nullptr; node = node->next) {
        if (!xml::is_element(node, "group", roster::xmlns))
            continue;
        std::string group = "<group>";
        xml::append_text(group, xml::content(node));
        group += "</group>";
        if (groups.find(group) == std::string::npos)
            groups += group;
    }
    return groups;
}

void remove(Core &core, Turn &turn, User &user, const std::string &contact, const Answer &answer)
{
    const auto found = user.roster.find(contact);
    if (found == user.roster.end() || !found->second.listed)
        return answer.error(turn, Condition::ItemNotFound);
    const RosterItem item = std::move(found->second);
    user.roster.erase(found);
    RosterItem nothing;
    nothing.contact = contact;
    core.save(user, nothing);
    subscriptions::cancel(core, turn, user, item);
    roster::push_removal(turn, user, contact);
    answer.result(turn);
}

void change(Core &core, Turn &turn, User &user, const std::string &contact, const xmlNode *element,
            const Answer &answer)
{
    if (user.roster.size() >= roster::most_items && user.roster.count(contact) == 0)
        return answer.error(turn, Condition::ResourceConstraint);
    RosterItem &item = user.roster[contact];
    item.contact = contact;
    item.name = xml::attribute(element, "name");
    item.groups = groups_of(element);
    item.listed = true; // a client cannot change a subscription in this way
    core.save(user, item);
    roster::push_item(turn, user, item);
    answer.result(turn);
}

void set(Core &core, const Request &request, const Answer &answer)
{
    const xmlNode *item = xml::child(request.payload, "item", roster::xmlns);
    if (item == nullptr || xmlNextElementSibling(const_cast<xmlNode *>(item)) != nullptr)
        return answer.error(Condition::BadRequest);
    const auto contact = prepare_jid(xml::attribute(item, "jid"));
    if (!contact)
        return answer.error(Condition::JidMalformed);
    if (contact->bare() == request.from.bare())
        return answer.error(Condition::NotAllowed);

    Turn turn{core.directory};
    Session *session = turn.session(text(request.packet.from));
    if (session == nullptr)
        return;
    if (xml::attribute(item, "subscription") == "remove")
        return remove(core, turn, *session->user, contact->bare(), answer);
    change(core, turn, *session->user, contact->bare(), item, answer);
}

} // namespace

void roster(Core &core, const Request &request, const Answer &answer)
{
    request.set ? set(core, request, answer) : get(core, request, answer);
}

} // namespace jabberd::sessions::iq
