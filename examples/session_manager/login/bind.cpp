// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/bind.h"

#include "base/random.h"
#include "base/view.h"
#include "packet/notice.h"
#include "session_manager/base/jid.h"
#include "session_manager/login/session_start.h"
#include "session_manager/login/stream_features.h"
#include "xml/document.h"
#include "xml/escape.h"

#include <jabberd/session.h>

namespace jabberd::session_manager {

namespace {

constexpr std::string_view bind_xmlns = "urn:ietf:params:xml:ns:xmpp-bind";

bool is_authenticated(const Core &core, const std::string &connection, std::string_view address)
{
    return core.unbound.find(connection, core.clock.now()) == address;
}

void begin(Core &core, LockedDirectory &locked, User &user, const LoginAnswer &answer, const std::string &resource)
{
    if (!is_authenticated(core, answer.connection(), user.address)) // not any more: gone, or bound already
        return answer.error(locked, Condition::NotAuthorized);
    const SessionStart start = begin_session(core, locked, user, resource, answer.connection());
    if (start.error)
        return answer.error(locked, *start.error);
    core.unbound.erase(answer.connection());
    std::string body = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>";
    xml::append_text(body, start.session->id);
    answer.accept(locked, *start.session, body + "</jid></bind>");
}

void bind(Core &core, const LoginAnswer &answer, const xmlNode *element, std::string_view address)
{
    const xmlNode *wanted = xml::child(element, "resource", bind_xmlns);
    const std::string given = wanted == nullptr ? std::string{} : xml::content(wanted);
    const auto resource = given.empty() ? random_id() : prepare_resource(given);
    if (!resource)
        return answer.error(Condition::BadRequest);
    Work work = answer.take_work(resource->size());
    if (!work)
        return;
    const Turn turn = work.turn();
    LockedDirectory locked{core.directory};
    locked.with_user(address, turn,
                     [&core, answer, resource = *resource, held = std::move(work)](LockedDirectory &later, User &user) {
                         begin(core, later, user, answer, resource);
                     });
}

void disconnect(LockedDirectory &locked, const std::vector<std::pair<std::string, std::string>> &connections,
                const packet::EndReason &end)
{
    for (const auto &[connection, address] : connections)
        locked.post(packet::EndNotice{connection, address, end}.packet());
}

} // namespace

void expect_binding(Core &core, LockedDirectory &locked, const std::string &connection, const std::string &address)
{
    disconnect(locked, core.unbound.put(connection, address, core.clock.now()),
               {"resource-constraint", "Too many logins without a resource"});
}

void end_unbound(Core &core, LockedDirectory &locked)
{
    disconnect(locked, core.unbound.take_all(), {"system-shutdown", "The session manager is shutting down"});
}

void before_binding(Core &core, const jabberd_packet &packet)
{
    const std::string connection{text(packet.sfrom)};
    const std::string_view address = text(packet.sto), type = text(packet.type);
    const bool authenticated = is_authenticated(core, connection, address);
    if (text(packet.name) != "iq" || (type != "get" && type != "set")) {
        if (authenticated)
            return core.log.info("a packet came before a resource was bound, ignoring",
                                 {{"USER", address}, {"CONNECTION", connection}, {"NAME", text(packet.name)}});
        if (type == "error" || type == "result")
            return;
        LockedDirectory locked{core.directory};
        const packet::EndReason end{"reset", "This login is not known any more"};
        return locked.post(packet::EndNotice{connection, address, end}.packet());
    }
    const LoginAnswer answer{core, packet, {}};
    if (!authenticated)
        return answer.error(Condition::NotAuthorized);
    const auto document = xml::parse_body(text(packet.body));
    const xmlNode *root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    if (root == nullptr)
        return answer.error(Condition::BadRequest);
    if (type == "get" && xml::child(root, "query", JABBERD_NS_FEATURES) != nullptr)
        return answer.result(features_before_binding());
    if (const xmlNode *element = xml::child(root, "bind", bind_xmlns); element != nullptr && type == "set")
        return bind(core, answer, element, address);
    answer.error(Condition::NotAllowed);
}

} // namespace jabberd::session_manager
