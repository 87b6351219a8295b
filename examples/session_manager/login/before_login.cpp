// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/before_login.h"

#include "base/view.h"
#include "packet/notice.h"
#include "session_manager/accounts/registration_form.h"
#include "session_manager/base/jid.h"
#include "session_manager/login/iq_auth.h"
#include "session_manager/login/registration.h"
#include "session_manager/login/sasl_login.h"
#include "session_manager/login/stream_features.h"
#include "xml/document.h"

#include <jabberd/session.h>

namespace jabberd::session_manager {

namespace {

constexpr std::string_view auth_xmlns = "jabber:iq:auth";
constexpr std::string_view register_xmlns = "jabber:iq:register";

// The query as an error may show it.
std::string without_secrets(const xmlNode *query)
{
    const xml::DocumentPtr copy{xmlNewDoc(reinterpret_cast<const xmlChar *>("1.0"))};
    xmlNode *root = xmlDocCopyNode(const_cast<xmlNode *>(query), copy.get(), 1);
    xmlDocSetRootElement(copy.get(), root);
    for (const std::string_view xmlns : {auth_xmlns, register_xmlns}) {
        for (const std::string_view name : {"password", "digest"}) {
            while (xmlNode *secret = xml::child(root, name, xmlns)) {
                xmlUnlinkNode(secret);
                xmlFreeNode(secret);
            }
        }
    }
    remove_registration_secrets(root);
    std::string out;
    xml::append_element(out, root);
    return out;
}

} // namespace

void before_login(Core &core, const jabberd_packet &packet)
{
    if (is_sasl(packet))
        return take_sasl(core, packet);
    const std::string_view type = text(packet.type);
    if (type == "error" || type == "result")
        return;
    if (text(packet.name) != "iq" || (type != "get" && type != "set")) {
        LockedDirectory locked{core.directory};
        const packet::EndReason end{"not-authorized", "Log in first"};
        return locked.post(packet::EndNotice{text(packet.sfrom), text(packet.sto), end}.packet());
    }
    const auto host = prepare_host(text(packet.sto));
    const auto document = xml::parse_body(text(packet.body));
    const xmlNode *root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    if (root == nullptr || !host)
        return LoginAnswer{core, packet, {}}.error(Condition::BadRequest);

    const bool set = type == "set";
    if (const xmlNode *query = xml::child(root, "query", JABBERD_NS_FEATURES); query != nullptr && !set) {
        const ConnectionInfo info = read_connection(query);
        core.addresses.put(text(packet.sfrom), info.address, core.clock.now());
        return LoginAnswer{core, packet, {}}.result(features_before_login(*core.settings.current(), info));
    }
    if (const xmlNode *query = xml::child(root, "query", auth_xmlns)) {
        const LoginAnswer answer{core, packet, without_secrets(query)};
        return set ? log_in(core, answer, query, *host) : ask_login_fields(core, answer, query, *host);
    }
    if (const xmlNode *query = xml::child(root, "query", register_xmlns)) {
        const LoginAnswer answer{core, packet, without_secrets(query)};
        return set ? create_account(core, answer, query, *host) : ask_registration_fields(core, answer);
    }
    LoginAnswer{core, packet, {}}.error(Condition::NotAuthorized);
}

} // namespace jabberd::session_manager
