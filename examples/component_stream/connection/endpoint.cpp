// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/connection/endpoint.h"

#include "base/log.h"
#include "base/view.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

namespace jabberd::component_stream {

namespace {

using std::chrono::seconds;
using stream::Condition;
using stream::StreamError;

// A peer that is being restarted is back within seconds; one that says no, or cannot say it knows the secret, has to be
// seen to by a person.
constexpr seconds first_pause{1}, longest_pause{5}, longest_pause_of_refused{60};

// Peers that have not shown that they know the secret: those of one address cannot keep out others.
constexpr std::size_t max_strangers = 64, max_strangers_of_address = 16;
constexpr std::size_t max_addresses = 1000; // whose wrong secrets are counted

constexpr StreamError displaced{Condition::Conflict, "A newer stream has this name"};

std::string_view host_of(std::string_view peer) // 192.0.2.1, of 192.0.2.1:40210
{
    return peer.substr(0, peer.rfind(':'));
}

std::string time_text(std::int64_t since)
{
    std::array<char, 32> text{};
    const std::time_t time = since;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

} // namespace

Endpoint::Endpoint(Around &around, std::shared_ptr<const EndpointOptions> options)
    : around_(around), options_(std::move(options))
{
}

Endpoint::~Endpoint()
{
    stop_accepting();
}

void Endpoint::use(std::shared_ptr<const EndpointOptions> options)
{
    const auto before = std::exchange(options_, std::move(options));
    const bool same = before->secret == options_->secret && before->hosts == options_->hosts &&
                      before->dialect == options_->dialect && before->sessions == options_->sessions &&
                      before->all_names == options_->all_names && before->greeting == options_->greeting &&
                      (before->tls == nullptr) == (options_->tls == nullptr);
    for (const auto &connection : connections_) {
        connection->use(options_);
        if (!same) // it comes back, as what it is now
            connection->fail({Condition::Reset, "The configuration of this stream has changed"});
    }
}

void Endpoint::open()
{
    if (options_->role == Role::Accept)
        listener_.emplace(options_->address);
}

void Endpoint::adopt(ConnectionState state)
{
    connections_.push_back(
        std::make_unique<Connection>(around_, static_cast<ConnectionOwner &>(*this), options_, std::move(state)));
}

void Endpoint::begin()
{
    if (listener_) {
        watch_ = around_.loop.watch(listener_->fd(), EPOLLIN, *this);
        write_log(around_.host, JABBERD_LOG_NOTICE, "listens for components",
                  {{"ADDRESS", listener_->address().to_string()}, {"ENDPOINT", options_->key()}});
        if (watch_.generation == 0)
            write_log(around_.host, JABBERD_LOG_ERROR, "cannot accept components: the kernel has no room for a watch",
                      {{"ENDPOINT", options_->key()}});
    }
    for (const auto &connection : connections_)
        connection->wake();
    if (options_->role != Role::Connect || !connections_.empty())
        return;
    if (last_loss_ == Loss::Displaced)
        return retry(last_loss_, displaced.text);
    connect();
}

void Endpoint::stop_accepting()
{
    if (watch_.generation != 0)
        around_.loop.unwatch(std::exchange(watch_, {}), listener_->fd());
}

bool Endpoint::has_room_for(const net::SocketAddress &address) const
{
    std::size_t strangers = 0, of_address = 0;
    const std::string host = address.to_string();
    for (const auto &connection : connections_) {
        if (connection->open())
            continue;
        ++strangers;
        of_address += host_of(connection->peer()) == host_of(host) ? 1 : 0;
    }
    return strangers < max_strangers && of_address < max_strangers_of_address;
}

void Endpoint::on_ready(std::uint32_t)
{
    auto result = listener_->accept();
    auto *accepted = std::get_if<net::Accepted>(&result);
    if (accepted == nullptr) {
        const auto problem = std::get<net::AcceptProblem>(result);
        if (problem != net::AcceptProblem::Nobody && problem != net::AcceptProblem::Aborted)
            pause_accepting();
        return;
    }
    if (!has_room_for(accepted->from)) {
        if (turned_away_++ % 1000 == 0)
            write_log(around_.host, JABBERD_LOG_WARNING,
                      "a component was turned away: too many are before their handshake",
                      {{"PEER", accepted->from.to_string()}, {"ENDPOINT", options_->key()}});
        return;
    }
    add(std::move(accepted->fd), accepted->from, false);
}

// Out of descriptors: who comes waits in the backlog.
void Endpoint::pause_accepting()
{
    around_.loop.change(watch_, listener_->fd(), 0);
    around_.loop.timers().set(accept_again_, around_.loop.now() + first_pause);
}

void Endpoint::accept_again()
{
    if (watch_.generation != 0)
        around_.loop.change(watch_, listener_->fd(), EPOLLIN);
}

void Endpoint::add(UniqueFd fd, const net::SocketAddress &peer, bool connecting)
{
    auto connection = std::make_unique<Connection>(around_, static_cast<ConnectionOwner &>(*this), options_,
                                                   std::move(fd), peer, connecting);
    if (!connection->watch())
        return retry(Loss::Passing, "the kernel has no room for a watch");
    connections_.push_back(std::move(connection));
}

void Endpoint::connect()
{
    if (closing_)
        return;
    UniqueFd fd{::socket(options_->address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    fd = at_or_above(0, std::move(fd));
    const sockaddr_storage storage = options_->address.storage();
    if (!fd)
        return retry(Loss::Passing, std::generic_category().message(errno));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr *>(&storage), options_->address.storage_size()) != 0 &&
        errno != EINPROGRESS)
        return retry(Loss::Passing, std::generic_category().message(errno));
    add(std::move(fd), options_->address, true);
}

// Once for each trouble: that a peer is still not there is no news.
void Endpoint::retry(Loss loss, std::string_view why)
{
    if (closing_ || options_->role != Role::Connect)
        return;
    if (loss != last_loss_)
        pause_ = seconds{0};
    last_loss_ = loss;
    // Two that take a name from each other would go on, and each time what crosses ends.
    pause_ = loss == Loss::Displaced ? longest_pause_of_refused
                                     : std::clamp(pause_ * 2, first_pause,
                                                  loss == Loss::Refused ? longest_pause_of_refused : longest_pause);
    if (trouble_ != why || loss != Loss::Passing) {
        const std::string next = std::to_string(pause_.count()) + " s";
        write_log(around_.host, JABBERD_LOG_WARNING, "there is no component stream, and it is tried again",
                  {{"REASON", why}, {"NEXT", next}, {"ENDPOINT", options_->key()}});
    }
    trouble_ = why;
    around_.loop.timers().set(retry_, around_.loop.now() + pause_);
}

void Endpoint::displace(const std::vector<std::string> &names, const Connection &by)
{
    for (const auto &connection : connections_) {
        if (connection.get() != &by && connection->has_name_of(names))
            connection->fail(displaced);
    }
}

void Endpoint::opened(Connection &connection)
{
    wrong_secrets_.erase(std::string{host_of(connection.peer())});
    trouble_.clear();
    pause_ = seconds{0};
}

seconds Endpoint::wrong_secret(const Connection &connection)
{
    ++not_let_in_;
    if (wrong_secrets_.size() >= max_addresses)
        wrong_secrets_.clear();
    unsigned &count = wrong_secrets_[std::string{host_of(connection.peer())}];
    const seconds pause = std::min(first_pause * (1 << std::min(count, 6u)), longest_pause_of_refused);
    ++count;
    return pause;
}

void Endpoint::lost(Connection &connection, Loss loss, std::string_view why)
{
    const Connection::Figures figures = connection.figures();
    in_ += figures.in;
    out_ += figures.out;
    returned_ += figures.returned;
    lost_ += figures.since != 0 ? 1 : 0;
    retry(loss, why);
}

void Endpoint::turn_end()
{
    for (const auto &connection : connections_)
        connection->flush();
    std::erase_if(connections_, [](const auto &connection) { return connection->done(); });
}

void Endpoint::close(const StreamError &error)
{
    closing_ = true;
    stop_accepting();
    listener_.reset();
    retry_.cancel();
    for (const auto &connection : connections_)
        connection->fail(error);
}

void Endpoint::relinquish()
{
    closing_ = true;
    stop_accepting();
    if (listener_)
        listener_->release().release();
    listener_.reset();
    retry_.cancel();
    accept_again_.cancel();
    relinquish_connections();
}

void Endpoint::relinquish_connections()
{
    for (const auto &connection : connections_)
        connection->relinquish();
    connections_.clear();
}

void Endpoint::status(jabberd_status_sink sink, void *data) const
{
    const auto tell = [&](const std::string &key, const std::string &value) { sink(data, view(key), view(value)); };
    const auto count = [](std::uint64_t number) { return std::to_string(number); };
    const std::string key = options_->key();
    Connection::Figures sum;
    bool any = false;
    for (const auto &connection : connections_) {
        if (!connection->open())
            continue;
        any = true;
        const Connection::Figures figures = connection->figures();
        sum.in += figures.in;
        sum.out += figures.out;
        sum.returned += figures.returned;
        std::string names;
        for (const std::string &name : connection->lane()->names())
            names.append(names.empty() ? "" : " ").append(name);
        std::string line = connection->peer() + ", since " + time_text(figures.since) + ", in " + count(figures.in) +
                           ", out " + count(figures.out) + ", queued " + count(figures.queued) + " bytes, returned " +
                           count(figures.returned);
        if (options_->sessions)
            line += ", sessions " + count(figures.sessions);
        if (!figures.security.empty())
            line += "; " + figures.security;
        tell("stream " + names, key + ", peer " + line);
    }
    if (!any && options_->role == Role::Connect)
        tell("stream " + options_->hosts.front(), key + ", none: " + (trouble_.empty() ? "connecting" : trouble_));
    tell(key + " in", count(in_ + sum.in));
    tell(key + " out", count(out_ + sum.out));
    tell(key + " returned", count(returned_ + sum.returned));
    tell(key + " lost", count(lost_));
    if (not_let_in_ != 0)
        tell(key + " wrong handshakes", count(not_let_in_));
    if (turned_away_ != 0)
        tell(key + " turned away", count(turned_away_));
}

} // namespace jabberd::component_stream
