// SPDX-License-Identifier: LGPL-2.1-or-later
#include "swap/residents.h"

#include <algorithm>
#include <cstdio>

namespace jabberd::bench {

namespace {

constexpr unsigned at_a_time = 64; // logins on their way
constexpr unsigned clients_per_account =
    20; // a password costs its hash; with the guests fewer than 50, which is the cap
constexpr std::size_t body_bytes = 100, flood_messages = 60, flood_bytes = 8000; // of a flood: 480 KB

std::string user_of(unsigned number, unsigned accounts)
{
    return "u" + std::to_string(number % accounts);
}

std::string resource_of(unsigned number)
{
    return "r" + std::to_string(number);
}

} // namespace

Residents::Residents(const Options &options, std::uint16_t port, Ready &ready, Times &times)
    : options_(options), port_(port), ready_(ready), times_(times)
{
    assign_kinds();
}

void Residents::assign_kinds()
{
    const unsigned pairs = size() / 2, some = std::clamp(pairs / 100, 1u, 25u);
    const std::pair<Kind, unsigned> wanted[] = {
        {Kind::HalfStanza, some}, {Kind::HalfName, some},           {Kind::HalfCharacter, some},
        {Kind::HalfRecord, some}, {Kind::Slow, std::min(some, 5u)}, {Kind::Idle, pairs / 10},
    };
    for (const auto &[kind, number] : wanted)
        kinds_.insert(kinds_.end(), number, kind);
    kinds_.resize(pairs, Kind::Talks);
    for (unsigned number = 0; number < size(); ++number) {
        if (kinds_[number / 2] == Kind::Talks)
            talkers_.push_back(number);
    }
}

void Residents::come()
{
    const auto number = static_cast<unsigned>(clients_.size());
    const unsigned accounts = std::max(1u, size() / clients_per_account);
    const bool slow = kinds_[number / 2] == Kind::Slow && number % 2 == 1;
    clients_.push_back(std::make_unique<Client>(
        port_, Client::Identity{user_of(number, accounts), resource_of(number), number < accounts},
        Client::Wait::Nowhere, slow));
    was_in_.push_back(false);
    ready_.add(clients_.back()->fd(), number);
}

void Residents::come_in()
{
    const unsigned accounts = std::max(1u, size() / clients_per_account);
    while (clients_.size() < size() && clients_.size() - in_ < at_a_time) {
        if (clients_.size() == accounts && in_ < accounts)
            return; // these make the accounts of the others
        come();
    }
}

void Residents::on_ready(unsigned number)
{
    Client &client = *clients_[number];
    const bool was_lost = client.is_lost();
    client.on_ready(times_);
    if (client.is_in() && !was_in_[number]) {
        was_in_[number] = true;
        ++in_;
    }
    if (client.is_lost() && !was_lost)
        std::fprintf(stderr, "swap: %s\n", client.why_lost().c_str());
}

// Stamped with the time when it should have been sent: a late generator hides nothing.
void Residents::talk()
{
    const Time::rep now = times_.now(), step = 1'000'000'000 / options_.rate;
    if (next_due_ == 0) {
        next_due_ = now;
        for (unsigned number = 0; number < size(); ++number)
            clients_[number]->talk_to(partner(number).address());
    }
    for (; next_due_ <= now; next_due_ += step) {
        Client &talker = *clients_[talkers_[next_talker_]];
        next_talker_ = (next_talker_ + 1) % talkers_.size();
        if (!talker.is_lost())
            talker.say(talker.compose(next_due_, body_bytes));
    }
}

void Residents::begin_half(unsigned number)
{
    Client &client = *clients_[number];
    std::string text = client.compose(0, body_bytes);
    std::size_t cut = 0;
    switch (kinds_[number / 2]) {
    case Kind::HalfStanza: cut = text.find("type="); break;
    case Kind::HalfName: cut = text.find("<body>") + 3; break;
    case Kind::HalfCharacter: cut = text.find("\xc3\xa9") + 1; break;
    default:
        client.wire().say(text);
        client.wire().hold_after(client.wire().unsent() / 2);
        client.wire().flush();
        halves_.push_back({number, ""});
        return;
    }
    client.say(std::string_view{text}.substr(0, cut));
    halves_.push_back({number, text.substr(cut)});
}

void Residents::flood(unsigned number)
{
    partner(number).is_reading = false;
    for (std::size_t i = 0; i < flood_messages; ++i)
        clients_[number]->say(clients_[number]->compose(0, flood_bytes));
}

void Residents::begin_swap()
{
    for (unsigned number = 0; number < size(); ++number) {
        const Kind kind = kinds_[number / 2];
        if (kind == Kind::Talks || kind == Kind::Idle || clients_[number]->is_lost())
            continue;
        if (kind != Kind::Slow)
            begin_half(number);
        else if (number % 2 == 0)
            flood(number);
    }
}

void Residents::end_swap()
{
    for (const Half &half : halves_) {
        Client &client = *clients_[half.number];
        client.let_go(times_);
        if (!half.rest.empty())
            client.say(half.rest);
    }
    halves_.clear();
    for (unsigned number = 1; number < size(); number += 2) {
        if (std::exchange(clients_[number]->is_reading, true) == false)
            on_ready(number);
    }
}

bool Residents::is_any_lost(unsigned number) const
{
    return clients_[number]->is_lost() || partner(number).is_lost();
}

bool Residents::has_heard_all(unsigned number) const
{
    return is_any_lost(number) || clients_[number]->inbox().has_all(partner(number).sent());
}

bool Residents::is_settled() const
{
    for (unsigned number = 0; number < size(); ++number) {
        if (kinds_[number / 2] != Kind::Talks && !has_heard_all(number))
            return false;
    }
    return true;
}

void Residents::say_last_words()
{
    for (const auto &client : clients_) {
        if (!client->is_lost())
            client->say(client->compose(0, body_bytes));
    }
}

bool Residents::have_heard_all() const
{
    for (unsigned number = 0; number < size(); ++number) {
        if (!has_heard_all(number))
            return false;
    }
    return true;
}

void Residents::leave()
{
    for (const auto &client : clients_) {
        if (!client->is_lost())
            client->leave();
    }
}

unsigned Residents::count(const std::function<bool(const Client &)> &which) const
{
    return static_cast<unsigned>(std::ranges::count_if(clients_, [&](const auto &client) { return which(*client); }));
}

bool Residents::have_left() const
{
    return count([](const Client &client) { return client.has_left() || client.is_lost(); }) == size();
}

unsigned Residents::lost() const
{
    return count([](const Client &client) { return client.is_lost(); });
}

unsigned Residents::other_keys() const
{
    return count([](const Client &client) { return !client.kept_its_exporter(); });
}

std::string Residents::explain() const
{
    for (unsigned number = 0; number < clients_.size(); ++number) {
        if (!clients_[number]->is_in() || !has_heard_all(number))
            return clients_[number]->explain() + "; " + std::to_string(in_) + " are in";
    }
    return "all residents are in";
}

Mistaken Residents::mistaken() const
{
    Mistaken sum;
    for (unsigned number = 0; number < clients_.size(); ++number) {
        const Mistaken one = clients_[number]->inbox().mistaken(partner(number).sent());
        sum.lost += one.lost;
        sum.duplicated += one.duplicated;
        sum.reordered += one.reordered;
    }
    return sum;
}

std::uint64_t Residents::sent() const
{
    std::uint64_t sum = 0;
    for (const auto &client : clients_)
        sum += client->sent();
    return sum;
}

} // namespace jabberd::bench
