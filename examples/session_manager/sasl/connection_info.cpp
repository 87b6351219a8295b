// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/sasl/connection_info.h"

#include "base/base64.h"
#include "xml/document.h"

#include <jabberd/session.h>

namespace jabberd::session_manager {

ConnectionInfo read_connection(const xmlNode *parent)
{
    ConnectionInfo info;
    const xmlNode *connection = xml::child(parent, "connection", JABBERD_NS_CONNECTION);
    if (connection == nullptr)
        return info;
    info.address = xml::attribute(connection, "address");
    info.plain = xml::attribute(connection, "plain") == "yes";
    const xmlNode *tls = xml::child(connection, "tls", JABBERD_NS_CONNECTION);
    if (tls == nullptr)
        return info;
    info.tls = info.plain = true;
    for (const xmlNode *node = tls->children; node != nullptr; node = node->next) {
        if (!xml::is_element(node, "channel-binding", JABBERD_NS_CONNECTION))
            continue;
        const std::string_view type = xml::attribute(node, "type");
        const std::string data = xml::content(node);
        if ((type == "tls-exporter" || type == "tls-unique") && !base64_decode(data).value_or("").empty())
            info.channel_bindings.emplace(type, data);
    }
    return info;
}

} // namespace jabberd::session_manager
