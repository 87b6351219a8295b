// SPDX-License-Identifier: LGPL-2.1-or-later
// One event loop, and the connections that live on it.
#pragma once

#include "base/connection_address.h"
#include "base/owned_packet.h"
#include "connection/connection.h"
#include "connection/relief.h"
#include "connection/shared.h"
#include "connection/surroundings.h"
#include "event/loop.h"
#include "net/listener.h"
#include "tls/certificates.h"
#include "workers/detached_sessions.h"
#include "workers/drain.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace jabberd::workers {

using connection::Connection;
using connection::Detached;

// Where the connection of an address lives: its id is the slot, spread over the workers, and its number the slot's
// generation. No two connections of an epoch ever have the same.
struct Place {
    unsigned worker;
    SlotId slot;
};
std::string address_of(const Place &place, unsigned workers, std::string_view host, std::string_view epoch);
Place place_of(const ConnectionAddress &address, unsigned workers);

// Public functions without a mark are for the worker's own thread.
class Worker final : private event::Turns, private connection::Owner {
public:
    // No certificates: no client comes to a port for nothing but TLS.
    Worker(connection::Shared &shared, std::shared_ptr<const config::Options> options, unsigned number, unsigned count,
           std::shared_ptr<const tls::Certificates> certificates = nullptr);
    ~Worker();
    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    // [main] Its loop runs on a thread of its own, which says `at_end` when it stops. Throws std::system_error where
    // there is no room for one.
    void start(std::function<void()> at_end = {});
    // [main] Or inside of another's, whose thread gives it turns. False: the kernel has no room for a watch.
    bool start_in(Worker &outer);
    void join(); // [main] ends both; what is still connected is dropped

    // From one to the other, in a turn of the outer one.
    void take_thread(Worker &outer, std::function<void()> at_end); // throws std::system_error, and stays where it was
    void stop_thread() { loop_.stop(); }
    void give_up_thread(Worker &outer); // that has been stopped, and has said its `at_end`
    Duration thread_time() const;       // that it has had a processor, so far

    // [main] Called in each turn of its own thread, from start() on.
    void each_turn(std::function<void(Time)> call) { each_turn_ = std::move(call); }

    // [any thread] Runs it on the loop: at once when this is the loop's thread.
    void run(std::function<void()> what);
    void post(std::function<void()> what);                // in a turn to come
    void run_and_wait(const std::function<void()> &what); // not from a worker's thread

    // [main] Between halt() and start() the thread does not run, and the connections stay as they are. thaw() and
    // attach() of several workers may run beside one another.
    void halt();
    bool run_posted(); // what was posted meanwhile. False: nothing was
    void freeze(handover::State &state);
    void thaw(SlotId id, const handover::ConnectionState &state); // throws std::runtime_error
    void remember(const handover::NotResumedState &session);      // if it was here
    void begin_at(std::uint32_t next_generation) { connections_.begin_at(next_generation); }
    void attach();
    void relinquish();
    void wake(); // on the worker's thread

    void adopt(net::Accepted client); // [any thread]
    void receive(SlotId connection, const jabberd_packet &packet,
                 bool canonical); // [any thread] borrowed; canonical: its body is ours
    void use(std::shared_ptr<const config::Options> options, std::shared_ptr<const tls::Certificates> certificates);
    void end_all(const stream::StreamError &error, Duration time); // spread over that time
    void end(SlotId connection, const stream::StreamError &error);
    void drop_all(std::string_view reason);
    void resume_host();
    void for_each(const std::function<void(const Connection &)> &visit);
    void for_each_detached(const std::function<void(const Detached &)> &visit) const { detached_.for_each(visit); }
    std::size_t detached() const { return detached_.size(); }
    std::size_t size() const { return connections_.size(); }
    void when_empty(std::function<void()> call) { when_empty_ = std::move(call); }

    // [any thread] Whether the caller is this worker, giving just this to the host.
    bool is_passing(const jabberd_packet &packet) const { return on_own_thread() && around_.passing.is(packet); }

    event::Loop &loop() { return loop_; }
    const config::Options &options() const { return *around_.options; }
    connection::Shared &shared() { return around_.shared; }
    connection::Counters &counters() { return around_.counters; } // read by any thread

private:
    void on_own_turn() override;
    void on_turn_begin() override;
    void on_turn_end() override;
    bool wants_a_turn() const override { return !postponed_.empty(); }
    void flush_later(Connection &connection) override;
    void retire(Connection &connection) override;
    void retire(Detached &session) override;
    std::string detach(Connection &connection, std::unique_ptr<Detached> session) override;
    void resume(Connection &connection, const connection::ResumptionId &id, std::uint32_t h) override;
    void next_turn(Connection &connection) override { postponed_.push_back(connection.id()); }
    void give_up_memory(const connection::Relief &relief) override;
    void give_up_memory_here(const connection::Relief &relief);
    std::vector<Connection *> holders(const connection::Relief &relief); // those with most first
    bool on_own_thread() const { return loop_.has_turn(); }
    void adopt_here(net::Accepted client);
    Worker &peer(unsigned number); // a worker of the same component

    // Resumption, each step on the worker that it is about (worker_resumption.cpp).
    class Reception;
    struct Claim;
    void claimed(const Claim &claim);
    connection::ResumptionAnswer judge(const Claim &claim);
    void answered(const Claim &claim, const connection::ResumptionAnswer &answer);
    void unclaimed(const Claim &claim);
    void joined(const Claim &claim, const handover::ConnectionState &client, connection::Socket &socket,
                const std::optional<OwnedPacket> &login);

    void forget(const net::SocketAddress &from); // that was admitted, and cannot be had
    void receive_here(SlotId connection, const jabberd_packet &packet, bool canonical);

    const unsigned number_, count_;
    event::Loop loop_;
    std::atomic<unsigned> receptions_{0}; // packets that are posted to it
    connection::Surroundings around_;
    Slots<Connection> connections_; // owned here, from adopt() to retire()
    std::optional<Drain> drain_;
    std::vector<Connection *> to_flush_;
    std::vector<std::unique_ptr<Connection>> retired_;
    DetachedSessions detached_;
    std::vector<SlotId> postponed_; // in the order in which they have their turns
    std::function<void()> when_empty_;
    std::function<void(Time)> each_turn_;
    std::thread thread_;
    std::atomic<bool> runs_{false}; // somebody gives its loop turns
};

} // namespace jabberd::workers
