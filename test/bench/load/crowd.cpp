// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load/crowd.h"

#include <cstdio>

namespace jabberd::bench {

namespace {

constexpr unsigned at_a_time = 32; // logins on their way: a server is not measured while it is stormed

} // namespace

void Crowd::grow_to(unsigned count)
{
    unsigned logged_in = size();
    const auto begin_some = [&] {
        while (size() < count && size() - logged_in < at_a_time) {
            links_.push_back(std::make_unique<Link>(options_.port, options_.tls, 1 + size() % options_.addresses));
            logins_.emplace_back(options_, name(size() - 1));
            log_in_further(size() - 1);
            poller_.add(*links_.back(), size() - 1);
            logged_in += options_.relay;
        }
    };
    begin_some();
    const auto ready = [&](unsigned number) {
        links_[number]->flush();
        const bool was_on_its_way = !logins_[number].done();
        links_[number]->receive();
        if (was_on_its_way && log_in_further(number)) {
            ++logged_in;
            begin_some();
        }
    };
    poller_.wait(ready, [&] { return logged_in == count; });
}

bool Crowd::log_in_further(unsigned number)
{
    Link &link = *links_[number];
    Login &login = logins_[number];
    if (options_.relay) {
        char pair[16];
        std::snprintf(pair, sizeof pair, "%07u\n", number / 2);
        link.send(pair);
        login.next("");
    } else {
        const std::string in = login.begun() ? link.receive() : std::string{};
        const std::vector<std::string> elements = login.next(in);
        if (login.done() || !elements.empty())
            link.take(in.size());
        if (login.opens_websocket())
            link.begin_messages();
        for (const std::string &element : elements)
            link.send(element);
    }
    link.flush();
    return login.done();
}

} // namespace jabberd::bench
