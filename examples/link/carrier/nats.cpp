// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/carrier/nats.h"

#include "base/unique_fd.h"
#include "link/carrier/retries.h"
#include "link/frame/frame.h"

#include <algorithm>
#include <utility>

namespace jabberd::link {

namespace {

using std::chrono::milliseconds;

constexpr Duration announce_every = milliseconds{1'000};
// Whether a peer listens: so often that one that is gone is given up after the patience for that, not much later.
constexpr Duration ask_every = milliseconds{400};
// All who lost a broker come back, each in its own time. Until then a peer that does not listen is not gone.
constexpr Duration others_are_back_after = milliseconds{3'000};
// A process that was cut off from its broker for a while makes a new connection; the broker may learn of the end of the
// old one just before that. A try to connect lasts for half a second at most. What was heard until it ceased to listen
// has died, or has left.
constexpr Duration cut_off_after = milliseconds{1'000}, comes_back_within = milliseconds{1'500};
// A lost connection is mostly back at once; and that one is lost is known 1 to 3 s after its packets began to wait,
// when the patience for those may be near its end. One that is cut for 3 s is back in this time.
constexpr Duration lost_is_told_after = milliseconds{2'500};
constexpr std::size_t enough_queued_for_one = 262'144; // for one peer; more waits in its ring
constexpr std::uint64_t most_held_ms = std::uint64_t{10} * 365 * 24 * 3600 * 1'000; // that a predecessor can have run
constexpr Duration forgotten_after = std::chrono::minutes{10};

} // namespace

NatsCarrier::NatsCarrier(std::string own_name, std::uint64_t process, event::Loop &loop, CarrierEvents &events,
                         NatsExchange &exchange)
    : own_name_(std::move(own_name))
    , process_(process)
    , loop_(loop)
    , events_(events)
    , exchange_(exchange)
    , claim_(process)
{
}

NatsCarrier::~NatsCarrier()
{
    exchange_.detach();
}

void NatsCarrier::take_over(const CarrierState &state)
{
    for (const CarrierState::Listening &listening : state.listening)
        UniqueFd{listening.fd}.reset(); // the configuration does not ask for TCP any more
    for (const CarrierState::Connection &connection : state.connections)
        UniqueFd{connection.fd}.reset();
    lost_ = loop_.now(); // it was up until now
    if (state.held_ms)
        claim_.inherit(loop_.now(), milliseconds{std::min(*state.held_ms, most_held_ms)});
    for (const std::string &peer : state.peers)
        peers_[peer] = {std::make_shared<NatsWay>(exchange_.subjects(), peer), true, false, loop_.now(), loop_.now()};
}

CarrierState NatsCarrier::save() const
{
    CarrierState state;
    if (claim_.state() == NameClaim::State::Held)
        state.held_ms = static_cast<std::uint64_t>(claim_.held(loop_.now()) / milliseconds{1});
    for (const auto &[name, known] : peers_)
        state.peers.push_back(name);
    return state;
}

void NatsCarrier::start()
{
    std::erase_if(peers_, [&](const auto &known) { return !events_.on_found(known.first); });
    update_claim();
    exchange_.attach(loop_, [this] { take_news(); });
}

void NatsCarrier::take_news()
{
    const NatsExchange::News news = exchange_.take();
    for (const auto &[level, line] : news.lines)
        events_.on_line(level, line);
    const bool listens = news.stage == NatsExchange::Stage::Listening;
    if (news.connection != connection_ || listens != listening_ || news.why != why_)
        connection_changed(news);
    for (const NatsMessage &message : news.all)
        take_announcement(message.bytes());
    for (const std::string &name : news.absent) {
        const auto known = peers_.find(name);
        if (known == peers_.end() || !std::exchange(known->second.listens, false))
            continue;
        known->second.absent = loop_.now();
        tell(known->second);
    }
    for (const NatsMessage &message : news.inbox)
        take_message(message.bytes());
    for (auto &[name, known] : peers_) {
        if (known.was_full && has_room(name)) {
            known.was_full = false;
            events_.on_room(name);
        }
    }
}

void NatsCarrier::connection_changed(const NatsExchange::News &news)
{
    const Time now = loop_.now();
    if (news.stage == NatsExchange::Stage::Down)
        claim_.disconnected();
    else if (news.connection != connection_) {
        claim_.connected(now);
        connected_ = now;
    }
    if (news.connection != connection_) {
        for (auto &[name, known] : peers_)
            known.listens = true; // the broker will say if not
    }
    const bool listens = news.stage == NatsExchange::Stage::Listening;
    if (!listens && is_up())
        lost_ = now;
    if (listens && !listening_)
        events_.on_line(JABBERD_LOG_NOTICE,
                        own_name_ + " listens at " + exchange_.subjects().own_inbox() + " of " + news.server);
    connection_ = news.connection;
    listening_ = listens;
    server_ = news.server;
    why_ = news.why;
    announce_at_ = now; // at once
    say_that_we_are_here(now);
    tell_all();
}

std::string NatsCarrier::why_not() const
{
    if (claim_.state() == NameClaim::State::Refused)
        return "another process is called " + own_name_ + ", too";
    if (!why_.empty())
        return "no broker: " + why_;
    return claim_.state() == NameClaim::State::Held ? "not subscribed yet" : "asks whether another has its name";
}

void NatsCarrier::tell(const Known &known)
{
    const std::string &name = known.way->name;
    if (!is_up()) {
        if (!lost_)
            events_.on_carried(name, Carried::Down, why_not());
        return;
    }
    if (known.listens)
        return events_.on_carried(name, Carried::Up, describe(name));
    const Time now = loop_.now();
    const bool was_cut_off = known.absent - known.heard >= cut_off_after;
    const bool may_come_back =
        now - connected_ < others_are_back_after || (was_cut_off && now - known.absent < comes_back_within);
    if (may_come_back)
        return; // said once it is sure: packets may have waited for nearly as long as they may, and then all would end
    events_.on_carried(name, Carried::NobodyThere, "the broker says that no process listens at " + known.way->inbox);
}

void NatsCarrier::tell_all()
{
    for (const auto &[name, known] : peers_)
        tell(known);
}

std::string NatsCarrier::announcement() const
{
    std::string bytes;
    const bool holds = claim_.state() == NameClaim::State::Held;
    write_announcement(
        {own_name_, process_, static_cast<std::uint64_t>(claim_.held(loop_.now()) / milliseconds{1}), holds}, bytes);
    return bytes;
}

void NatsCarrier::say_that_we_are_here(Time now)
{
    if (connection_ == 0 || !why_.empty() || claim_.state() == NameClaim::State::Refused || now < announce_at_)
        return;
    announce_at_ = now + with_jitter(announce_every);
    batch_.push_back({nullptr, announcement()});
}

void NatsCarrier::hear_namesake(const Announcement &other)
{
    if (other.process == process_)
        return;
    if (claim_.hear(other, loop_.now())) {
        announce_at_ = loop_.now(); // so that it need not wait to be told
        say_that_we_are_here(loop_.now());
    }
    std::string suffix;
    if (namesakes_.allows(loop_.now(), suffix))
        events_.on_line(JABBERD_LOG_ERROR, claim_.state() == NameClaim::State::Refused
                                               ? "another process of this cluster is called " + own_name_ +
                                                     " already: this one has no links while that one is there" + suffix
                                               : "another process of this cluster calls itself " + own_name_ +
                                                     ", and is refused" + suffix);
    update_claim();
}

void NatsCarrier::update_claim()
{
    if (std::exchange(claimed_, claim_.state()) != claim_.state()) {
        announce_at_ = loop_.now();
        say_that_we_are_here(loop_.now());
        tell_all();
    }
    exchange_.listen(claim_.state() == NameClaim::State::Held);
}

void NatsCarrier::take_announcement(std::string_view bytes)
{
    Announcement said;
    if (!read_announcement(bytes, said)) {
        std::string suffix;
        if (strange_.allows(loop_.now(), suffix))
            events_.on_line(JABBERD_LOG_WARNING,
                            "something comes by the subjects of the cluster that is not of this protocol, ignoring" +
                                suffix);
        return;
    }
    if (said.name == own_name_)
        return hear_namesake(said);
    if (said.holds)
        heard_of(said.name);
}

void NatsCarrier::take_message(std::string_view bytes)
{
    const std::string_view sender = frame_sender(bytes);
    if (sender.empty())
        return take_announcement(bytes);
    if (!is_process_name(sender) || sender == own_name_)
        return;
    const auto known = heard_of(sender);
    if (known == peers_.end() || events_.on_frame(known->first, bytes))
        return;
    std::string suffix;
    if (strange_.allows(loop_.now(), suffix))
        events_.on_line(JABBERD_LOG_WARNING, "what came as a frame of " + known->first + " is none, ignoring" + suffix);
}

NatsCarrier::KnownPeers::iterator NatsCarrier::heard_of(std::string_view peer)
{
    auto known = peers_.find(peer);
    const bool is_new = known == peers_.end();
    if (is_new) {
        if (!events_.on_found(peer)) {
            std::string suffix;
            if (too_many_.allows(loop_.now(), suffix))
                events_.on_line(JABBERD_LOG_ERROR, "there are too many processes in this cluster; " +
                                                       std::string{peer} + " is not linked to" + suffix);
            return peers_.end();
        }
        const std::string name{peer};
        known = peers_.emplace(name, Known{std::make_shared<NatsWay>(exchange_.subjects(), name)}).first;
    }
    known->second.heard = loop_.now();
    if (is_new || !std::exchange(known->second.listens, true))
        tell(known->second);
    return known;
}

void NatsCarrier::tick(Time now)
{
    claim_.tick(now);
    update_claim();
    say_that_we_are_here(now);
    if (lost_ && (is_up() || now - *lost_ >= lost_is_told_after)) {
        lost_.reset();
        tell_all();
    }
    if (is_up()) {
        for (auto &[name, known] : peers_) {
            if (now - known.asked < ask_every)
                continue;
            known.asked = now;
            if (!known.listens)
                tell(known); // what was too early to say may be so now
            batch_.push_back({known.way, announcement(), true});
            known.way->queued += batch_.back().message.size();
        }
    }
    forget(now);
}

void NatsCarrier::forget(Time now)
{
    for (auto known = peers_.begin(); known != peers_.end();) {
        if (now - known->second.heard < forgotten_after || !events_.on_gone(known->first))
            ++known;
        else
            known = peers_.erase(known);
    }
}

bool NatsCarrier::has_room(std::string_view peer) const
{
    const auto known = peers_.find(peer);
    if (known == peers_.end() || !is_up() || !known->second.listens)
        return false;
    const bool room = known->second.way->queued < enough_queued_for_one;
    known->second.was_full = known->second.was_full || !room;
    return room;
}

void NatsCarrier::publish(std::string_view peer, const Frame &frame)
{
    const Known &known = peers_.find(peer)->second;
    std::string message;
    message.reserve(max_frame - max_pieces_bytes + frame.pieces.size()); // once
    write_frame(frame, message);
    known.way->queued += message.size();
    batch_.push_back({known.way, std::move(message)});
}

void NatsCarrier::flush()
{
    if (!batch_.empty())
        exchange_.publish(std::exchange(batch_, {}));
}

std::string NatsCarrier::describe(std::string_view peer) const
{
    return "NATS " + (server_.empty() ? "without a broker" : server_) + " inbox " + exchange_.subjects().inbox(peer);
}

std::vector<std::string> NatsCarrier::places() const
{
    return {}; // it says so itself, once it is so
}

} // namespace jabberd::link
