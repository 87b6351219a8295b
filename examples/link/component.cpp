// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/component.h"

#include "base/random.h"
#include "link/carrier/nats.h"
#include "link/carrier/tcp.h"
#include "link/names.h"
#include "link/say.h"

#include <libxml/parser.h>

#include <algorithm>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

namespace jabberd::link {

namespace {

constexpr std::chrono::milliseconds last_patience{500}; // for what others give us while they end
constexpr std::chrono::milliseconds look_again{5};
constexpr std::chrono::milliseconds broker_patience{1'000}; // a swap goes on without it, and what is lost is sent again

std::uint64_t new_process()
{
    std::uint64_t number = 0;
    const auto bytes = random_128();
    std::memcpy(&number, bytes.data(), sizeof number);
    return number | 1u; // 0 is none
}

std::uint64_t realtime()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

bool same(const std::optional<TcpOptions> &one, const std::optional<TcpOptions> &other)
{
    const auto same_peer = [](const TcpPeer &a, const TcpPeer &b) {
        return a.name == b.name && a.address.to_string() == b.address.to_string();
    };
    const auto same_address = [](const net::SocketAddress &a, const net::SocketAddress &b) {
        return a.to_string() == b.to_string();
    };
    if (!one || !other)
        return one.has_value() == other.has_value();
    return one->secret == other->secret && one->tls.has_value() == other->tls.has_value() &&
           std::ranges::equal(one->peers, other->peers, same_peer) &&
           std::ranges::equal(one->listen, other->listen, same_address);
}

} // namespace

std::unique_ptr<Component> Component::create(const jabberd_host &host, const jabberd_config &service)
{
    xmlInitParser(); // before two threads of ours read their first 510 at once
    const auto *routes = static_cast<const jabberd_routes *>(host.get_extension(&host, JABBERD_ROUTES));
    if (routes == nullptr) {
        host.report(&host, &service, JABBERD_LOG_ERROR,
                    "this host cannot route names that come and go (" JABBERD_ROUTES ")");
        return nullptr;
    }
    auto options = read_options(host, service);
    if (!options)
        return nullptr;
    try {
        auto component = std::make_unique<Component>(host, *routes, std::move(*options));
        if (host.get_extension(&host, JABBERD_SUCCESSION) == nullptr)
            component->carrier_->open();
        else if (component->exchange_)
            component->listen_beside_predecessor();
        return component;
    } catch (const std::exception &problem) {
        host.report(&host, &service, JABBERD_LOG_ERROR, problem.what());
        return nullptr;
    }
}

Component::Component(const jabberd_host &host, const jabberd_routes &routes, Options options)
    : host_(host)
    , routes_(routes)
    , options_(std::move(options))
    , takeover_(static_cast<const jabberd_takeover *>(host.get_extension(&host, JABBERD_TAKEOVER)))
{
    if (options_.nats)
        exchange_ = std::make_unique<NatsExchange>(*options_.nats, options_.name);
    make_hub(new_process());
}

Component::~Component()
{
    if (!gone_ && snapshot_ == nullptr)
        wait_until_taken(last_patience);
}

// What comes between the predecessor's last look at its inbox and our first one is not lost then. It runs on meanwhile.
void Component::listen_beside_predecessor()
{
    exchange_->listen(true);
    exchange_->wait_until_it_listens(broker_patience);
}

void Component::make_hub(std::uint64_t process)
{
    hub_ = std::make_unique<Hub>(host_, routes_, clock_, Self{options_.name, process, realtime}, options_.settings);
    hub_->use([this](event::Loop &loop, CarrierEvents &events) {
        auto carrier = make_carrier(loop, events);
        carrier_ = carrier.get();
        return carrier;
    });
    if (options_.tcp) {
        for (const TcpPeer &peer : options_.tcp->peers)
            hub_->add_peer(peer.name);
    }
}

std::unique_ptr<Carrier> Component::make_carrier(event::Loop &loop, CarrierEvents &events)
{
    if (options_.tcp)
        return std::make_unique<TcpCarrier>(*options_.tcp, options_.name, loop, events);
    return std::make_unique<NatsCarrier>(options_.name, hub_->self().process, loop, events, *exchange_);
}

bool Component::start()
{
    started_ = true;
    hub_->start();
    for (const std::string &place : carrier_->places())
        say(host_, JABBERD_LOG_NOTICE, options_.name + " listens at " + place);
    return true;
}

bool Component::reload(const jabberd_config &service)
{
    auto options = read_options(host_, service);
    if (!options)
        return false;
    if (options->name != options_.name || options->nats != options_.nats || !same(options->tcp, options_.tcp))
        host_.report(&host_, &service, JABBERD_LOG_WARNING,
                     "a change of <name> needs a restart, one of <tcp> or <nats> a restart or a swap, ignoring");
    options_.settings = options->settings;
    hub_->set(options_.settings);
    return true;
}

// Packets of components that stop after us still come; destroy() waits for those.
void Component::stop(std::chrono::milliseconds deadline)
{
    wait_until_taken(deadline);
}

void Component::wait_until_taken(std::chrono::milliseconds patience)
{
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!hub_->all_taken() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(look_again);
}

void Component::resume(std::string_view name)
{
    const std::string key = name_key(name);
    hub_->resume(&key);
}

// Before start() it is known anyway that they are to be read.
void Component::names_changed()
{
    if (started_)
        hub_->names_changed();
}

const jabberd_snapshot *Component::freeze()
{
    hub_->halt();
    try {
        LinkState state{options_.name, hub_->self().process, hub_->save(), carrier_->save()};
        snapshot_ = std::make_unique<Snapshot>(state);
        return &snapshot_->abi();
    } catch (const std::exception &problem) {
        say(host_, JABBERD_LOG_ERROR, std::string{"cannot be frozen: "} + problem.what());
        hub_->start();
        return nullptr;
    }
}

bool Component::thaw(const jabberd_snapshot &snapshot)
{
    if (snapshot_ != nullptr) { // our own: nothing has changed
        snapshot_.reset();
        hub_->start();
        return true;
    }
    auto read = read_snapshot(snapshot);
    if (const auto *reason = std::get_if<std::string>(&read)) {
        say(host_, JABBERD_LOG_ERROR, "cannot take over: " + *reason);
        return false;
    }
    return take_over(std::get<LinkState>(read));
}

bool Component::take_over(LinkState &state)
{
    if (state.name != options_.name) {
        say(host_, JABBERD_LOG_ERROR,
            "cannot take over: the other processes know this one as " + state.name + ", and <name> is " +
                options_.name);
        return false;
    }
    make_hub(state.process);
    const std::size_t count = state.peers.size();
    if (!hub_->restore(std::move(state.peers))) {
        say(host_, JABBERD_LOG_ERROR, "cannot take over: what is told of a peer contradicts itself");
        return false;
    }
    if (takeover_ != nullptr && !takeover_->claim(&host_)) {
        say(host_, JABBERD_LOG_WARNING, "is too late to take over");
        return false;
    }
    try {
        carrier_->take_over(state.carrier);
    } catch (const std::exception &problem) {
        say(host_, JABBERD_LOG_ERROR, std::string{"cannot take over: "} + problem.what());
        return false;
    }
    say(host_, JABBERD_LOG_NOTICE, "took over " + std::to_string(count) + " peers");
    return true;
}

void Component::commit()
{
    carrier_->relinquish();
    snapshot_.reset();
    gone_ = true;
}

} // namespace jabberd::link
