// SPDX-License-Identifier: LGPL-2.1-or-later
// How a client finds out where the WebSocket of a domain is (XEP-0156).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::websocket {

struct HostMeta {
    std::string content;
    std::string_view type; // of media
};

// The document of that path, saying that address, which needs no escaping; nothing: the path is of none.
std::optional<HostMeta> host_meta(std::string_view path, std::string_view address);

} // namespace jabberd::websocket
