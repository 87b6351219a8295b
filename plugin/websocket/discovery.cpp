// SPDX-License-Identifier: LGPL-2.1-or-later
#include "websocket/discovery.h"

namespace jabberd::websocket {

namespace {

constexpr std::string_view as_xml = "/.well-known/host-meta", as_json = "/.well-known/host-meta.json"; // RFC 6415
constexpr std::string_view relation = "urn:xmpp:alt-connections:websocket";

} // namespace

std::optional<HostMeta> host_meta(std::string_view path, std::string_view address)
{
    const std::string rel{relation}, href{address};
    if (path == as_json)
        return HostMeta{R"({"links":[{"rel":")" + rel + R"(","href":")" + href + R"("}]})" + "\n", "application/json"};
    if (path == as_xml)
        return HostMeta{"<?xml version='1.0' encoding='utf-8'?>\n"
                        "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'><Link rel='" +
                            rel + "' href='" + href + "'/></XRD>\n",
                        "application/xrd+xml"};
    return std::nullopt;
}

} // namespace jabberd::websocket
