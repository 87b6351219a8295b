// SPDX-License-Identifier: LGPL-2.1-or-later
// Finds the service that a packet is for, and sends back what no service takes.
#pragma once

#include "host/routing/claims.h"
#include "host/routing/name_table.h"
#include "packet/returned_packet.h"

#include <jabberd/host.h>
#include <jabberd/routes.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace jabberd::host {

class Beyond;
class Service;
class Trace;

// The table of the services' names is complete before the first component starts, and is read without a lock. What
// comes and goes is a claim.
class Router {
public:
    // `beyond` takes the packets for every name that no service has; null: there is no host around this one.
    explicit Router(Trace &trace, Beyond *beyond = nullptr) : trace_(trace), beyond_(beyond), claims_(beyond) {}

    // [main] Before anything is routed. The service must outlive the router's last route().
    void add(Service &service);

    // [main] Before an instance is created that may ask for them: names of a service whose component owns sessions
    // (include/jabberd/domains.h).
    void add_domains(const Service &service);
    const std::vector<std::string> &domains() const { return domains_; } // [any-thread] when all are added

    // [any-thread] jabberd_host::deliver(). `from` is null for the host itself. A packet with sto goes to the name in
    // sto; any other to the name in `to`, or, where no service has it, to the one that answers for every other name. A
    // claim is no way back to the one who has claimed it.
    jabberd_delivery route(Service *from, const jabberd_packet &packet);

    // [any-thread] What the host is called: by the name of what is around it, if anything is.
    const char *host_name() const;

    // [main] Whether any service told `sender` that it is full, and has not yet told it that this is over.
    bool holds_back(const Service &sender) const;

    // [any-thread] What is beyond takes packets again.
    void beyond_is_ready();

    // [any-thread] What an instance of `service` asks for (include/jabberd/routes.h).
    jabberd_claim claim(Service &service, std::string_view name);
    void give_up_claim(Service &service, std::string_view name);
    void give_up_claims(Service &service); // all it has
    void set_congested(Service &service, std::string_view name, bool is_congested);
    std::vector<std::string> names_besides(const Service &service) const;

    // [any-thread] How many packets were for a name that no service has, or went round in a circle.
    std::uint64_t unroutable() const { return unroutable_.load(std::memory_order_relaxed); }

    // [any-thread] Returns the packet to its sender, by session or by address, or drops it.
    void give_back(const jabberd_packet &packet, packet::Undelivered why);

private:
    // Who takes a packet: a service by its configuration, or by a claim, or what is beyond; or neither.
    struct Way {
        Service *service = nullptr;
        std::shared_ptr<Claim> claim;
    };
    Service *service_of(std::string_view name) const;
    Way find(const Service *from, const jabberd_packet &packet) const;
    void show(Service *from, const Way &way, const jabberd_packet &packet);
    jabberd_delivery send_by_claim(Service *from, Claim &claim, const jabberd_packet &packet);
    void tell_of_names(const Service &but);

    Trace &trace_;
    Beyond *const beyond_;
    Claims claims_;
    NameTable<Service *> names_;
    std::vector<const NameTable<Service *>::value_type *> compared_; // the first of them
    std::vector<Service *> services_;
    std::vector<std::string> domains_;
    Service *every_other_name_ = nullptr;
    std::atomic<std::uint64_t> unroutable_{0};
};

} // namespace jabberd::host
