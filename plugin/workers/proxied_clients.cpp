// SPDX-License-Identifier: LGPL-2.1-or-later
#include "workers/proxied_clients.h"

#include "connection/snapshot_values.h"
#include "net/proxy_header_reader.h"
#include "net/transport.h"

#include <sys/epoll.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

namespace jabberd::workers {

namespace {

using connection::Counters;

// A proxy sends the header as soon as it has connected. Time for a segment that is lost, and sent again (section 2 of
// proxy-protocol.txt asks for three seconds at least).
constexpr std::chrono::seconds header_time{5};

net::SocketAddress peer_address(const std::string &text)
{
    if (const auto address = net::SocketAddress::from_string(text))
        return *address;
    throw std::runtime_error{"a proxy's address that is none: " + text};
}

} // namespace

// A connection whose header is due.
class ProxiedClients::Waiting final : private event::Watched, private event::Timer {
public:
    Waiting(ProxiedClients &owner, net::Accepted connection, std::string begun)
        : owner_(owner), connection_(std::move(connection)), header_(connection_.from, std::move(begun))
    {
        ++shared().connections;
    }
    ~Waiting() override
    {
        loop().unwatch(watch_, connection_.fd.get());
        --shared().connections;
    }

    // False: the kernel has no room for it.
    bool watch(Place place, Time give_up)
    {
        place_ = place;
        loop().timers().set(*this, give_up);
        watch_ = loop().watch(connection_.fd.get(), EPOLLIN, *this);
        return watch_.generation != 0;
    }

    net::ProxyHeaderReader::Result read() { return header_.read(connection_.fd.get()); }
    bool complete() const { return header_.complete(); }
    const net::Accepted &connection() const { return connection_; }

    handover::ProxiedState freeze() const
    {
        return {connection_.fd.get(), connection_.from.to_string(), connection_.direct_tls, header_.begun(),
                connection::nanoseconds(deadline())};
    }
    void own(int fd)
    {
        net::stop_blocking(fd); // of another implementation it may not be
        connection_.fd = UniqueFd{fd};
    }
    void relinquish() { connection_.fd.release(); }

    // The connection, as that of the client.
    net::Accepted take(const std::optional<net::SocketAddress> &client)
    {
        loop().unwatch(std::exchange(watch_, {}), connection_.fd.get());
        connection_.from = client.value_or(connection_.from);
        return std::move(connection_);
    }

private:
    void on_ready(std::uint32_t) override { owner_.look(place_); }
    void on_timer() override { owner_.give_up(place_); }
    event::Loop &loop() { return owner_.entrance_.first().loop(); }
    connection::Shared &shared() { return owner_.entrance_.first().shared(); }

    ProxiedClients &owner_;
    net::Accepted connection_;
    net::ProxyHeaderReader header_;
    SlotId watch_;
    Place place_{};
};

ProxiedClients::ProxiedClients(Entrance &entrance) : entrance_(entrance)
{
}

ProxiedClients::~ProxiedClients() = default;

// As in a connection: an allocation that fails is the bad luck of the one that needed it.
template <typename Work>
void ProxiedClients::within_memory(const Work &work)
{
    try {
        work();
    } catch (const std::bad_alloc &) {
        entrance_.first().counters().out_of_memory.add(1);
    }
}

void ProxiedClients::take(net::Accepted connection)
{
    const auto &trusted = entrance_.first().options().trusted;
    if (std::ranges::none_of(trusted, [&](const auto &network) { return network.contains(connection.from); }))
        return entrance_.refuse(connection, "this port, with proxy='required', is for the proxies in <trusted/> only",
                                &Counters::untrusted);
    within_memory([&] {
        std::list<Waiting> one;
        one.emplace_back(*this, std::move(connection), std::string{});
        if (one.front().watch(one.begin(), deadline()))
            waiting_.splice(waiting_.end(), one);
        else
            entrance_.refuse(one.front().connection(), "out of epoll watches", nullptr);
    });
}

Time ProxiedClients::deadline() const
{
    const auto authtime = entrance_.first().options().authtime;
    return entrance_.first().loop().now() + (authtime.count() > 0 ? std::min(header_time, authtime) : header_time);
}

void ProxiedClients::drop_all()
{
    waiting_.clear();
}

void ProxiedClients::look(Place at)
{
    std::list<Waiting> one; // it waits no more, whatever fails
    one.splice(one.end(), waiting_, at);
    within_memory([&] {
        const auto result = at->read();
        if (std::holds_alternative<net::ProxyHeaderReader::Waiting>(result))
            return waiting_.splice(waiting_.end(), one);
        if (const auto *header = std::get_if<net::ProxyHeader>(&result))
            return entrance_.admit(at->take(header->client));
        if (const auto *fault = std::get_if<net::ProxyHeaderFault>(&result))
            return entrance_.refuse(at->connection(), fault->reason, &Counters::bad_proxy_headers);
        if (std::get<net::ProxyHeaderReader::Gone>(result) == net::ProxyHeaderReader::Gone::InTheHeader)
            entrance_.refuse(at->connection(), "it is gone in the middle of its PROXY header",
                             &Counters::bad_proxy_headers);
    });
}

// Of a proxy's own connection the header has come, and only the first byte is missing: that is waited for as any
// client's is.
void ProxiedClients::give_up(Place at)
{
    std::list<Waiting> one;
    one.splice(one.end(), waiting_, at);
    within_memory([&] {
        if (at->complete())
            entrance_.admit(at->take(std::nullopt));
        else
            entrance_.refuse(at->connection(), "its PROXY header has not come in time", &Counters::bad_proxy_headers);
    });
}

void ProxiedClients::freeze(handover::State &state) const
{
    for (const Waiting &waiting : waiting_)
        state.proxied.push_back(waiting.freeze());
}

void ProxiedClients::thaw(const handover::State &state)
{
    for (const handover::ProxiedState &proxied : state.proxied) {
        net::Accepted connection{.fd = {}, .from = peer_address(proxied.peer), .direct_tls = proxied.tls_direct};
        waiting_.emplace_back(*this, std::move(connection), proxied.header);
        waiting_.back().own(proxied.fd);
        const Time give_up = proxied.give_up == 0 ? deadline() : connection::time_of(proxied.give_up);
        if (!waiting_.back().watch(std::prev(waiting_.end()), give_up))
            throw std::runtime_error{"out of epoll watches"};
    }
}

void ProxiedClients::relinquish()
{
    for (Waiting &waiting : waiting_)
        waiting.relinquish();
    waiting_.clear();
}

} // namespace jabberd::workers
