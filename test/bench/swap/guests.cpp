// SPDX-License-Identifier: LGPL-2.1-or-later
#include "swap/guests.h"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace jabberd::bench {

void Guests::come(Client::Wait wait, bool goes_at_once)
{
    const unsigned number = next_++;
    const std::string resource = "g" + std::to_string(number);
    Guest &guest = present_[number];
    guest.client = std::make_unique<Client>(port_, Client::Identity{"u0", resource}, wait);
    guest.goes_at_once = goes_at_once;
    ready_.add(guest.client->fd(), number);
    ++seen_;
}

void Guests::come()
{
    using Wait = Client::Wait;
    swapped_ = false;
    for (unsigned i = 0; i < of_each_kind_; ++i) {
        for (const Wait wait :
             {Wait::HalfHello, Wait::BeforeFinished, Wait::HalfHeader, Wait::MidSasl, Wait::BeforeBind})
            come(wait, false);
        come(Wait::Nowhere, true);
    }
}

bool Guests::are_waiting() const
{
    return std::ranges::all_of(present_, [](const auto &one) {
        return one.second.goes_at_once ? one.second.client->is_in() : one.second.client->is_waiting();
    });
}

std::string Guests::explain() const
{
    std::string text;
    for (const auto &[number, guest] : present_)
        text += guest.client->explain() + "; ";
    return text;
}

void Guests::begin_swap()
{
    for (auto &[number, guest] : present_) {
        if (guest.goes_at_once)
            guest.client->leave();
    }
    for (unsigned i = 0; i < of_each_kind_; ++i)
        come(Client::Wait::Nowhere, false);
}

void Guests::end_swap()
{
    swapped_ = true;
    std::vector<unsigned> numbers;
    for (auto &[number, guest] : present_) {
        guest.client->let_go(times_);
        numbers.push_back(number);
    }
    for (const unsigned number : numbers)
        on_ready(number);
}

void Guests::go_on(Guest &guest)
{
    Client &client = *guest.client;
    if (!swapped_ || !client.is_in())
        return;
    if (!guest.has_said_it) {
        guest.has_said_it = true;
        client.talk_to(client.address());
        client.say(client.compose(0, 0));
    } else if (client.inbox().has_all(1)) {
        client.leave();
    }
}

void Guests::on_ready(unsigned number)
{
    const auto found = present_.find(number);
    if (found == present_.end())
        return;
    Client &client = *found->second.client;
    client.on_ready(times_);
    go_on(found->second);
    if (client.is_lost())
        std::fprintf(stderr, "swap: %s\n", client.why_lost().c_str());
    if (!client.is_lost() && !client.has_left())
        return;
    lost_ += client.is_lost();
    other_keys_ += !client.is_lost() && !client.kept_its_exporter();
    present_.erase(found);
}

} // namespace jabberd::bench
