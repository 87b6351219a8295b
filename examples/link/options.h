// SPDX-License-Identifier: LGPL-2.1-or-later
// <link xmlns='jabber:config:link'>: what an operator can choose.
#pragma once

#include "link/carrier/nats_options.h"
#include "link/carrier/tcp_options.h"
#include "link/hub_settings.h"

#include <jabberd/host.h>

#include <optional>
#include <string>

namespace jabberd::link {

inline constexpr const char *options_namespace = "jabber:config:link";

struct Options {
    std::string name;              // of this process, one of its own in the cluster
    std::optional<TcpOptions> tcp; // one of the two
    std::optional<NatsOptions> nats;
    HubSettings settings;
};

// Reports every mistake through host.report(); nothing when there was one. [main]
std::optional<Options> read_options(const jabberd_host &host, const jabberd_config &service);

} // namespace jabberd::link
