// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/connection/connection.h"

#include "base/random.h"
#include "base/view.h"
#include "component_stream/connection/admission.h"
#include "dialect/element.h"
#include "packet/packet_with_body.h"
#include "xml/packet_text.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

namespace jabberd::component_stream {

namespace {

using stream::Condition;
using stream::StreamError;

constexpr std::chrono::seconds linger_time{3}; // for the peer to read why
constexpr std::size_t most_in_a_turn = 128 * 1024;

std::unique_ptr<dialect::Dialect> dialect_of(const EndpointOptions &options)
{
    switch (options.dialect) {
    case Dialect::Component: return nullptr;
    case Dialect::Session: return dialect::make_session_dialect();
    case Dialect::Route: return dialect::make_route_dialect("");
    }
    return nullptr;
}

// For an operator who traces: a host asks on the thread that delivers.
thread_local const Connection *delivering_now = nullptr;

} // namespace

Connection::Connection(Around &around, ConnectionOwner &owner, std::shared_ptr<const EndpointOptions> options,
                       UniqueFd fd, const net::SocketAddress &peer, bool connecting)
    : around_(around)
    , owner_(owner)
    , options_(std::move(options))
    , socket_(around.loop, *this, std::move(fd), connecting)
    , peer_text_(peer.to_string())
    , stream_(*options_, around.host.id, *this, options_->role == Role::Accept ? random_id() : std::string{})
    , last_write_(around.loop.now())
{
    socket_.set_options(options_->keepalive);
    if (options_->tls && options_->role == Role::Accept)
        socket_.accept_tls(*options_->tls);
    else if (options_->tls)
        socket_.dial_tls(*options_->tls);
    around_.loop.timers().set(deadline_, around_.loop.now() + options_->authtime);
}

bool Connection::watch()
{
    return socket_.watch();
}

void Connection::on_ready(std::uint32_t events)
{
    if (socket_.connecting())
        return connected();
    if (socket_.woken(events).read)
        read();
    update();
}

void Connection::update()
{
    socket_.pause(!paused_by_.empty());
    socket_.update();
}

void Connection::connected()
{
    const std::string why = socket_.connected();
    if (!why.empty())
        return lose(Loss::Passing, why);
    stream_.begin();
    update();
}

void Connection::read()
{
    std::array<char, 32 * 1024> buffer;
    const net::Moved got = socket_.read(buffer);
    switch (got.outcome) {
    case net::Outcome::Progress:
        if (!lost_)
            stream_.feed({buffer.data(), got.bytes});
        return;
    case net::Outcome::WantRead:
    case net::Outcome::WantWrite: return;
    case net::Outcome::CleanEnd:
    case net::Outcome::Truncated: lose(Loss::Passing, "the peer has closed the connection"); break;
    case net::Outcome::Failed: broken(); break;
    }
    done_ = true;
}

void Connection::broken()
{
    const std::string failure = socket_.failure();
    lose(Loss::Passing, failure.empty() ? "the connection is broken" : "TLS: " + failure);
}

void Connection::flush()
{
    std::size_t most = most_in_a_turn;
    while (!done_ && socket_.can_write() && !outbox_.empty()) {
        if (most == 0) {
            socket_.wait_to_write();
            break;
        }
        const net::Moved put = socket_.write(outbox_.unwritten().substr(0, most));
        if (put.outcome == net::Outcome::Progress) {
            most -= std::min(most, put.bytes);
            last_write_ = around_.loop.now();
            const Outbox::Gone gone = outbox_.wrote(put.bytes);
            figures_.out += gone.packets;
            if (lane_ && gone.bytes != 0)
                lane_->release(gone.bytes);
        } else if (put.outcome != net::Outcome::WantWrite && put.outcome != net::Outcome::WantRead) {
            broken();
            done_ = true;
        }
    }
    if (lost_ && !lingering_ && !done_ && outbox_.empty())
        linger();
    update();
}

// The peer reads why, and closes; what it still sends is thrown away, for a close with unread bytes would be a reset
// that takes our last words with it.
void Connection::linger()
{
    lingering_ = true;
    socket_.shutdown_write();
    around_.loop.timers().set(deadline_, around_.loop.now() + linger_time);
}

void Connection::on_deadline()
{
    if (stream_.state() == Stream::State::Refused)
        return stream_.refuse();
    if (lost_) {
        done_ = true;
        return;
    }
    if (socket_.connecting()) {
        lose(Loss::Passing, "it does not answer");
        done_ = true;
        return;
    }
    stream_.fail({Condition::ConnectionTimeout, "The handshake takes too long"});
}

void Connection::on_keepalive()
{
    if (!open())
        return;
    const Time now = around_.loop.now();
    const Time due = last_write_ + options_->keepalive;
    if (due <= now && outbox_.empty())
        write(" ");
    around_.loop.timers().set(keepalive_, due > now ? due : now + options_->keepalive);
}

const std::vector<std::string> &Connection::names() const
{
    static const std::vector<std::string> none;
    return lane_ ? lane_->names() : none;
}

bool Connection::has_name_of(const std::vector<std::string> &others) const
{
    return std::ranges::any_of(names(), [&](const std::string &name) {
        return std::ranges::any_of(others, [&](const std::string &other) { return same_host(name, other); });
    });
}

std::optional<StreamError> Connection::authenticated(std::string_view name)
{
    std::vector<std::string> names;
    for (const std::string &host : options_->hosts) {
        if (options_->all_names || same_host(host, name))
            names.push_back(host);
    }
    owner_.displace(names, *this);
    take_names(std::move(names)); // first: a packet may come before claim() returns
    if (const auto host = claim_names()) {
        log(JABBERD_LOG_WARNING, "another service answers for the name of a component", {{"HOST", *host}});
        return StreamError{Condition::Conflict, "Another service of this host answers for that name"};
    }
    figures_.since = std::time(nullptr);
    deadline_.cancel();
    around_.loop.timers().set(keepalive_, around_.loop.now() + options_->keepalive);
    log(JABBERD_LOG_NOTICE, "a component stream is open", {{"TLS", socket_.security()}});
    owner_.opened(*this);
    return std::nullopt;
}

void Connection::take_names(std::vector<std::string> names)
{
    for (const std::string &name : names)
        names_text_.append(names_text_.empty() ? "" : " ").append(name);
    lane_ = std::make_shared<Lane>(around_.host, around_.routes, peer_text_, std::move(names), options_->sessions,
                                   options_->queue);
    around_.directory.add(lane_);
    dialect_ = dialect_of(*options_);
}

// Nothing, or the one that it cannot have: then it has none.
std::optional<std::string> Connection::claim_names()
{
    if (around_.routes == nullptr)
        return std::nullopt; // the host routes to us what its configuration says, and nothing else
    for (const std::string &host : lane_->names()) {
        if (around_.routes->claim(&around_.host, view(host)) == JABBERD_CLAIMED) {
            claimed_.push_back(host);
            continue;
        }
        std::string other = host;
        return_all();
        return other;
    }
    return std::nullopt;
}

void Connection::wrong_secret()
{
    wrong_secret_ = true;
    const auto pause = owner_.wrong_secret(*this);
    log(JABBERD_LOG_WARNING, "the handshake of a component is wrong, and it is told so later",
        {{"PAUSE", std::to_string(pause.count()) + " s"}, {"HOST", stream_.name()}});
    around_.loop.timers().set(deadline_, around_.loop.now() + pause);
}

void Connection::stanza(const xml::Stanza &stanza)
{
    ++figures_.in;
    if (options_->dialect == Dialect::Route && text(stanza.packet.name) == "route")
        return envelope(stanza);
    jabberd_packet packet = stanza.packet;
    const Admission admission = admit(packet, *options_, names());
    if (admission.verdict == Admission::Verdict::Passes)
        return pass_on(packet);
    if (admission.verdict == Admission::Verdict::Ends)
        return stream_.fail(admission.error);
    dropped(text(packet.name), text(packet.from), text(packet.to), admission.why);
    if (admission.verdict == Admission::Verdict::Returns)
        around_.exit.give_back(packet);
}

// Its addresses are those of sessions and connections; what is in it is judged by the dialect.
void Connection::envelope(const xml::Stanza &stanza)
{
    if (!may_be_from(text(stanza.packet.from), *options_, names()))
        return stream_.fail({Condition::InvalidFrom, "The route is not from a name of this stream"});
    std::string element;
    xml::append_packet(element, stanza.packet);
    const auto document = dialect::parse_element(element, "");
    if (!document)
        return dropped("route", text(stanza.packet.from), text(stanza.packet.to), "it cannot be read");
    dialect_->from_host(dialect::element_of(*document), *this);
    write_elements({});
}

void Connection::to_component(const jabberd_packet &packet)
{
    pass_on(packet);
}

void Connection::pass_on(const jabberd_packet &packet)
{
    if (present(packet.sto))
        crossings_.note(packet, Crossings::Way::In);
    deliver(packet);
}

std::string Connection::delivering()
{
    return delivering_now == nullptr ? "" : delivering_now->peer_text_;
}

void Connection::deliver(const jabberd_packet &packet)
{
    const Connection *outer = std::exchange(delivering_now, this);
    const bool taken = around_.exit.deliver(packet);
    delivering_now = outer;
    if (taken || lost_)
        return;
    paused_by_.emplace(destination_of(packet));
}

void Connection::unpause(std::string_view name)
{
    std::erase_if(paused_by_, [&](const std::string &destination) { return same_host(destination, name); });
    update();
}

void Connection::unpause_all()
{
    paused_by_.clear();
    update();
}

void Connection::drain()
{
    if (!lane_)
        return;
    for (OwnedPacket &packet : lane_->take())
        send(std::move(packet));
}

void Connection::send(OwnedPacket packet)
{
    const jabberd_packet &original = packet.packet();
    if (!may_send(text(original.from), *options_))
        return give_back(std::move(packet));
    if (present(original.sto))
        crossings_.note(original, Crossings::Way::Out);
    if (dialect_) {
        dialect_->from_component(original, *this);
        return write_elements(std::move(packet));
    }
    std::string element;
    xml::append_packet(element, present(original.sto) ? original : packet::without_session(original));
    outbox_.append(element, std::move(packet));
}

void Connection::give_back(OwnedPacket packet)
{
    const jabberd_packet &original = packet.packet();
    log(JABBERD_LOG_INFO, "a packet for a component goes nowhere: it is not from who we are there, which <to> says",
        {{"ELEMENT", text(original.name)}, {"FROM", text(original.from)}, {"TO", text(original.to)}});
    if (lane_)
        lane_->release(packet.bytes());
    figures_.returned += around_.exit.give_back(original) ? 1 : 0;
}

// All that the dialect has made. The packet it was made of, if any, belongs to the last of it.
void Connection::write_elements(OwnedPacket packet)
{
    const auto elements = std::exchange(elements_, {});
    if (elements.empty()) {
        if (packet && lane_)
            lane_->release(packet.bytes());
        return;
    }
    for (std::size_t i = 0; i + 1 < elements.size(); ++i)
        outbox_.append(elements[i]);
    if (packet)
        outbox_.append(elements.back(), std::move(packet));
    else
        outbox_.append(elements.back());
}

void Connection::fail(const StreamError &error)
{
    if (!socket_.connecting())
        return stream_.fail(error);
    lose(Loss::Passing, error.text);
    done_ = true;
}

void Connection::abandon()
{
    lose(Loss::Passing, "it is given up");
    done_ = true;
}

void Connection::ended(End end, std::string_view condition, std::string_view why)
{
    std::string reason{condition};
    if (!why.empty())
        reason.append(reason.empty() ? "" : ": ").append(why);
    if (end == End::PeerError)
        reason.insert(0, "the peer says ");
    if (end == End::Closed)
        write(stream_.is_root() && options_->role == Role::Connect ? "</root>" : "</stream:stream>");
    lose(loss_by(end, condition), reason);
}

// A name is one stream's: some servers keep the older one until they notice that its peer is gone, and others end it
// for the newer.
Loss Connection::loss_by(End end, std::string_view condition) const
{
    if (end == End::PeerError && condition == stream::name(Condition::Conflict))
        return open() ? Loss::Displaced : Loss::Passing;
    return end == End::PeerError || (end == End::OurError && !open()) ? Loss::Refused : Loss::Passing;
}

void Connection::lose(Loss loss, std::string_view why)
{
    if (std::exchange(lost_, true))
        return;
    const bool was_open = open();
    return_all();
    done_ = done_ || socket_.has_begun_a_record(); // the peer cannot be told why
    deadline_.cancel();
    keepalive_.cancel();
    paused_by_.clear();
    around_.loop.timers().set(deadline_, around_.loop.now() + linger_time);
    if (was_open || (options_->role == Role::Accept && !wrong_secret_))
        log(JABBERD_LOG_NOTICE, was_open ? "a component stream is closed" : "a component was not let in",
            {{"REASON", why}, {"RETURNED", was_open ? std::to_string(figures_.returned) : ""}});
    owner_.lost(*this, loss, why);
}

// In order: what was taken over by the kernel only in part, what waits behind it, what comes meanwhile. Then nothing
// comes any more, and each session that crossed learns of its end.
void Connection::return_all()
{
    const auto lane = std::move(lane_);
    lane_ = nullptr;
    if (!lane)
        return;
    const auto give_back = [&](const OwnedPacket &packet) {
        figures_.returned += around_.exit.give_back(packet.packet()) ? 1 : 0;
    };
    for (const OwnedPacket &packet : outbox_.take_back())
        give_back(packet);
    while (!lane->close()) {
        for (const OwnedPacket &packet : lane->take())
            give_back(packet);
    }
    around_.directory.remove(*lane);
    for (const std::string &name : std::exchange(claimed_, {}))
        around_.routes->give_up(&around_.host, view(name));
    crossings_.end_all([&](const jabberd_packet &notice) { around_.exit.deliver(notice); });
    dialect_ = nullptr;
}

void Connection::dropped(std::string_view name, std::string_view from, std::string_view to, std::string_view why)
{
    log(JABBERD_LOG_INFO, "a packet of a component goes nowhere: " + std::string{why},
        {{"ELEMENT", name}, {"FROM", from}, {"TO", to}});
}

void Connection::sent_back(std::string_view name, std::string_view session, std::string_view connection)
{
    log(JABBERD_LOG_INFO, "a packet went back to a session that the connection does not have",
        {{"ELEMENT", name}, {"SESSION", session}, {"CONNECTION", connection}});
}

Connection::Figures Connection::figures() const
{
    Figures figures = figures_;
    figures.security = socket_.security();
    figures.queued = outbox_.size() + (lane_ ? lane_->waiting() : 0);
    figures.sessions = crossings_.size();
    return figures;
}

void Connection::log(jabberd_log_level level, std::string_view message, LogFields more) const
{
    const std::string endpoint = options_->key();
    std::vector<jabberd_log_field> all{{"PEER", view(peer_text_)}, {"ENDPOINT", view(endpoint)}};
    if (!names_text_.empty())
        all.push_back({"NAMES", view(names_text_)});
    for (const auto &[name, value] : more) {
        if (!value.empty())
            all.push_back({name, view(value)});
    }
    const jabberd_log_record record{sizeof record, level, view(message), all.data(), all.size()};
    around_.host.log(&around_.host, &record);
}

} // namespace jabberd::component_stream
