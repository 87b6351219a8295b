// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/bind.h"

#include "base/random.h"
#include "base/view.h"
#include "session/notice.h"
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

void begin(Core &core, Turn &turn, User &user, const Caller &caller, const std::string &resource)
{
    if (!is_authenticated(core, caller.connection(), user.address)) // not any more: gone, or bound already
        return caller.error(turn, Condition::NotAuthorized);
    const SessionStart start = begin_session(core, turn, user, resource, caller.connection());
    if (start.refusal)
        return caller.error(turn, *start.refusal);
    core.unbound.erase(caller.connection());
    std::string body = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>";
    xml::append_text(body, start.session->id);
    caller.accept(turn, *start.session, body + "</jid></bind>");
}

void bind(Core &core, const Caller &caller, const xmlNode *element, std::string_view address)
{
    const xmlNode *wanted = xml::child(element, "resource", bind_xmlns);
    const std::string given = wanted == nullptr ? std::string{} : xml::content(wanted);
    const auto resource = given.empty() ? random_id() : prepare_resource(given);
    if (!resource)
        return caller.error(Condition::BadRequest);
    Turn turn{core.directory};
    turn.with_user(address, [&core, caller, resource = *resource](Turn &later, User &user) {
        begin(core, later, user, caller, resource);
    });
}

void disconnect(Turn &turn, const std::vector<std::pair<std::string, std::string>> &connections,
                const session::End &end)
{
    for (const auto &[connection, address] : connections)
        turn.post(session::EndNotice{connection, address, end}.packet());
}

} // namespace

void expect_binding(Core &core, Turn &turn, const std::string &connection, const std::string &address)
{
    disconnect(turn, core.unbound.put(connection, address, core.clock.now()),
               {"resource-constraint", "Too many logins without a resource"});
}

void end_unbound(Core &core, Turn &turn)
{
    disconnect(turn, core.unbound.take_all(), {"system-shutdown", "The session manager is shutting down"});
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
        Turn turn{core.directory};
        const session::End end{"reset", "This login is not known any more"};
        return turn.post(session::EndNotice{connection, address, end}.packet());
    }
    const Caller caller{core, packet, {}};
    if (!authenticated)
        return caller.error(Condition::NotAuthorized);
    const auto document = xml::parse_body(text(packet.body));
    const xmlNode *root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    if (root == nullptr)
        return caller.error(Condition::BadRequest);
    if (type == "get" && xml::child(root, "query", JABBERD_NS_FEATURES) != nullptr)
        return caller.result(features_before_binding());
    if (const xmlNode *element = xml::child(root, "bind", bind_xmlns); element != nullptr && type == "set")
        return bind(core, caller, element, address);
    caller.error(Condition::NotAllowed);
}

} // namespace jabberd::session_manager
