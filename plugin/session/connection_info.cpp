// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/connection_info.h"

#include "base/base64.h"
#include "xml/escape.h"

#include <jabberd/session.h>

namespace jabberd::session {

bool allows_plain(std::string_view connection_element)
{
    return connection_element.find("<tls") != std::string_view::npos ||
           connection_element.find(" plain=") != std::string_view::npos;
}

std::string connection_element(const ConnectionInfo &info)
{
    std::string out = "<connection";
    xml::append_attribute(out, "xmlns", JABBERD_NS_CONNECTION);
    xml::append_attribute(out, "address", info.address);
    xml::append_attribute(out, "port", std::to_string(info.port));
    if (info.plain)
        xml::append_attribute(out, "plain", "yes");
    if (info.websocket)
        xml::append_attribute(out, "carrier", "websocket");
    if (!info.tls)
        return out += "/>";
    out += "><tls";
    xml::append_attribute(out, "version", info.tls->version);
    xml::append_attribute(out, "cipher", info.tls->cipher);
    out += '>';
    for (const ConnectionInfo::ChannelBinding &binding : info.tls->channel_bindings) {
        out += "<channel-binding";
        xml::append_attribute(out, "type", binding.type);
        out.append(">").append(base64_encode(binding.data)).append("</channel-binding>");
    }
    return out += "</tls></connection>";
}

} // namespace jabberd::session
