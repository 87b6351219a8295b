// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/carrier/nats_exchange.h"

#include "base/signals_blocked.h"

#include <algorithm>
#include <utility>

namespace jabberd::link {

namespace {

using std::chrono::milliseconds;

// The broker may be back at any moment; one that refuses us, when a person has changed something.
constexpr Retries::Pauses broker_pauses = {milliseconds{100}, milliseconds{300}, milliseconds{1'000},
                                           milliseconds{30'000}};
constexpr milliseconds poll_every{100};
// Twice what all peers together may send (HubSettings::all_bytes): more can only come from a process that does not keep
// to what it was granted. What is dropped is sent again.
constexpr std::size_t most_inbox_bytes = 33'554'432;
constexpr std::size_t most_announcements = 4'096; // between two turns of the loop

class Telling final : public event::Task {
public:
    explicit Telling(std::function<void()> what) : what_(std::move(what)) {}
    void run() override { what_(); }

private:
    std::function<void()> what_;
};

} // namespace

struct NatsExchange::Session {
    Session(const NatsOptions &options, const std::string &client) : connection(options, client) {}
    ~Session()
    {
        connection.close(); // first: the reader returns, and no subscription tells a broker that hangs that it ends
        if (reader.joinable())
            reader.join();
    }

    bool ask(const std::shared_ptr<NatsWay> &way);

    NatsConnection connection;
    NatsSubscription all, inbox;
    std::vector<std::pair<std::weak_ptr<NatsWay>, NatsSubscription>> absences;
    std::thread reader; // of the inbox
    std::string complaint;
    std::chrono::steady_clock::time_point polled;
};

// Subscribes to the answer that a broker gives when no process listens.
bool NatsExchange::Session::ask(const std::shared_ptr<NatsWay> &way)
{
    const auto is_of_way = [&](const auto &absence) { return absence.first.lock() == way; };
    if (std::ranges::any_of(absences, is_of_way))
        return true;
    try {
        absences.emplace_back(way, connection.subscribe(way->absence, true));
        return true;
    } catch (const NatsError &) {
        return false; // the connection is lost, and knows why
    }
}

NatsExchange::NatsExchange(NatsOptions options, std::string own_name)
    : options_(std::move(options))
    , own_name_(std::move(own_name))
    , subjects_(options_.subject, own_name_)
    , retries_(broker_pauses)
{
    const SignalsBlocked blocked; // for libnats' threads as well, which this one starts
    thread_ = std::thread([this] { run(); });
}

NatsExchange::~NatsExchange()
{
    {
        const std::lock_guard lock{mutex_};
        stops_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void NatsExchange::listen(bool listens)
{
    {
        const std::lock_guard lock{mutex_};
        if (std::exchange(listens_, listens) == listens)
            return;
    }
    wake_.notify_one();
}

void NatsExchange::wait_until_it_listens(milliseconds patience)
{
    std::unique_lock lock{mutex_};
    listening_.wait_for(lock, patience, [this] { return news_.stage == Stage::Listening; });
}

void NatsExchange::attach(event::Loop &loop, std::function<void()> tell_what)
{
    const std::lock_guard lock{mutex_};
    loop_ = &loop;
    tell_ = std::move(tell_what);
    told_ = true;
    loop_->post(std::make_unique<Telling>(tell_));
}

void NatsExchange::detach()
{
    const std::lock_guard lock{mutex_};
    loop_ = nullptr;
    tell_ = nullptr;
    told_ = false;
}

template <typename Change>
void NatsExchange::tell(const Change &change)
{
    const std::lock_guard lock{mutex_};
    change(news_);
    if (loop_ != nullptr && !std::exchange(told_, true))
        loop_->post(std::make_unique<Telling>(tell_));
}

NatsExchange::News NatsExchange::take()
{
    const std::lock_guard lock{mutex_};
    told_ = false;
    News taken = std::move(news_);
    news_ = {taken.stage, taken.connection, taken.server, taken.why, {}, {}, {}, {}, 0};
    return taken;
}

void NatsExchange::publish(std::vector<Outgoing> batch)
{
    {
        const std::lock_guard lock{mutex_};
        if (out_.empty())
            out_ = std::move(batch);
        else
            std::ranges::move(batch, std::back_inserter(out_));
    }
    wake_.notify_one();
}

void NatsExchange::say(jabberd_log_level level, const std::string &line)
{
    tell([&](News &news) { news.lines.emplace_back(level, line); });
}

void NatsExchange::run()
{
    for (;;) {
        {
            const std::lock_guard lock{mutex_};
            if (stops_)
                break;
            lost_ = false;
        }
        connect();
        pause();
    }
    NatsConnection::leave_thread();
}

void NatsExchange::pause()
{
    std::unique_lock lock{mutex_};
    wake_.wait_for(lock, with_jitter(pause_), [this] { return stops_; });
    // What was given meanwhile is of no use: the peers' rings have it.
    for (const Outgoing &one : out_) {
        if (one.way)
            one.way->queued -= one.message.size();
    }
    out_.clear();
}

// Returns when there is no connection, or no longer one.
void NatsExchange::connect()
{
    std::string why;
    try {
        Session session{options_, "jabberd " + own_name_};
        session.all = session.connection.subscribe(subjects_.all(), true);
        session.connection.flush();
        retries_.succeeded();
        last_line_.clear();
        tell([&](News &news) {
            news.stage = Stage::Connected;
            ++news.connection;
            news.server = session.connection.server();
            news.why.clear();
        });
        serve(session);
        pause_ = retries_.after_failure();
        why = session.connection.error();
        if (why.empty())
            why = "the connection has ended";
    } catch (const NatsError &problem) {
        why = problem.what();
        const bool refused = problem.refused();
        pause_ = refused ? retries_.after_refusal() : retries_.after_failure();
        if (refused || last_line_ != why)
            say(refused ? JABBERD_LOG_ERROR : JABBERD_LOG_WARNING,
                "the broker " + (refused ? "refuses this process: " + why : "cannot be reached: " + why) +
                    (refused ? "; next try in " + std::to_string(pause_ / std::chrono::seconds{1}) + " s or so" : ""));
        last_line_ = why;
    }
    tell([&](News &news) {
        news.stage = Stage::Down;
        news.server.clear();
        news.why = why;
    });
}

void NatsExchange::serve(Session &session)
{
    std::vector<Outgoing> batch;
    for (;;) {
        bool listens = false;
        {
            std::unique_lock lock{mutex_};
            wake_.wait_for(lock, poll_every, [&] {
                return stops_ || lost_ || !out_.empty() || listens_ != static_cast<bool>(session.inbox);
            });
            if (stops_ || lost_)
                return;
            listens = listens_;
            batch.swap(out_);
        }
        if (!listens && session.inbox)
            return; // another process has the name: the next connection is made without the inbox
        if (listens && !session.inbox)
            subscribe(session);
        send(session, batch);
        poll(session);
    }
}

void NatsExchange::subscribe(Session &session)
{
    session.inbox = session.connection.subscribe(subjects_.own_inbox(), false);
    session.connection.flush();
    session.reader = std::thread([this, &session] { read_inbox(session); });
    tell([](News &news) { news.stage = Stage::Listening; });
    listening_.notify_all();
}

void NatsExchange::read_inbox(Session &session)
{
    NatsMessage message;
    for (;;) {
        switch (session.inbox.next(std::chrono::seconds{1}, message)) {
        case NatsSubscription::Next::Message: {
            bool dropped = false;
            tell([&](News &news) {
                dropped = news.inbox_bytes >= most_inbox_bytes;
                if (dropped)
                    return;
                news.inbox_bytes += message.bytes().size();
                news.inbox.push_back(std::move(message));
            });
            break;
        }
        case NatsSubscription::Next::Nothing:
        case NatsSubscription::Next::NoResponders: break;
        case NatsSubscription::Next::Ended: {
            {
                const std::lock_guard lock{mutex_};
                lost_ = true;
            }
            wake_.notify_one();
            return NatsConnection::leave_thread();
        }
        }
    }
}

void NatsExchange::send(Session &session, std::vector<Outgoing> &batch)
{
    bool lost = false;
    for (Outgoing &one : batch) {
        lost = lost || (one.asks && !session.ask(one.way));
        lost = lost || !session.connection.publish(one.way ? one.way->inbox : subjects_.all(),
                                                   one.asks ? &one.way->absence : nullptr, one.message);
        if (one.way)
            one.way->queued -= one.message.size();
    }
    if (batch.empty())
        return;
    batch.clear();
    if (lost) {
        const std::lock_guard lock{mutex_};
        lost_ = true;
    }
    tell([](News &) {}); // there is room
}

void NatsExchange::poll(Session &session)
{
    const auto now = std::chrono::steady_clock::now();
    if (now - session.polled < poll_every)
        return;
    session.polled = now;
    std::vector<NatsMessage> announcements;
    std::vector<std::string> absent;
    NatsMessage message;
    NatsSubscription::Next next;
    while ((next = session.all.next({}, message)) == NatsSubscription::Next::Message) {
        if (announcements.size() < most_announcements)
            announcements.push_back(std::move(message));
    }
    std::erase_if(session.absences, [](const auto &absence) { return absence.first.expired(); });
    for (auto &[way, answers] : session.absences) {
        bool is_absent = false;
        for (auto answer = answers.next({}, message);
             answer != NatsSubscription::Next::Nothing && answer != NatsSubscription::Next::Ended;
             answer = answers.next({}, message))
            is_absent = is_absent || answer == NatsSubscription::Next::NoResponders;
        if (const auto there = way.lock(); there && is_absent)
            absent.push_back(there->name);
    }
    if (next == NatsSubscription::Next::Ended) {
        const std::lock_guard lock{mutex_};
        lost_ = true;
    } else if (std::string complaint = session.connection.error();
               !complaint.empty() && std::exchange(session.complaint, complaint) != complaint) {
        say(JABBERD_LOG_ERROR, "the broker says: " + complaint);
    }
    if (announcements.empty() && absent.empty())
        return;
    tell([&](News &news) {
        std::ranges::move(announcements, std::back_inserter(news.all));
        std::ranges::move(absent, std::back_inserter(news.absent));
        if (news.all.size() > most_announcements) // the loop's thread does not take them
            news.all.erase(news.all.begin(), news.all.end() - most_announcements);
    });
}

} // namespace jabberd::link
