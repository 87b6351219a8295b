// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients that come through a proxy, until its PROXY header has said who they are.
#pragma once

#include "handover/state.h"
#include "workers/entrance.h"

#include <list>

namespace jabberd::workers {

// On the first worker's loop. Such a client has a descriptor and a deadline, and counts in <connections/>; no address
// is charged for it before its own is known.
class ProxiedClients {
public:
    explicit ProxiedClients(Entrance &entrance);
    ~ProxiedClients();
    ProxiedClients(const ProxiedClients &) = delete;
    ProxiedClients &operator=(const ProxiedClients &) = delete;

    // Takes a connection to a port where a PROXY header is due, if its TCP peer is a <trusted/> proxy. When the header
    // has come its client is admitted, under the address that the header names.
    void take(net::Accepted connection);

    void drop_all();

    // While the loop does not run. A predecessor's are ours from thaw() on; it throws when that cannot be.
    void freeze(handover::State &state) const;
    void thaw(const handover::State &state);
    void relinquish(); // they are the successor's, or the predecessor's again

private:
    class Waiting;
    using Place = std::list<Waiting>::iterator;

    Time deadline() const; // of a header, from now on
    void look(Place at);
    void give_up(Place at);
    template <typename Work>
    void within_memory(const Work &work);

    Entrance &entrance_;
    std::list<Waiting> waiting_;
};

} // namespace jabberd::workers
