// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames over a NATS broker: each process has one inbox there, for what all the others send it. Nothing of peers is
// configured; they find each other by what they say of themselves.
#pragma once

#include "link/carrier/carrier.h"
#include "link/carrier/name_claim.h"
#include "link/carrier/nats_exchange.h"
#include "link/carrier/seldom.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::link {

class NatsCarrier final : public Carrier {
public:
    // `process` is drawn at random when a process starts, and kept by a swap. All references are borrowed for life.
    NatsCarrier(std::string own_name, std::uint64_t process, event::Loop &loop, CarrierEvents &events,
                NatsExchange &exchange);
    ~NatsCarrier() override;

    void open() override {} // the exchange is there already
    void take_over(const CarrierState &state) override;
    CarrierState save() const override;
    void relinquish() override {} // a connection to a broker cannot be given away

    void start() override;
    void tick(Time now) override;
    bool has_room(std::string_view peer) const override;
    void publish(std::string_view peer, const Frame &frame) override;
    void flush() override;
    std::string describe(std::string_view peer) const override;
    std::vector<std::string> places() const override;

private:
    struct Known {
        std::shared_ptr<NatsWay> way;
        bool listens = true;             // as far as we know
        mutable bool was_full = false;   // it was not given all
        Time heard{}, asked{}, absent{}; // the last: since when it does not listen
    };
    using KnownPeers = std::map<std::string, Known, std::less<>>;

    void take_news();
    void connection_changed(const NatsExchange::News &news);
    void take_announcement(std::string_view bytes);
    void take_message(std::string_view bytes);
    void hear_namesake(const Announcement &other);
    void update_claim();
    KnownPeers::iterator heard_of(std::string_view peer);
    void tell(const Known &known);
    void tell_all();
    void say_that_we_are_here(Time now);
    std::string announcement() const;
    void forget(Time now);
    bool is_up() const { return listening_ && claim_.state() == NameClaim::State::Held; }
    std::string why_not() const;

    const std::string own_name_;
    const std::uint64_t process_;
    event::Loop &loop_;
    CarrierEvents &events_;
    NatsExchange &exchange_;
    NameClaim claim_;
    NameClaim::State claimed_ = NameClaim::State::Asking; // as it was acted upon
    KnownPeers peers_;
    std::vector<NatsExchange::Outgoing> batch_; // of this turn
    bool listening_ = false;
    std::uint64_t connection_ = 0; // how many there have been
    Time connected_{}, announce_at_{};
    std::optional<Time> lost_; // when it was up last; nothing: the peers' ways are told to be down
    std::string server_, why_;
    Seldom namesakes_, strange_, too_many_; // lines
};

} // namespace jabberd::link
