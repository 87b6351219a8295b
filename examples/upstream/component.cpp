// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream/component.h"

#include "base/address.h"
#include "base/log.h"
#include "base/signals_blocked.h"
#include "base/view.h"
#include "event/posted.h"
#include "packet/returned_packet.h"

#include <jabberd/session.h>

#include <libxml/parser.h>

#include <algorithm>
#include <future>
#include <utility>

namespace jabberd::upstream {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds status_patience{1000};        // an operator waits no longer for a busy loop
constexpr milliseconds look_again{5};                // while it stops
constexpr std::size_t inbox_room = 16 * 1024 * 1024; // bytes; what comes when there are more waits elsewhere
constexpr std::size_t max_sessions = 100'000;        // that could be resumed

} // namespace

std::unique_ptr<Component> Component::create(const jabberd_host &host, const jabberd_config &service)
{
    xmlInitParser(); // must not happen first on one of our threads
    auto options = read_options(host, service);
    if (!options)
        return nullptr;
    return std::make_unique<Component>(host, std::move(*options));
}

Component::Component(const jabberd_host &host, Options options)
    : host_(host)
    , around_{host, loop_, std::make_shared<const Options>(std::move(options))}
    , offers_(around_, [this](const std::string &key, std::string_view features) { offer(key, features); })
    , pace_(around_.options->logins, loop_.now())
{
}

Component::~Component()
{
    halt();
}

bool Component::start()
{
    loop_.post(std::make_unique<event::Posted>([this] {
        for (const auto &[address, client] : clients_)
            client->wake();
        next_logins();
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

// A packet without sto is of no client's session, and a server takes those of its own clients only.
jabberd_result Component::handle(const jabberd_packet &packet)
{
    if (!present(packet.sto) || !present(packet.sfrom))
        return JABBERD_PASS;
    if (const event::LentTurn turn{loop_}) {
        if (Client *const client = passes_on(packet)) {
            client->receive(packet);
            touched_.push_back(client);
            return JABBERD_DONE;
        }
    }
    OwnedPacket owned{packet};
    bool is_first = false, is_full = false;
    {
        const std::lock_guard lock{mutex_};
        is_first = inbox_.empty();
        inbox_bytes_ += owned.bytes();
        inbox_.push_back(std::move(owned));
        is_full = inbox_bytes_ > inbox_room;
        is_congested_ = is_congested_ || is_full;
    }
    if (is_first)
        loop_.post(std::make_unique<event::Posted>([this] { drain(); }));
    return is_full ? JABBERD_CONGESTED : JABBERD_DONE;
}

// The client whose stanza goes to the server, and is not answered; null for all else. An answer of ours from here would
// come on the thread of the socket manager that gives it, and overtake what we have given it from our own.
Client *Component::passes_on(const jabberd_packet &packet)
{
    if (present(packet.xmlns) || text(packet.type) == "error" || is_features_question(packet))
        return nullptr;
    const auto client = clients_.find(std::string{text(packet.sfrom)});
    const std::lock_guard lock{mutex_};
    const bool passes = inbox_.empty() && client != clients_.end() && client->second->phase() == Phase::Bound;
    return passes ? client->second.get() : nullptr;
}

void Component::drain()
{
    std::vector<OwnedPacket> packets;
    bool was_congested = false;
    {
        const std::lock_guard lock{mutex_};
        packets.swap(inbox_);
        inbox_bytes_ = 0;
        was_congested = std::exchange(is_congested_, false);
    }
    for (const OwnedPacket &packet : packets)
        receive(packet.packet());
    if (was_congested)
        host_.ready(&host_);
}

void Component::receive(const jabberd_packet &packet)
{
    const std::string address{text(packet.sfrom)};
    auto found = clients_.find(address);
    if (found != clients_.end() && found->second->over()) {
        replaced_.push_back(std::move(found->second));
        clients_.erase(found);
        found = clients_.end();
    }
    if (found == clients_.end()) {
        if (!split_address(text(packet.sto)).user.empty() || text(packet.type) == "error")
            return give_back(packet);
        found = clients_.emplace(address, std::make_unique<Client>(around_, static_cast<ClientOwner &>(*this), address))
                    .first;
    }
    Client &client = *found->second;
    client.receive(packet);
    touched_.push_back(&client);
}

// Of a session that has ended here, and whose client has not heard of that yet. What is said of its end needs no
// answer.
void Component::give_back(const jabberd_packet &packet)
{
    if (text(packet.xmlns) == JABBERD_NS_WRITTEN || !packet::may_return(packet))
        return;
    const packet::ReturnedPacket returned{packet, packet::Undelivered::Disconnected};
    const jabberd_packet notice = returned.packet();
    host_.deliver(&host_, &notice);
}

void Component::on_turn_end()
{
    for (Client *client : std::exchange(touched_, {}))
        client->flush();
    replaced_.clear();
    for (const std::string &address : std::exchange(over_, {})) {
        const auto client = clients_.find(address);
        if (client == clients_.end() || !client->second->over()) // a new one has its address
            continue;
        asking_.erase(address);
        clients_.erase(client);
    }
    offers_.turn_end();
}

void Component::queue_login(Client &client)
{
    logins_.push_back(client.address());
    next_logins();
}

// As fast as the server is to be asked, and in the order in which they came.
void Component::next_logins()
{
    const net::Rate &rate = around_.options->logins;
    while (!logins_.empty()) {
        const Time now = loop_.now();
        pace_.refill(rate, now);
        if (pace_.ready_at(rate) > now)
            return loop_.timers().set(next_login_, pace_.ready_at(rate));
        const auto client = clients_.find(logins_.front());
        logins_.pop_front();
        if (client == clients_.end() || client->second->phase() != Phase::Queued)
            continue;
        pace_.take(rate, 1, now);
        client->second->dial();
    }
}

std::optional<std::string> Component::offer_for(Client &client, const Caller &caller)
{
    auto known = offers_.find(caller);
    if (!known)
        asking_.insert(client.address());
    return known;
}

// To all that wait for this: who comes for another host goes on waiting.
void Component::offer(const std::string &key, std::string_view features)
{
    std::erase_if(asking_, [&](const std::string &address) {
        const auto client = clients_.find(address);
        if (client == clients_.end())
            return true;
        if (Offers::key_of(client->second->caller()) != key)
            return false;
        client->second->offer(features);
        return true;
    });
}

void Component::remember_session(std::string_view sm_id, std::string_view session)
{
    sessions_.push_back({std::string{sm_id}, std::string{session}});
    if (sessions_.size() > max_sessions)
        sessions_.pop_front();
}

std::string Component::session_called(std::string_view sm_id) const
{
    const auto known = std::find_if(sessions_.rbegin(), sessions_.rend(),
                                    [&](const KnownSession &session) { return session.sm_id == sm_id; });
    return known == sessions_.rend() ? std::string{} : known->session;
}

void Component::resume()
{
    ++around_.resumes;
    loop_.post(std::make_unique<event::Posted>([this] {
        for (const auto &[address, client] : clients_)
            client->resume();
    }));
}

// Streams that are open go on as they are: what is new is for those to come.
bool Component::reload(const jabberd_config &service)
{
    auto options = read_options(host_, service);
    if (!options)
        return false;
    auto wanted = std::make_shared<const Options>(std::move(*options));
    loop_.post(std::make_unique<event::Posted>([this, wanted] {
        around_.options = wanted;
        offers_.forget();
    }));
    return true;
}

void Component::stop(milliseconds deadline)
{
    const auto begin = std::chrono::steady_clock::now();
    run_on_loop(
        [this] {
            drain();
            for (const auto &[address, client] : clients_)
                client->shut_down();
        },
        deadline);
    bool is_done = false;
    while (!is_done && std::chrono::steady_clock::now() < begin + deadline) {
        if (!run_on_loop([&] { is_done = clients_.empty(); }, deadline))
            break;
        std::this_thread::sleep_for(look_again);
    }
    halt();
}

void Component::status(jabberd_status_sink sink, void *data)
{
    using Lines = std::vector<std::pair<std::string, std::string>>;
    auto lines = std::make_shared<Lines>(); // shared: this call may have ended
    const auto ask = [this, lines] {
        std::size_t bound = 0, logging_in = 0;
        for (const auto &[address, client] : clients_) {
            bound += client->phase() == Phase::Bound ? 1 : 0;
            logging_in += client->phase() > Phase::Asking && client->phase() < Phase::Bound ? 1 : 0;
        }
        const Around::Counters &counters = around_.counters;
        lines->emplace_back("server", around_.options->server_name());
        for (const auto &[name, value] : std::initializer_list<std::pair<const char *, std::uint64_t>>{
                 {"clients", clients_.size()},
                 {"sessions", bound},
                 {"logging in", logging_in},
                 {"waiting for their turn to log in", logins_.size()},
                 {"logins", counters.logins},
                 {"logins refused by the server", counters.refused},
                 {"connections ended by the server", counters.lost},
                 {"stanzas from the server", counters.stanzas_in},
                 {"stanzas to the server", counters.stanzas_out},
                 {"stanzas left to the server, for the client was gone", counters.given_back}})
            lines->emplace_back(name, std::to_string(value));
    };
    if (!thread_.joinable())
        ask();
    else if (!run_on_loop(ask, status_patience))
        return;
    for (const auto &[key, value] : *lines)
        sink(data, view(key), view(value));
}

} // namespace jabberd::upstream
