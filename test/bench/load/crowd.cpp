// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load/crowd.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace jabberd::bench {

namespace {

constexpr unsigned at_a_time = 32; // logins on their way: a server is not measured while it is stormed

// True when the answer to this id is complete; throws when it is a refusal other than a registration's: the account may
// be there already.
bool answered(const std::string &in, const std::string &id)
{
    auto at = in.find("id='" + id + "'");
    if (at == std::string::npos)
        at = in.find("id=\"" + id + "\"");
    const auto end = in.find('>', at);
    if (at == std::string::npos || end == std::string::npos)
        return false;
    const auto begin = in.rfind('<', at);
    const std::string tag = in.substr(begin, end - begin);
    const bool error = tag.find("error") != std::string::npos;
    if (error && in.find("</iq>", end) == std::string::npos)
        return false;
    if (error && id == "auth")
        throw std::runtime_error("a login was refused: " + in);
    return true;
}

} // namespace

void Crowd::grow_to(unsigned count)
{
    unsigned logged_in = size();
    const auto begin_some = [&] {
        while (size() < count && size() - logged_in < at_a_time) {
            links_.push_back(std::make_unique<Link>(options_.port, options_.tls));
            steps_.push_back(0);
            log_in_further(size() - 1);
            poller_.add(*links_.back(), size() - 1);
            logged_in += options_.relay;
        }
    };
    begin_some();
    const auto ready = [&](unsigned number) {
        links_[number]->flush();
        const bool was_on_its_way = steps_[number] < 3;
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
    unsigned &step = steps_[number];
    if (options_.relay) {
        char pair[16];
        std::snprintf(pair, sizeof pair, "%07u\n", number / 2);
        link.send(pair);
        step = 3;
    } else if (step == 0) {
        link.send("<stream:stream to='" + options_.host +
                  "' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
        link.send("<iq type='set' id='reg'><query xmlns='jabber:iq:register'><username>" + name(number) +
                  "</username><password>secret</password></query></iq>");
        step = 1;
    } else {
        const std::string &in = link.receive();
        if (!answered(in, step == 1 ? "reg" : "auth"))
            return false;
        if (step == 1)
            link.send("<iq type='set' id='auth'><query xmlns='jabber:iq:auth'><username>" + name(number) +
                      "</username><password>secret</password><resource>r</resource></query></iq>");
        link.take(in.size());
        ++step;
        if (step == 3)
            return true;
    }
    link.flush();
    return false;
}

} // namespace jabberd::bench
