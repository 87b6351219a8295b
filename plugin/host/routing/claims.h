// SPDX-License-Identifier: LGPL-2.1-or-later
// Names that are answered for as long as a component claims them (include/jabberd/routes.h), and what is beyond this
// host.
#pragma once

#include "host/routing/congestion.h"
#include "host/routing/name_table.h"

#include <jabberd/routes.h>

#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::host {

class Beyond;
class Service;

// Who answers for a name, and whether packets for that name should wait. Lives as long as the last packet on its way.
struct Claim {
    Claim(std::string name_, Service *service_, Beyond *beyond_)
        : name(std::move(name_)), service(service_), beyond(beyond_), congestion(name)
    {
    }

    const std::string name; // "": every name that nothing else answers for
    Service *const service; // null: beyond it is
    Beyond *const beyond;
    Congestion congestion;
};

// Thread-safe. A claim is looked up after the names of services, so those pay nothing for it.
class Claims {
public:
    explicit Claims(Beyond *beyond);

    // Nothing: it is not claimed.
    std::shared_ptr<Claim> find(std::string_view name) const;
    std::shared_ptr<Claim> find(std::string_view name, const Service &by) const; // only if it is `by` who claims it

    // False: another one has it. Says whether anything has changed.
    bool add(std::string_view name, Service &by, bool &changed);

    // Those who wait for it are resumed. False: `by` does not claim it.
    bool remove(std::string_view name, const Service &by);
    bool remove_all(const Service &by);

    std::vector<std::shared_ptr<Claim>> all() const;

private:
    mutable std::shared_mutex mutex_;
    NameTable<std::shared_ptr<Claim>> claims_; // but that of ""
    std::shared_ptr<Claim> every_other_;
};

} // namespace jabberd::host
