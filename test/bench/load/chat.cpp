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

} // namespace

Chat::Chat(Crowd &crowd, const Options &options) : crowd_(crowd), options_(options), talkers_(crowd.size())
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
    for (; count > 0; --count) {
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
    Talker &talker = talkers_[number];
    Link &link = crowd_.link(number);
    const std::string &in = link.receive();
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
        ++talker.received;
        ++count;
        done = at + end_tag.size();
    }
    link.take(done);
    if (asked)
        link.send("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(talker.received) + "'/>");
    return count;
}

unsigned Chat::exchange(unsigned messages)
{
    const auto pairs = static_cast<unsigned>(talkers_.size() / 2);
    const unsigned all = std::max(messages, pairs * options_.window);
    unsigned to_send = all, missing = all;
    for (unsigned pair = 0; pair < pairs; ++pair) {
        say(2 * pair, options_.window);
        to_send -= options_.window;
    }
    const auto ready = [&](unsigned number) {
        crowd_.link(number).flush();
        const unsigned heard = hear(number);
        missing -= heard;
        const unsigned answers = std::min(heard, to_send);
        to_send -= answers;
        say(number, answers);
    };
    crowd_.poller().wait(ready, [&] { return missing == 0; });
    return all;
}

unsigned Chat::exchange_at_rate(unsigned messages)
{
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds tick{1};
    const auto begin = Clock::now();
    unsigned sent = 0, heard = 0;
    auto last_heard = begin;
    while (heard < messages) {
        const double due = std::chrono::duration<double>{Clock::now() - begin}.count() * options_.rate;
        for (; sent < messages && sent < due; ++sent)
            say(sent % static_cast<unsigned>(talkers_.size()), 1);
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
            throw std::runtime_error("nothing was heard for 30 s; " + std::to_string(messages - heard) +
                                     " messages are missing");
    }
    return messages;
}

} // namespace jabberd::bench
