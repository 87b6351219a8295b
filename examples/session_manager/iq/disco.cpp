// SPDX-License-Identifier: LGPL-2.1-or-later
// Service discovery (XEP-0030).
#include "session_manager/iq/request.h"

#include "base/view.h"
#include "xml/document.h"
#include "xml/escape.h"

namespace jabberd::session_manager::iq {

namespace {

// Runs `reply` when the asking user may know that the account is there: its owner, or a contact who gets its presence
// (XEP-0030 §8). Other users get the answer that an account which does not exist would give.
template <typename Reply>
void for_friends(Core &core, const Request &request, const Answer &answer, Reply reply)
{
    Work work = answer.take_work(text(request.packet.body).size());
    if (!work)
        return;
    const Turn turn = work.turn();
    LockedDirectory locked{core.directory};
    locked.with_user(request.to.bare(), turn,
                     [asker = request.from.bare(), full = request.from.full(), answer, reply,
                      held = std::move(work)](LockedDirectory &later, User &user) {
                         const RosterItem *item = user.roster.find(asker);
                         const bool is_friend = asker == user.address || (item != nullptr && item->from);
                         if (user.unreadable)
                             return answer.error(later, condition_of(*user.unreadable));
                         if (!user.exists || !is_friend || user.blocks(full))
                             return answer.error(later, Condition::ServiceUnavailable);
                         answer.result(later, reply(user));
                     });
}

// We have no nodes, such as that of ad-hoc commands, which many clients ask for.
bool names_a_node(const Request &request)
{
    return !xml::attribute(request.payload, "node").empty();
}

// The other services of the host, as its operator lists them: no host tells its components of each other.
std::string services(const Options &options)
{
    std::string body = "<query xmlns='http://jabber.org/protocol/disco#items'>";
    for (const Service &service : options.services) {
        body += "<item";
        xml::append_attribute(body, "jid", service.address);
        if (!service.name.empty())
            xml::append_attribute(body, "name", service.name);
        body += "/>";
    }
    return body + "</query>";
}

} // namespace

void disco_info(Core &core, const Request &request, const Answer &answer)
{
    if (names_a_node(request))
        return answer.error(Condition::ItemNotFound);
    std::string body = "<query xmlns='http://jabber.org/protocol/disco#info'>";
    body += request.scope == HostScope ? "<identity category='server' type='im' name='session_manager'/>"
                                       : "<identity category='account' type='registered'/>";
    body += features(request.scope);
    if (request.scope == HostScope)
        body += "<feature var='msgoffline'/>"               // XEP-0160
                "<feature var='urn:xmpp:carbons:rules:0'/>" // XEP-0280 §6.1
                "<feature var='urn:xmpp:hints'/>";          // XEP-0334
    body += "</query>";
    if (request.scope == HostScope)
        return answer.result(body);
    for_friends(core, request, answer, [body](const User &) { return body; });
}

void disco_items(Core &core, const Request &request, const Answer &answer)
{
    if (names_a_node(request))
        return answer.error(Condition::ItemNotFound);
    if (request.scope == HostScope)
        return answer.result(services(*core.settings.current()));
    for_friends(core, request, answer, [](const User &user) {
        std::string body = "<query xmlns='http://jabber.org/protocol/disco#items'>";
        for (const auto &session : user.sessions) {
            if (!session->available())
                continue;
            body += "<item";
            xml::append_attribute(body, "jid", session->id);
            body += "/>";
        }
        return body + "</query>";
    });
}

} // namespace jabberd::session_manager::iq
