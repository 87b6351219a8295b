// SPDX-License-Identifier: LGPL-2.1-or-later
// The roster as its owner's clients see and change it (RFC 6121 §2).
#include "session_manager/iq/request.h"

#include "base/view.h"
#include "session_manager/presence/roster_push.h"
#include "session_manager/presence/subscriptions.h"
#include "session_manager/roster/item.h"
#include "xml/document.h"
#include "xml/escape.h"

#include <optional>
#include <set>
#include <string>

namespace jabberd::session_manager::iq {

namespace {

constexpr std::size_t longest_name = 1023; // bytes, of a contact or a group
constexpr std::size_t most_groups = 100;   // of one contact

void get(Core &core, const Request &request, const Answer &answer)
{
    LockedDirectory locked{core.directory};
    Session *session = locked.session(text(request.packet.from));
    if (session == nullptr)
        return;
    session->interested = true;
    std::string body = "<query xmlns='jabber:iq:roster'>";
    for (const auto &[contact, item] : session->user->roster) {
        if (item.listed)
            append_item(body, item);
    }
    answer.result(locked, body + "</query>");
}

// RFC 6121 §2.3.3: nothing, or what is wrong with the item's name and groups.
std::optional<Condition> fault_of(const xmlNode *item)
{
    if (xml::attribute(item, "name").size() > longest_name)
        return Condition::NotAcceptable;
    std::set<std::string> groups;
    for (const xmlNode *node = item->children; node != nullptr; node = node->next) {
        if (!xml::is_element(node, "group", roster::xmlns))
            continue;
        const auto [group, is_new] = groups.insert(xml::content(node));
        if (!is_new)
            return Condition::BadRequest;
        if (group->empty() || group->size() > longest_name || groups.size() > most_groups)
            return Condition::NotAcceptable;
    }
    return std::nullopt;
}

// <group>…</group>…
std::string groups_of(const xmlNode *item)
{
    std::string groups;
    for (const xmlNode *node = item->children; node != nullptr; node = node->next) {
        if (!xml::is_element(node, "group", roster::xmlns))
            continue;
        groups += "<group>";
        xml::append_text(groups, xml::content(node));
        groups += "</group>";
    }
    return groups;
}

void remove(Core &core, LockedDirectory &locked, User &user, const std::string &contact, const Answer &answer)
{
    const auto found = user.roster.find(contact);
    if (found == user.roster.end() || !found->second.listed)
        return answer.error(locked, Condition::ItemNotFound);
    const RosterItem item = std::move(found->second);
    user.roster.erase(found);
    RosterItem nothing;
    nothing.contact = contact;
    core.save(user, nothing);
    subscriptions::cancel(core, locked, user, item);
    roster::push_removal(locked, user, contact);
    answer.result(locked);
}

void change(Core &core, LockedDirectory &locked, User &user, const std::string &contact, const xmlNode *element,
            const Answer &answer)
{
    if (user.roster.size() >= roster::most_items && user.roster.count(contact) == 0)
        return answer.error(locked, Condition::ResourceConstraint);
    RosterItem &item = user.roster[contact];
    item.contact = contact;
    item.name = xml::attribute(element, "name");
    item.groups = groups_of(element);
    item.listed = true; // a client cannot change a subscription in this way
    core.save(user, item);
    roster::push_item(locked, user, item);
    answer.result(locked);
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
    const bool removed = xml::attribute(item, "subscription") == "remove";
    if (const auto fault = removed ? std::nullopt : fault_of(item))
        return answer.error(*fault);

    LockedDirectory locked{core.directory};
    Session *session = locked.session(text(request.packet.from));
    if (session == nullptr)
        return;
    if (removed)
        return remove(core, locked, *session->user, contact->bare(), answer);
    change(core, locked, *session->user, contact->bare(), item, answer);
}

} // namespace

void roster(Core &core, const Request &request, const Answer &answer)
{
    request.set ? set(core, request, answer) : get(core, request, answer);
}

} // namespace jabberd::session_manager::iq
