// SPDX-License-Identifier: LGPL-2.1-or-later
// The roster as its owner's clients see and change it (RFC 6121 §2).
#include "session_manager/iq/request.h"

#include "base/view.h"
#include "session_manager/presence/roster_push.h"
#include "session_manager/presence/roster_room.h"
#include "session_manager/presence/subscriptions.h"
#include "session_manager/roster/item.h"
#include "xml/document.h"
#include "xml/escape.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

namespace jabberd::session_manager::iq {

namespace {

constexpr std::size_t longest_name = 1023; // bytes, of a contact or a group
constexpr std::size_t most_groups = 100;   // of one contact

constexpr std::size_t usual_answer = 1'048'576; // a larger one counts as this: it shall not be too much by itself

// The version of the roster that a client has; "" is none. Nothing when the client knows no versions.
std::optional<std::string> version_seen(const xmlNode *query)
{
    if (xmlHasNsProp(const_cast<xmlNode *>(query), reinterpret_cast<const xmlChar *>("ver"), nullptr) == nullptr)
        return std::nullopt;
    return std::string{xml::attribute(query, "ver")};
}

// As its owner's work, by turns, and not on the thread that has brought the request: a small one has a large answer,
// and a thousand of them would keep everybody else there waiting. It is written when it leaves, without the lock.
void answer_get(LockedDirectory &locked, const User &user, const std::string &id,
                const std::optional<std::string> &seen, const Answer &answer)
{
    Session *session = locked.session(id);
    if (session == nullptr)
        return;
    session->interested = true;
    session->roster_versions = seen.has_value();
    const std::string version = seen ? user.roster.version() : std::string{};
    if (seen && *seen == version)
        return answer.result(locked); // RFC 6121 §2.6.3: the client has this roster
    answer.result_later(locked, [items = user.roster.listed(), version](std::string &body) {
        body = "<query xmlns='jabber:iq:roster'";
        if (!version.empty())
            xml::append_attribute(body, "ver", version);
        body += '>';
        for (const RosterItemPtr &item : items)
            append_item(body, *item);
        body += "</query>";
    });
}

void get(Core &core, const Request &request, const Answer &answer)
{
    LockedDirectory locked{core.directory};
    const Session *asking = locked.session(text(request.packet.from));
    if (asking == nullptr)
        return;
    User &owner = *asking->user;
    Work work = core.take_work(locked, core.causer_of(asking->id),
                               std::min<std::size_t>(owner.roster.own().bytes, usual_answer));
    if (!work)
        return answer.error(locked, Condition::ResourceConstraint, too_much_waits);
    // Behind the changes that were asked for before.
    locked.change(owner, {},
                  [answer, id = asking->id, seen = version_seen(request.payload),
                   held = std::move(work)](LockedDirectory &later, User &user) mutable {
                      answer.change_stored(
                          later, user, std::move(held), [](Storage &) { return true; },
                          [&user, id, seen, answer](LockedDirectory &at_last, bool) {
                              answer_get(at_last, user, id, seen, answer);
                          },
                          StorageUse::Kind::Reads);
                  });
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

// Stores what becomes of the item, and only then lets clients and contacts know.
void keep(Core &core, LockedDirectory &locked, User &user, const RosterItem &item, Work work, const Answer &answer)
{
    answer.change_stored(
        locked, user, std::move(work),
        [address = user.address, item](Storage &storage) { return storage.rosters.save(address, item); },
        [&core, answer, item, &user](LockedDirectory &kept, bool) {
            const RosterItem *known = user.roster.find(item.contact);
            const RosterItem before = known == nullptr ? RosterItem{} : *known;
            kept.keep(user, item);
            if (item.empty()) {
                subscriptions::cancel(core, kept, user, before);
                roster::push_removal(kept, user, item.contact);
            } else {
                roster::push_item(kept, user, item);
            }
            answer.result(kept);
        });
}

// `wanted`: empty when the item is to go.
void change(Core &core, LockedDirectory &locked, User &user, RosterItem wanted, Work work, const Answer &answer)
{
    if (!user.exists)
        return answer.error(locked, Condition::ItemNotFound);
    const RosterItem *known = user.roster.find(wanted.contact);
    if (wanted.empty()) {
        if (known == nullptr || !known->listed)
            return answer.error(locked, Condition::ItemNotFound);
        return keep(core, locked, user, wanted, std::move(work), answer);
    }
    RosterItem item = known == nullptr ? wanted : *known;
    item.name = std::move(wanted.name);
    item.groups = std::move(wanted.groups);
    item.listed = true; // a client cannot change a subscription in this way
    if (!roster::has_room(core, locked, user, item))
        return answer.error(locked, Condition::ResourceConstraint, roster::too_large);
    keep(core, locked, user, item, std::move(work), answer);
}

void set(Core &core, const Request &request, const Answer &answer)
{
    const xmlNode *element = xml::child(request.payload, "item", roster::xmlns);
    if (element == nullptr || xmlNextElementSibling(const_cast<xmlNode *>(element)) != nullptr)
        return answer.error(Condition::BadRequest);
    const auto contact = prepare_jid(xml::attribute(element, "jid"));
    if (!contact)
        return answer.error(Condition::JidMalformed);
    if (contact->bare() == request.from.bare())
        return answer.error(Condition::NotAllowed);
    RosterItem wanted;
    wanted.contact = contact->bare();
    if (xml::attribute(element, "subscription") != "remove") {
        if (const auto fault = fault_of(element))
            return answer.error(*fault);
        wanted.name = xml::attribute(element, "name");
        wanted.groups = groups_of(element);
        wanted.listed = true;
    }
    Work work = answer.take_work(wanted.bytes());
    if (!work)
        return;
    std::string about = wanted.contact;
    answer.change(std::move(about), [&core, answer, item = std::move(wanted),
                                     held = std::move(work)](LockedDirectory &later, User &user) mutable {
        change(core, later, user, std::move(item), std::move(held), answer);
    });
}

} // namespace

void roster(Core &core, const Request &request, const Answer &answer)
{
    request.set ? set(core, request, answer) : get(core, request, answer);
}

} // namespace jabberd::session_manager::iq
