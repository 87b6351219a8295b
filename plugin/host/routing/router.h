// SPDX-License-Identifier: LGPL-2.1-or-later
// Finds the service that a packet is for, and sends back what no service takes.
#pragma once

#include "host/routing/congestion.h"
#include "packet/returned_packet.h"

#include <jabberd/host.h>

#include <string>
#include <string_view>
#include <unordered_map>

namespace jabberd::host {

class Beyond;
class Service;
class Trace;

// Names are compared as those of hosts are (base/host_name.h).
struct HostNameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const;
};
struct HostNameEqual {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const;
};

// The table is complete before the first component starts, and is read without a lock.
class Router {
public:
    // `beyond` is asked for every name that no service has; null: there is no host around this one.
    explicit Router(Trace &trace, Beyond *beyond = nullptr) : trace_(trace), beyond_(beyond) {}

    // [main] Before anything is routed. The service must outlive the router's last route().
    void add(Service &service);

    // [any-thread] jabberd_host::deliver(). `from` is null for the host itself. A packet with sto goes to the name in
    // sto; any other to the name in `to`, or, where no service has it, to the one that answers for every other name.
    jabberd_delivery route(Service *from, const jabberd_packet &packet);

    // [any-thread] What the host is called: by the name of what is around it, if anything is.
    const char *host_name() const;

    // [main] Whether any service told `sender` that it is full, and has not yet told it that this is over.
    bool holds_back(const Service &sender) const;

    // [any-thread] What is beyond takes packets again.
    void beyond_is_ready() { beyond_congestion_.end(); }

    // [any-thread] Returns the packet to its sender, by session or by address, or drops it.
    void give_back(const jabberd_packet &packet, packet::Undelivered why);

private:
    Service *find(const jabberd_packet &packet) const;
    void show(const Service *from, const Service *to, bool goes_beyond, const jabberd_packet &packet);
    jabberd_delivery send_beyond(Service *from, const jabberd_packet &packet);

    Trace &trace_;
    Beyond *const beyond_;
    Congestion beyond_congestion_;
    std::unordered_map<std::string, Service *, HostNameHash, HostNameEqual> names_;
    Service *every_other_name_ = nullptr;
};

} // namespace jabberd::host
