// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/hub.h"

#include "base/signals_blocked.h"
#include "link/names.h"
#include "link/peer/state.h"
#include "link/say.h"

#include <algorithm>
#include <utility>

namespace jabberd::link {

namespace {

class Work final : public event::Task {
public:
    explicit Work(std::function<void()> what) : what_(std::move(what)) {}
    void run() override { what_(); }

private:
    std::function<void()> what_;
};

} // namespace

Hub::Hub(const jabberd_host &host, const jabberd_routes &routes, const Clock &clock, Self self, HubSettings settings)
    : host_(host)
    , routes_(routes)
    , clock_(clock)
    , self_(std::move(self))
    , settings_(std::move(settings))
    , loop_(clock, *this)
{
}

Hub::~Hub()
{
    halt();
    carrier_.reset(); // it has watches in the loop
}

void Hub::use(const MakeCarrier &make)
{
    carrier_ = make(loop_, *this);
}

void Hub::add_peer(const std::string &name)
{
    Links more = *links();
    more.push_back(std::make_shared<Link>(name, self_, settings_.of_one(more.size() + 1)));
    set_links(std::move(more));
}

void Hub::start()
{
    loop_.timers().set(*this, clock_.now());
    read_names();
    for (const auto all = links(); const auto &link : *all)
        update_claims(link); // of a predecessor: what comes for them comes to us from here on
    succeeds_ = false;
    const SignalsBlocked blocked;
    thread_ = std::thread([this] {
        thread_id_ = std::this_thread::get_id();
        tell_congestion();
        carrier_->start();
        loop_.run();
    });
}

void Hub::halt()
{
    if (!thread_.joinable())
        return;
    loop_.stop();
    thread_.join();
    thread_id_ = std::thread::id{};
    while (loop_.run_posted())
        continue;
    cancel();
}

void Hub::run_task(std::function<void()> what)
{
    loop_.post(std::make_unique<Work>(std::move(what)));
}

// The host may still have been told by a predecessor that a name is congested.
void Hub::tell_congestion()
{
    for (const auto all = links(); const auto &link : *all)
        update_congestion(*link);
    for (const auto &[key, entry] : table()->entries())
        entry.congestion->change(0);
}

// A loop that is in a turn looks at its end.
void Hub::wake(Link &link)
{
    // Where it is set, the loop has still to look at the link, under its mutex, and will see what was done under it.
    if (link.due.load() || link.due.exchange(true) ||
        std::this_thread::get_id() == thread_id_.load(std::memory_order_relaxed))
        return;
    if (!woken_.exchange(true))
        run_task([] {});
}

std::shared_ptr<const Table> Hub::table() const
{
    const std::lock_guard lock{table_mutex_};
    return table_;
}

void Hub::publish(std::shared_ptr<const Table> table)
{
    const std::lock_guard lock{table_mutex_};
    table_ = std::move(table);
}

std::shared_ptr<const Hub::Links> Hub::links() const
{
    const std::lock_guard lock{table_mutex_};
    return links_;
}

// Each gets its part of what all may send. What one was granted before is not taken back: for a while it can be more.
void Hub::set_links(Links more)
{
    const PeerSettings settings = settings_.of_one(more.size());
    for (const auto &link : more) {
        const std::lock_guard lock{link->mutex};
        link->peer.set(settings);
    }
    auto published = std::make_shared<const Links>(std::move(more));
    const std::lock_guard lock{table_mutex_};
    links_ = std::move(published);
}

std::shared_ptr<Link> Hub::link_of(std::string_view peer) const
{
    const auto all = links();
    const auto found =
        std::ranges::find(*all, peer, [](const auto &link) { return std::string_view{link->peer.name()}; });
    return found == all->end() ? nullptr : *found;
}

void Hub::set(HubSettings settings)
{
    run_task([this, settings = std::move(settings)] {
        settings_ = settings;
        set_links(*links());
        for (const auto all = links(); const auto &link : *all)
            update_congestion(*link);
        read_names();
    });
}

jabberd_result Hub::take(const jabberd_packet &packet)
{
    const auto known = table();
    Link *const link = known->pick(packet);
    if (link == nullptr)
        return JABBERD_PASS;
    Peer::Append result;
    bool news = false;
    {
        const std::lock_guard lock{link->mutex};
        result = link->peer.append(packet);
        news = link->peer.congested() != link->congested;
    }
    if (result == Peer::Append::NotThere)
        return JABBERD_PASS;
    if (result == Peer::Append::Refused)
        return JABBERD_ERROR;
    wake(*link);
    if (news)
        update_congestion(*link);
    return JABBERD_DONE;
}

void Hub::update_congestion(Link &link)
{
    std::vector<std::shared_ptr<Congestion>> names;
    int change = 0;
    {
        const std::lock_guard lock{link.mutex};
        if (link.peer.congested() == link.congested)
            return;
        link.congested = link.peer.congested();
        change = link.congested ? 1 : -1;
        for (const auto &[key, congestion] : link.names)
            names.push_back(congestion);
    }
    for (const auto &name : names)
        name->change(change);
}

void Hub::resume(const std::string *key)
{
    ++resumes_;
    for (const auto all = links(); const auto &link : *all) {
        {
            const std::lock_guard lock{link->mutex};
            if (link->full.empty())
                continue;
            if (key == nullptr)
                link->full.clear();
            else
                link->full.erase(*key);
            if (!link->full.empty())
                continue;
            link->peer.hold(false);
        }
        wake(*link);
    }
}

// A process that was stopped for so long was given up by its peers. What they sent before has been returned there, and
// must not be delivered here as well: it is of a link that has ended, once we have a new incarnation.
void Hub::on_turn_begin()
{
    const Duration stopped = ticked_ ? loop_.now() - *ticked_ : Duration{};
    if (stopped < settings_.patience.silent)
        return;
    ticked_ = loop_.now();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(stopped).count();
    for (const auto all = links(); const auto &link : *all) {
        Outcome outcome;
        {
            const std::lock_guard lock{link->mutex};
            if (link->peer.established())
                link->peer.give_up("this process was stopped for " + std::to_string(ms) + " ms", outcome);
        }
        settle(link, outcome);
    }
}

void Hub::on_timer()
{
    const Time now = loop_.now();
    ticked_ = now;
    loop_.timers().set(*this, now + tick_every);
    carrier_->tick(now);
    for (const auto all = links(); const auto &link : *all) {
        Outcome outcome;
        {
            const std::lock_guard lock{link->mutex};
            link->peer.tick(now, outcome);
        }
        link->due = true;
        settle(link, outcome);
    }
}

void Hub::on_carried(std::string_view peer, Carried carried, std::string_view why)
{
    const auto link = link_of(peer);
    if (link == nullptr)
        return;
    bool changed = false, there = false;
    {
        const std::lock_guard lock{link->mutex};
        const auto status = link->peer.status();
        changed = status.carried != carried;
        there = status.established;
        link->peer.carried(carried);
        link->way = why;
    }
    link->due = true;
    if (changed && there)
        say(host_, JABBERD_LOG_WARNING,
            "link to " + std::string{peer} + ": " +
                (carried == Carried::Up ? "there is a way again: " : "no way to it for now: ") + std::string{why});
}

void Hub::on_room(std::string_view peer)
{
    if (const auto link = link_of(peer)) {
        link->due = true;
        more_ = true;
    }
}

void Hub::on_line(jabberd_log_level level, const std::string &line)
{
    say(host_, level, line);
}

bool Hub::on_frame(std::string_view peer, std::string_view bytes)
{
    Frame frame;
    if (const auto wrong = read_frame(bytes, frame); !wrong.empty() || frame.sender != peer)
        return false;
    const auto link = link_of(peer);
    if (link == nullptr)
        return true;
    Outcome outcome;
    {
        const std::lock_guard lock{link->mutex};
        link->peer.receive(frame, outcome);
    }
    link->due = true;
    settle(link, outcome);
    return true;
}

void Hub::flush(Link &link)
{
    if (!link.due.exchange(false))
        return;
    const std::string &name = link.peer.name();
    while (carrier_->has_room(name)) {
        Frame frame;
        {
            const std::lock_guard lock{link.mutex};
            if (!link.peer.next_frame(frame))
                return;
        }
        carrier_->publish(name, frame); // what it borrows only this thread takes away
    }
}

void Hub::on_turn_end()
{
    woken_ = false;
    more_ = false;
    for (const auto all = links(); const auto &link : *all)
        flush(*link);
    carrier_->flush();
}

} // namespace jabberd::link
