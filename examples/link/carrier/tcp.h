// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames over TCP: one connection for each direction. A process writes to those that it dials, and reads from those
// that come to it.
#pragma once

#include "event/loop.h"
#include "link/carrier/carrier.h"
#include "link/carrier/dialer.h"
#include "link/carrier/guest.h"
#include "link/carrier/seldom.h"
#include "link/carrier/tcp_options.h"
#include "net/listener.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jabberd::link {

class TcpCarrier final : public Carrier, private GuestOwner {
public:
    // Throws tls::PeerTlsError. `loop` and `events` are borrowed for life.
    TcpCarrier(TcpOptions options, std::string own_name, event::Loop &loop, CarrierEvents &events);
    ~TcpCarrier() override;

    void open() override;
    void take_over(const CarrierState &state) override;
    CarrierState save() const override;
    void relinquish() override;

    void start() override;
    void tick(Time now) override;
    bool has_room(std::string_view peer) const override;
    void publish(std::string_view peer, const Frame &frame) override;
    void flush() override;
    std::string describe(std::string_view peer) const override;

    std::vector<net::SocketAddress> addresses() const; // where it listens
    std::vector<std::string> places() const override;

private:
    class Door;

    void listen_at(const std::vector<net::SocketAddress> &addresses, std::vector<std::unique_ptr<Door>> &doors);
    void welcome(net::Accepted accepted);
    bool knows(std::string_view name) const { return dialers_.contains(name); }
    void introduced(Guest &guest) override;
    void ended(Guest &guest, const std::string &why, bool is_strange) override;
    std::unique_ptr<Guest> take(Guest &guest);

    const TcpOptions options_;
    const std::string own_name_;
    event::Loop &loop_;
    CarrierEvents &events_;
    std::unique_ptr<tls::PeerTls> tls_; // null: in the clear
    std::vector<std::unique_ptr<Door>> doors_;
    std::map<std::string, std::unique_ptr<Dialer>, std::less<>> dialers_;
    std::vector<std::unique_ptr<Guest>> strangers_;                     // who have not shown that they know the secret
    std::map<std::string, std::unique_ptr<Guest>, std::less<>> guests_; // by peer
    std::vector<std::unique_ptr<Guest>> gone_;                          // destroyed at the end of the turn
    Seldom house_full_, refused_;                                       // lines
};

} // namespace jabberd::link
