// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/carrier/tcp.h"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace jabberd::link {

namespace {

constexpr std::size_t most_strangers = 64;
constexpr int guests_per_turn = 16;

} // namespace

// A listening socket.
class TcpCarrier::Door final : private event::Watched {
public:
    Door(net::Listener listener, std::string configured)
        : listener_(std::move(listener)), configured_(std::move(configured))
    {
    }

    bool start(TcpCarrier &carrier)
    {
        carrier_ = &carrier;
        return carrier.loop_.watch(listener_.fd(), EPOLLIN, *this) != SlotId{};
    }
    CarrierState::Listening save() const { return {listener_.fd(), configured_}; }
    void relinquish() { listener_.release().release(); }
    net::SocketAddress address() const { return listener_.address(); }

private:
    void on_ready(std::uint32_t) override
    {
        for (int i = 0; i < guests_per_turn; ++i) {
            auto accepted = listener_.accept();
            if (auto *guest = std::get_if<net::Accepted>(&accepted))
                carrier_->welcome(std::move(*guest));
            else if (std::get<net::AcceptProblem>(accepted) != net::AcceptProblem::Aborted)
                return;
        }
    }

    net::Listener listener_;
    const std::string configured_;
    TcpCarrier *carrier_ = nullptr;
};

TcpCarrier::TcpCarrier(TcpOptions options, std::string own_name, event::Loop &loop, CarrierEvents &events)
    : options_(std::move(options)), own_name_(std::move(own_name)), loop_(loop), events_(events)
{
    if (options_.tls)
        tls_ = std::make_unique<tls::PeerTls>(*options_.tls);
    for (const TcpPeer &peer : options_.peers)
        dialers_.emplace(peer.name, std::make_unique<Dialer>(peer, options_, own_name_, tls_.get(), loop_, events_));
}

TcpCarrier::~TcpCarrier() = default;

void TcpCarrier::listen_at(const std::vector<net::SocketAddress> &addresses, std::vector<std::unique_ptr<Door>> &doors)
{
    for (const net::SocketAddress &address : addresses)
        doors.push_back(std::make_unique<Door>(net::Listener{address}, address.to_string()));
}

void TcpCarrier::open()
{
    std::vector<std::unique_ptr<Door>> doors;
    listen_at(options_.listen, doors);
    doors_ = std::move(doors);
}

void TcpCarrier::take_over(const CarrierState &state)
{
    std::vector<net::SocketAddress> missing;
    std::vector<CarrierState::Listening> left = state.listening, kept;
    for (const net::SocketAddress &address : options_.listen) {
        const auto found = std::ranges::find(left, address.to_string(), &CarrierState::Listening::configured);
        if (found == left.end()) {
            missing.push_back(address);
            continue;
        }
        kept.push_back(*found);
        left.erase(found);
    }
    std::vector<std::unique_ptr<Door>> doors;
    listen_at(missing, doors); // it may throw; from here on nothing does
    for (const CarrierState::Listening &listening : kept)
        doors.push_back(std::make_unique<Door>(net::Listener{UniqueFd{listening.fd}}, listening.configured));
    for (const CarrierState::Listening &listening : left)
        UniqueFd{listening.fd}.reset();
    doors_ = std::move(doors);
    for (const CarrierState::Connection &connection : state.connections) {
        const auto dialer = dialers_.find(connection.peer);
        if (dialer == dialers_.end() || tls_ != nullptr)
            UniqueFd{connection.fd}.reset(); // the configuration does not ask for it any more
        else if (connection.outgoing)
            dialer->second->take_over(connection);
        else
            guests_[connection.peer] =
                std::make_unique<Guest>(connection, loop_, events_, static_cast<GuestOwner &>(*this));
    }
}

CarrierState TcpCarrier::save() const
{
    CarrierState state;
    for (const auto &door : doors_)
        state.listening.push_back(door->save());
    for (const auto &[name, dialer] : dialers_) {
        if (dialer->can_be_kept())
            state.connections.push_back(dialer->save());
    }
    for (const auto &[name, guest] : guests_) {
        if (!guest->has_tls())
            state.connections.push_back(guest->save());
    }
    return state;
}

void TcpCarrier::relinquish()
{
    for (const auto &door : doors_)
        door->relinquish();
    for (const auto &[name, dialer] : dialers_) {
        if (dialer->can_be_kept())
            dialer->relinquish();
    }
    for (const auto &[name, guest] : guests_) {
        if (!guest->has_tls())
            guest->relinquish();
    }
    guests_.clear();
}

void TcpCarrier::start()
{
    for (const auto &door : doors_) {
        if (!door->start(*this))
            events_.on_line(JABBERD_LOG_ERROR, "cannot watch the port " + door->address().to_string());
    }
    for (const auto &[name, dialer] : dialers_)
        dialer->start();
    for (const auto &[name, guest] : guests_)
        guest->start();
}

void TcpCarrier::tick(Time now)
{
    for (const auto &[name, dialer] : dialers_)
        dialer->tick(now);
    const auto all = [&](const auto &guests, const auto &guest_of) {
        std::vector<Guest *> list; // a guest whose time is over leaves `guests`
        list.reserve(guests.size());
        for (const auto &entry : guests)
            list.push_back(guest_of(entry));
        for (Guest *guest : list)
            guest->tick(now);
    };
    all(strangers_, [](const auto &entry) { return entry.get(); });
    all(guests_, [](const auto &entry) { return entry.second.get(); });
}

bool TcpCarrier::has_room(std::string_view peer) const
{
    const auto dialer = dialers_.find(peer);
    return dialer != dialers_.end() && dialer->second->has_room();
}

void TcpCarrier::publish(std::string_view peer, const Frame &frame)
{
    dialers_.find(peer)->second->publish(frame);
}

void TcpCarrier::flush()
{
    for (const auto &[name, dialer] : dialers_)
        dialer->flush();
    gone_.clear();
}

std::string TcpCarrier::describe(std::string_view peer) const
{
    const auto dialer = dialers_.find(peer);
    return dialer == dialers_.end() ? "TCP" : dialer->second->describe();
}

std::vector<net::SocketAddress> TcpCarrier::addresses() const
{
    std::vector<net::SocketAddress> all;
    for (const auto &door : doors_)
        all.push_back(door->address());
    return all;
}

std::vector<std::string> TcpCarrier::places() const
{
    std::vector<std::string> all;
    for (const net::SocketAddress &address : addresses())
        all.push_back(address.to_string());
    return all;
}

void TcpCarrier::welcome(net::Accepted accepted)
{
    const std::string address = accepted.from.to_string();
    std::string suffix;
    if (strangers_.size() >= most_strangers) {
        if (house_full_.allows(loop_.now(), suffix))
            events_.on_line(JABBERD_LOG_WARNING, address + " refused: " + std::to_string(most_strangers) +
                                                     " others have not introduced themselves yet" + suffix);
        return;
    }
    std::unique_ptr<net::Transport> transport;
    if (tls_ == nullptr)
        transport = std::make_unique<net::PlainTransport>(std::move(accepted.fd));
    else
        transport = tls_->listen(std::move(accepted.fd));
    auto guest = std::make_unique<Guest>(
        std::move(transport), address,
        Handshake{own_name_, options_.secret, [this](std::string_view name) { return knows(name); }}, loop_, events_,
        static_cast<GuestOwner &>(*this));
    if (guest->start())
        strangers_.push_back(std::move(guest));
}

std::unique_ptr<Guest> TcpCarrier::take(Guest &guest)
{
    const auto stranger = std::ranges::find(strangers_, &guest, &std::unique_ptr<Guest>::get);
    if (stranger != strangers_.end()) {
        auto taken = std::move(*stranger);
        strangers_.erase(stranger);
        return taken;
    }
    const auto known = guests_.find(guest.peer());
    if (known == guests_.end() || known->second.get() != &guest)
        return nullptr;
    auto taken = std::move(known->second);
    guests_.erase(known);
    return taken;
}

void TcpCarrier::introduced(Guest &guest)
{
    auto &place = guests_[guest.peer()];
    if (place != nullptr) { // its end has not come through yet, or never will
        place->close();
        gone_.push_back(std::move(place));
    }
    place = take(guest);
    events_.on_line(JABBERD_LOG_DEBUG, "link from " + guest.peer() + " at " + guest.address());
}

void TcpCarrier::ended(Guest &guest, const std::string &why, bool is_strange)
{
    std::string suffix;
    if (is_strange && refused_.allows(loop_.now(), suffix))
        events_.on_line(JABBERD_LOG_WARNING, "link from " + guest.address() + " refused: " + why + suffix);
    else if (!is_strange)
        events_.on_line(JABBERD_LOG_DEBUG, "link from " + guest.peer() + " has ended: " + why);
    if (auto taken = take(guest))
        gone_.push_back(std::move(taken));
}

} // namespace jabberd::link
