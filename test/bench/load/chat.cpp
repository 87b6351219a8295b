// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load/chat.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <stdexcept>

namespace jabberd::bench {

namespace {

constexpr std::string_view body = "<body>", end_tag = "</message>";
constexpr std::string_view request = "<r xmlns='urn:xmpp:sm:3'/>";
constexpr std::size_t digits = 10;

using Clock = std::chrono::steady_clock;

} // namespace

Chat::Chat(Crowd &crowd, const Options &options) : crowd_(crowd), options_(options), talkers_(options.pairs * 2)
{
    for (unsigned number = 0; number < talkers_.size(); ++number) {
        talkers_[number].before =
            "<message" + declared(options) + " to='" + crowd.address(number ^ 1) + "' type='chat'><body>";
        talkers_[number].after = std::string(options.bytes - digits, 'x') + "</body></message>";
    }
}

void Chat::say(unsigned number, unsigned count)
{
    Talker &talker = talkers_[number];
    Link &link = crowd_.link(number);
    const Time::rep now = count > 0 ? Clock::now().time_since_epoch().count() : 0;
    for (; count > 0; --count) {
        talker.on_their_way.push_back(now);
        char text[digits + 1];
        std::snprintf(text, sizeof text, "%010u", talker.sent++);
        link.send(talker.before + text + talker.after);
        if (options_.one_by_one)
            link.flush();
    }
    link.flush();
}

unsigned Chat::hear(unsigned number)
{
    Link &link = crowd_.link(number);
    const std::string &in = link.receive();
    if (number >= talkers_.size())
        return 0;
    Talker &talker = talkers_[number], &partner = talkers_[number ^ 1];
    const Time::rep now = Clock::now().time_since_epoch().count();
    std::size_t done = 0;
    unsigned count = 0;
    bool asked = false; // what has arrived
    const auto take_request = [&] {
        const bool here = in.compare(done, request.size(), request) == 0;
        asked = asked || here;
        done += here ? request.size() : 0;
    };
    take_request();
    for (auto at = in.find(end_tag); at != std::string::npos; take_request(), at = in.find(end_tag, done)) {
        const auto text = in.find(body, done);
        unsigned said = 0;
        if (text < at)
            std::from_chars(in.data() + text + body.size(), in.data() + text + body.size() + digits, said);
        if (text > at || said != talker.received)
            throw std::runtime_error("message " + std::to_string(talker.received) + " of client " +
                                     std::to_string(number) + " is missing; instead: " + in.substr(done, at - done));
        times_.push_back(now - partner.on_their_way.front());
        partner.on_their_way.pop_front();
        ++talker.received;
        ++count;
        done = at + end_tag.size();
    }
    link.take(done);
    if (asked)
        link.send("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(talker.received) + "'/>");
    return count;
}

unsigned Chat::exchange(unsigned window, unsigned messages, std::chrono::nanoseconds time)
{
    times_.clear();
    const auto pairs = static_cast<unsigned>(talkers_.size() / 2);
    const auto end = Clock::now() + time;
    unsigned sent = 0, heard = 0;
    const auto send = [&](unsigned number, unsigned count) {
        sent += count;
        say(number, count);
    };
    for (unsigned pair = 0; pair < pairs; ++pair)
        send(2 * pair, window);
    const auto ready = [&](unsigned number) {
        crowd_.link(number).flush();
        const unsigned more = hear(number);
        heard += more;
        if (sent < messages && Clock::now() < end)
            send(number, std::min(more, messages - sent));
    };
    crowd_.poller().wait(ready, [&] { return heard == sent; });
    return heard;
}

unsigned Chat::exchange_at_rate(unsigned rate, unsigned messages)
{
    times_.clear();
    constexpr std::chrono::milliseconds tick{1};
    const unsigned too_many = 2 * rate; // on their way
    const auto begin = Clock::now();
    auto last_heard = begin;
    unsigned sent = 0, heard = 0, all = messages;
    while (heard < all) {
        const double due = std::chrono::duration<double>{Clock::now() - begin}.count() * rate;
        for (; sent < all && sent < due; ++sent)
            say(sent % static_cast<unsigned>(talkers_.size()), 1);
        if (sent - heard > too_many)
            all = sent;
        crowd_.poller().turn(
            [&](unsigned number) {
                crowd_.link(number).flush();
                const unsigned more = hear(number);
                heard += more;
                if (more > 0)
                    last_heard = Clock::now();
            },
            tick);
        if (Clock::now() - last_heard > std::chrono::seconds{30})
            throw std::runtime_error("nothing was heard for 30 s; " + std::to_string(all - heard) +
                                     " messages are missing");
    }
    return all;
}

} // namespace jabberd::bench
