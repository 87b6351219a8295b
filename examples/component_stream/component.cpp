// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/component.h"

#include "base/host_name.h"
#include "base/log.h"
#include "base/signals_blocked.h"
#include "base/view.h"
#include "event/posted.h"

#include <libxml/parser.h>

#include <algorithm>
#include <future>
#include <system_error>
#include <utility>

namespace jabberd::component_stream {

namespace {

using std::chrono::milliseconds;
using stream::Condition;
using stream::StreamError;

constexpr milliseconds status_patience{1000}; // an operator waits no longer for a busy loop
constexpr milliseconds reload_patience{10000};
constexpr milliseconds look_again{5}; // while it stops
constexpr StreamError shutdown{Condition::SystemShutdown, "The server is shutting down"};
constexpr StreamError not_configured{Condition::Reset, "This stream is not configured any more"};

const jabberd_routes *routes_of(const jabberd_host &host)
{
    return static_cast<const jabberd_routes *>(host.get_extension(&host, JABBERD_ROUTES));
}

bool is_of_service(const jabberd_host &host, std::string_view name)
{
    for (std::size_t i = 0; i < host.name_count; ++i) {
        if (*host.names[i] == '\0' || same_host(host.names[i], name))
            return true;
    }
    return false;
}

// Without the extension nothing but the names of the service gets here.
bool can_have_all_names(const jabberd_host &host, const jabberd_config &service, const Options &options)
{
    if (routes_of(host) != nullptr)
        return true;
    bool all = true;
    for (const auto &endpoint : options.endpoints) {
        for (const std::string &name : endpoint->hosts) {
            if (is_of_service(host, name))
                continue;
            const std::string message = "this host cannot give the name " + name +
                                        " to a component while it runs (it has no " JABBERD_ROUTES "); write <host>" +
                                        name + "</host> into the service as well";
            host.report(&host, &service, JABBERD_LOG_ERROR, message.c_str());
            all = false;
        }
    }
    return all;
}

} // namespace

std::unique_ptr<Component> Component::create(const jabberd_host &host, const jabberd_config &service)
{
    xmlInitParser(); // must not happen first on one of our threads
    auto options = read_options(host, service);
    if (!options || !can_have_all_names(host, service, *options))
        return nullptr;
    auto component = std::make_unique<Component>(host, std::move(*options));
    const bool succeeds = host.get_extension(&host, JABBERD_SUCCESSION) != nullptr;
    if (!succeeds && !component->open_all(service))
        return nullptr;
    return component;
}

Component::Component(const jabberd_host &host, Options options)
    : host_(host)
    , drain_([this](const std::shared_ptr<Lane> &lane) {
        loop_.post(std::make_unique<event::Posted>([this, lane] { drain(*lane); }));
    })
    , exit_(host, directory_, drain_)
    , around_{host, routes_of(host), loop_, directory_, exit_}
{
    for (auto &endpoint : options.endpoints)
        endpoints_.push_back(std::make_unique<Endpoint>(around_, std::move(endpoint)));
}

Component::~Component()
{
    halt();
}

bool Component::open_all(const jabberd_config &service)
{
    bool opened = true;
    for (const auto &endpoint : endpoints_) {
        try {
            if (endpoint->listening() < 0)
                endpoint->open();
        } catch (const std::system_error &error) {
            host_.report(&host_, &service, JABBERD_LOG_ERROR, error.what());
            opened = false;
        }
    }
    return opened;
}

bool Component::start()
{
    loop_.post(std::make_unique<event::Posted>([this] {
        for (const auto &endpoint : endpoints_)
            endpoint->begin();
    }));
    run();
    return true;
}

void Component::run()
{
    const SignalsBlocked blocked;
    thread_ = std::thread{[this] { loop_.run(); }};
}

void Component::halt()
{
    if (!thread_.joinable())
        return;
    loop_.stop();
    thread_.join();
}

void Component::on_turn_end()
{
    for (const auto &endpoint : endpoints_)
        endpoint->turn_end();
    std::erase_if(endpoints_,
                  [](const auto &endpoint) { return endpoint->closing() && endpoint->connections().empty(); });
}

bool Component::run_on_loop(std::function<void()> function, milliseconds patience)
{
    auto done = std::make_shared<std::promise<void>>();
    auto pending = done->get_future();
    loop_.post(std::make_unique<event::Posted>([done, function = std::move(function)] {
        function();
        done->set_value();
    }));
    return pending.wait_for(patience) == std::future_status::ready;
}

jabberd_result Component::handle(const jabberd_packet &packet)
{
    const auto lane = directory_.find(destination_of(packet));
    return lane ? put(lane, packet, drain_) : JABBERD_PASS; // its peer is not there
}

std::string Component::peer_of(const jabberd_packet &packet, bool arrives) const
{
    if (arrives)
        return Connection::delivering();
    const auto lane = directory_.find(destination_of(packet));
    return lane ? lane->peer() : "";
}

void Component::drain(const Lane &lane)
{
    for (const auto &endpoint : endpoints_) {
        for (const auto &connection : endpoint->connections()) {
            if (connection->lane().get() == &lane)
                return connection->drain();
        }
    }
}

void Component::resume()
{
    exit_.resumed();
    loop_.post(std::make_unique<event::Posted>([this] {
        for (const auto &endpoint : endpoints_) {
            for (const auto &connection : endpoint->connections())
                connection->unpause_all();
        }
    }));
}

void Component::resume(std::string_view name)
{
    exit_.resumed();
    loop_.post(std::make_unique<event::Posted>([this, name = std::string{name}] {
        for (const auto &endpoint : endpoints_) {
            for (const auto &connection : endpoint->connections())
                connection->unpause(name);
        }
    }));
}

Endpoint *Component::endpoint(std::string_view key) const
{
    for (const auto &endpoint : endpoints_) {
        if (!endpoint->closing() && endpoint->options().key() == key)
            return endpoint.get();
    }
    return nullptr;
}

// What can fail is done first, on this thread: the old endpoints go on.
bool Component::reload(const jabberd_config &service)
{
    auto options = read_options(host_, service);
    if (!options || !can_have_all_names(host_, service, *options))
        return false;
    std::vector<std::string> known;
    run_on_loop(
        [&] {
            for (const auto &endpoint : endpoints_)
                known.push_back(endpoint->closing() ? std::string{} : endpoint->options().key());
        },
        reload_patience);
    auto opened = std::make_shared<std::vector<std::unique_ptr<Endpoint>>>();
    try {
        for (const auto &wanted : options->endpoints) {
            if (std::ranges::find(known, wanted->key()) != known.end())
                continue;
            opened->push_back(std::make_unique<Endpoint>(around_, wanted));
            opened->back()->open();
        }
    } catch (const std::system_error &error) {
        host_.report(&host_, &service, JABBERD_LOG_ERROR, error.what());
        return false;
    }
    auto wanted = std::make_shared<Options>(std::move(*options));
    loop_.post(
        std::make_unique<event::Posted>([this, wanted, opened] { replace(std::move(*wanted), std::move(*opened)); }));
    return true;
}

void Component::replace(Options options, std::vector<std::unique_ptr<Endpoint>> opened)
{
    for (const auto &endpoint : endpoints_) {
        if (endpoint->closing())
            continue;
        const auto wanted = std::ranges::find_if(
            options.endpoints, [&](const auto &other) { return other->key() == endpoint->options().key(); });
        if (wanted == options.endpoints.end())
            endpoint->close(not_configured);
        else
            endpoint->use(*wanted);
    }
    for (auto &endpoint : opened) {
        endpoints_.push_back(std::move(endpoint));
        endpoints_.back()->begin();
    }
}

bool Component::has_rest() const
{
    return std::ranges::any_of(endpoints_, [](const auto &endpoint) {
        return std::ranges::any_of(endpoint->connections(), [](const auto &connection) {
            return connection->open() && (!connection->idle() || connection->lane()->waiting() != 0);
        });
    });
}

// What waits is written, then the peers are told, and have a moment to read it.
void Component::stop(milliseconds deadline)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto wait_while = [&](milliseconds end, const std::function<bool()> &busy) {
        while (std::chrono::steady_clock::now() < begin + end) {
            bool goes_on = false;
            if (!run_on_loop([&] { goes_on = busy(); }, deadline) || !goes_on)
                return;
            std::this_thread::sleep_for(look_again);
        }
    };
    wait_while(deadline / 2, [this] { return has_rest(); });
    run_on_loop(
        [this] {
            for (const auto &endpoint : endpoints_)
                endpoint->close(shutdown);
        },
        deadline);
    wait_while(deadline * 3 / 4, [this] { return !endpoints_.empty(); });
    halt();
    for (const auto &endpoint : endpoints_) {
        for (const auto &connection : endpoint->connections())
            connection->abandon();
    }
}

void Component::status(jabberd_status_sink sink, void *data)
{
    using Lines = std::vector<std::pair<std::string, std::string>>;
    auto lines = std::make_shared<Lines>(); // shared: this call may have ended
    const auto collect = [](void *into, jabberd_view key, jabberd_view value) {
        static_cast<Lines *>(into)->emplace_back(text(key), text(value));
    };
    const auto ask = [this, lines, collect] {
        for (const auto &endpoint : endpoints_)
            endpoint->status(collect, lines.get());
    };
    if (!thread_.joinable())
        ask();
    else if (!run_on_loop(ask, status_patience))
        return;
    for (const auto &[key, value] : *lines)
        sink(data, view(key), view(value));
}

} // namespace jabberd::component_stream
