// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/worker.h"

#include "base/address.h"
#include "base/signals_blocked.h"
#include "base/view.h"

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <future>
#include <new>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace jabberd::workers {

namespace {

class Call final : public event::Task {
public:
    explicit Call(std::function<void()> what) : what_(std::move(what)) {}
    void run() override { what_(); }

private:
    std::function<void()> what_;
};

class Adoption final : public event::Task {
public:
    Adoption(Worker &worker, net::Accepted client) : worker_(worker), client_(std::move(client)) {}
    void run() override { worker_.adopt(std::move(client_)); }

private:
    Worker &worker_;
    net::Accepted client_;
};

} // namespace

class Worker::Reception final : public event::Task {
public:
    Reception(Worker &worker, SlotId connection, const jabberd_packet &packet, bool canonical)
        : worker_(worker), connection_(connection), packet_(packet), canonical_(canonical)
    {
    }
    void run() override
    {
        try {
            --worker_.receptions_;
            worker_.receive_here(connection_, packet_.packet(), canonical_);
        } catch (const std::bad_alloc &) { // what is for no connection cannot even be returned
        }
    }

private:
    Worker &worker_;
    SlotId connection_;
    OwnedPacket packet_;
    bool canonical_;
};

std::string address_of(const Place &place, unsigned workers, std::string_view host, std::string_view epoch)
{
    const std::uint32_t id = place.slot.index * workers + place.worker;
    return to_string({id, host, place.slot.generation, epoch});
}

Place place_of(const ConnectionAddress &address, unsigned workers)
{
    return {address.id % workers, {address.id / workers, address.number}};
}

Worker::Worker(connection::Shared &shared, std::shared_ptr<const config::Options> options, unsigned number,
               unsigned count, std::shared_ptr<const tls::Certificates> certificates)
    : number_(number)
    , count_(count)
    , loop_(shared.clock, *this, options->first_descriptor)
    , around_(shared, loop_, *this, std::move(options), std::move(certificates), number)
{
    shared.use(around_.options->limits);
    shared.owners.push_back(this);
}

Worker::~Worker()
{
    join();
    drain_.reset();
    retired_.clear();
    connections_.for_each([](Connection &connection) { delete &connection; });
}

void Worker::start(std::function<void()> at_end)
{
    loop_.forget_stop();
    {
        const SignalsBlocked blocked;
        thread_ = std::thread{[this, at_end = std::move(at_end)] {
            loop_.run();
            if (at_end)
                at_end();
        }};
    }
    pthread_setname_np(thread_.native_handle(), ("c2s/" + std::to_string(number_)).c_str());
    runs_ = true;
}

bool Worker::start_in(Worker &outer)
{
    if (!outer.loop_.nest(loop_))
        return false;
    runs_ = true;
    return true;
}

void Worker::join()
{
    if (thread_.joinable()) {
        loop_.stop();
        thread_.join();
    }
    loop_.unnest_all();
    runs_ = false;
}

void Worker::take_thread(Worker &outer, std::function<void()> at_end)
{
    outer.loop_.unnest(loop_);
    try {
        start(std::move(at_end));
    } catch (const std::system_error &) {
        outer.loop_.nest(loop_);
        throw;
    }
}

void Worker::give_up_thread(Worker &outer)
{
    thread_.join();
    outer.loop_.nest(loop_);
}

Duration Worker::thread_time() const
{
    clockid_t clock{};
    timespec time{};
    if (pthread_getcpuclockid(const_cast<std::thread &>(thread_).native_handle(), &clock) == 0)
        clock_gettime(clock, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

void Worker::halt()
{
    join();
}

bool Worker::run_posted()
{
    return loop_.run_posted();
}

void Worker::freeze(handover::State &state)
{
    state.next_token = std::max(state.next_token, connections_.next_generation());
    connections_.for_each([&](Connection &connection) { state.connections.push_back(connection.freeze()); });
    detached_.for_each([&](const Detached &session) { state.connections.push_back(session.freeze()); });
    detached_.for_each_ended([&](const DetachedSessions::Ended &ended) {
        state.not_resumed.push_back(
            {ended.id.index * count_ + number_, ended.id.generation, ended.handled, connection::bytes_of(ended.key)});
    });
}

void Worker::thaw(SlotId id, const handover::ConnectionState &state)
{
    if (state.fd == -1) {
        auto session = std::make_unique<Detached>(around_, state);
        session->id = id;
        if (!connections_.reserve(id))
            throw std::runtime_error{"two connections with one address"};
        return detached_.insert(std::move(session));
    }
    auto connection = std::make_unique<Connection>(around_, state);
    if (!connections_.restore(id, *connection)) {
        connection->relinquish();
        throw std::runtime_error{"two connections with one address"};
    }
    if (!connection.release()->take_over(id)) // the slot owns it now
        throw std::runtime_error{"out of epoll watches"};
}

void Worker::remember(const handover::NotResumedState &session)
{
    const Place place = place_of({session.id, {}, session.number, {}}, count_);
    if (place.worker == number_)
        detached_.remember({place.slot, connection::key_of_bytes(session.key), session.handled});
}

void Worker::attach()
{
    connections_.for_each([](Connection &connection) { connection.attach(); });
}

void Worker::relinquish()
{
    connections_.for_each([](Connection &connection) { connection.relinquish(); });
}

void Worker::wake()
{
    connections_.for_each([](Connection &connection) { connection.wake(); });
    detached_.for_each([](Detached &session) { session.wake(); });
}

void Worker::run(std::function<void()> what)
{
    if (on_own_thread())
        return what();
    post(std::move(what));
}

void Worker::post(std::function<void()> what)
{
    loop_.post(std::make_unique<Call>(std::move(what)));
}

void Worker::run_and_wait(const std::function<void()> &what)
{
    if (!runs_)
        return what();
    std::promise<void> done;
    run([&] {
        what();
        done.set_value();
    });
    done.get_future().wait();
}

void Worker::adopt(net::Accepted client)
{
    if (on_own_thread())
        return adopt_here(std::move(client));
    const net::SocketAddress from = client.from;
    std::unique_ptr<Adoption> adoption;
    try {
        adoption = std::make_unique<Adoption>(*this, std::move(client));
    } catch (const std::bad_alloc &) {
        return forget(from);
    }
    loop_.post(std::move(adoption));
}

void Worker::adopt_here(net::Accepted client)
{
    const net::SocketAddress from = client.from;
    std::unique_ptr<Connection> connection;
    try {
        connection = std::make_unique<Connection>(around_, std::move(client.fd), from, client.direct_tls);
    } catch (const std::bad_alloc &) {
        return forget(from);
    }
    SlotId id;
    try {
        if (retired_.capacity() <= connections_.size()) // a connection that comes must be able to go
            retired_.reserve(2 * connections_.size() + 1);
        id = connections_.insert(*connection);
    } catch (const std::bad_alloc &) {
        return; // it gives back by itself what it has taken
    }
    Connection &opened = *connection.release(); // from here on the slot owns it
    try {
        if (!opened.open(id, address_of({number_, id}, count_, options().host, around_.shared.epoch)))
            opened.lost("out of epoll watches");
    } catch (const std::bad_alloc &) {
        opened.out_of_memory();
    }
}

void Worker::forget(const net::SocketAddress &from)
{
    around_.counters.out_of_memory.add(1);
    around_.shared.address_caps.release(from);
    --around_.shared.connections;
}

void Worker::receive(SlotId connection, const jabberd_packet &packet, bool canonical)
{
    // A packet from this loop's own thread is not queued: it would only be copied. But one that another thread has
    // delivered before it comes first: the session manager has had them in this order.
    if (on_own_thread()) {
        if (receptions_.load() == 0)
            return receive_here(connection, packet, canonical);
    } else if (const event::LentTurn turn{loop_}) {
        return receive_here(connection, packet, canonical);
    }
    auto reception = std::make_unique<Reception>(*this, connection, packet, canonical);
    ++receptions_;
    loop_.post(std::move(reception));
}

void Worker::receive_here(SlotId id, const jabberd_packet &packet, bool canonical)
{
    Connection *connection = connections_.find(id);
    if (connection != nullptr && same_address(connection->address(), text(packet.sto))) // an epoch is not in the id
        return connection->receive(packet, canonical);
    Detached *session = connection == nullptr && detached_.size() > 0 ? detached_.find(id) : nullptr;
    if (session != nullptr)
        return session->receive(packet, canonical);
    around_.shared.returns.undeliverable(packet);
}

void Worker::use(std::shared_ptr<const config::Options> options, std::shared_ptr<const tls::Certificates> certificates)
{
    around_.options = std::move(options);
    around_.shared.use(around_.options->limits);
    around_.certificates = std::move(certificates);
}

void Worker::end_all(const stream::StreamError &error, Duration time)
{
    detached_.for_each([](Detached &session) { session.end("the server is shutting down"); });
    drain_.emplace(*this, error, time);
}

void Worker::end(SlotId connection, const stream::StreamError &error)
{
    if (Connection *found = connections_.find(connection))
        found->end(error);
}

void Worker::drop_all(std::string_view reason)
{
    connections_.for_each([&](Connection &connection) { connection.lost(reason); });
    detached_.for_each([&](Detached &session) { session.end(reason); });
}

void Worker::resume_host()
{
    connections_.for_each([](Connection &connection) { connection.resume_host(); });
    detached_.for_each([](Detached &session) { session.resume_host(); });
}

void Worker::for_each(const std::function<void(const Connection &)> &visit)
{
    connections_.for_each(visit);
}

void Worker::flush_later(Connection &connection)
{
    if (connection.flush_pending)
        return;
    connection.flush_pending = true;
    to_flush_.push_back(&connection);
}

void Worker::give_up_memory(const connection::Relief &relief)
{
    loop_.post(std::make_unique<Call>([this, relief] { give_up_memory_here(relief); }));
}

void Worker::give_up_memory_here(const connection::Relief &relief)
{
    const auto relieve = [&](const auto &holders) {
        for (auto *holder : holders) {
            if (holder->address_holds() <= relief.keep)
                break;
            (around_.counters.*relief.ended).add(1);
            holder->give_up_memory();
        }
    };
    try {
        relieve(detached_.holders(relief)); // they miss it least
        relieve(holders(relief));
    } catch (const std::bad_alloc &) { // the next allocation that fails asks again
    }
    --around_.shared.relieving;
}

std::vector<Connection *> Worker::holders(const connection::Relief &relief)
{
    std::vector<Connection *> holders;
    connections_.for_each([&](Connection &connection) {
        if (connection.held() > relief.of_a_client && connection.from().prefix() == relief.address)
            holders.push_back(&connection);
    });
    std::ranges::sort(holders, std::greater{}, &Connection::held);
    return holders;
}

void Worker::retire(Connection &connection)
{
    connections_.erase(connection.id());
    retired_.emplace_back(&connection);
}

void Worker::on_own_turn()
{
    if (each_turn_)
        each_turn_(loop_.now());
}

void Worker::on_turn_begin()
{
    around_.turn.begin();
    // In place, for there may be no memory for another list: those who have still no time stay before those who have
    // had a slice just now, and want another.
    const std::size_t count = postponed_.size();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const SlotId id = postponed_[i];
        Connection *connection = connections_.find(id);
        if (connection != nullptr && (!around_.turn.has_time_for_waiting() || !connection->take_turn()))
            postponed_[kept++] = id;
    }
    postponed_.erase(postponed_.begin() + static_cast<std::ptrdiff_t>(kept),
                     postponed_.begin() + static_cast<std::ptrdiff_t>(count));
}

void Worker::on_turn_end()
{
    // A flush may queue for others: a lost client is told to the session manager, who tells its friends.
    for (std::size_t i = 0; i < to_flush_.size(); ++i) {
        to_flush_[i]->flush_pending = false;
        to_flush_[i]->flush();
    }
    to_flush_.clear();
    retired_.clear();
    detached_.destroy_retired();
    if (when_empty_ && connections_.size() == 0)
        std::exchange(when_empty_, nullptr)();
}

} // namespace jabberd::workers
