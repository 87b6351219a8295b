// SPDX-License-Identifier: LGPL-2.1-or-later
#include "swap/play.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace jabberd::bench {

namespace {

constexpr std::uint32_t operator_number = UINT32_MAX;
constexpr std::chrono::seconds patience{60}; // only what has failed uses it up; thousands log in, each with a hash

} // namespace

Play::Play(const Options &options)
    : options_(options)
    , server_(options)
    , residents_(options, server_.port(), ready_, times_)
    , guests_(server_.port(), options.clients, std::clamp(options.clients / 1000, 1u, 4u), ready_, times_)
    , successors_(options, server_)
{
}

void Play::turn()
{
    ready_.turn(1, [this](std::uint32_t number) {
        if (number == operator_number)
            control_->on_ready();
        else if (number < residents_.size())
            residents_.on_ready(number);
        else
            guests_.on_ready(number);
    });
    if (talking_)
        residents_.talk();
}

void Play::wait(const char *what, const std::function<bool()> &done)
{
    const auto end = std::chrono::steady_clock::now() + patience;
    for (; !done(); turn()) {
        if (std::chrono::steady_clock::now() > end)
            throw std::runtime_error(std::string{"waited in vain until "} + what + "; " + guests_.explain() +
                                     residents_.explain());
    }
}

void Play::wait(std::chrono::milliseconds time)
{
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end)
        turn();
}

void Play::swap(unsigned number)
{
    residents_.begin_swap();
    guests_.come();
    wait(options_.between);
    wait("guests wait", [this] { return guests_.are_waiting(); });
    const Attempt attempt = successors_.next(number);
    times_.begin_swap();
    guests_.begin_swap();
    control_.emplace(server_.control(), attempt.request);
    ready_.add(control_->fd(), operator_number);
    wait("the host answers", [this] { return control_->is_answered(); });
    times_.end_swap();
    if (control_->says("\"swapped\":true"))
        pauses_.push_back(control_->pause_us() * 1000);
    if (!control_->says(attempt.expected)) {
        ++unexpected_;
        std::fprintf(stderr, "swap: '%s' was not answered by '%s' but by: %s\n", attempt.request.c_str(),
                     attempt.expected.c_str(), control_->answer().c_str());
    }
    residents_.end_swap();
    guests_.end_swap();
    wait("guests are gone", [this] { return guests_.are_gone(); });
    wait("everything held back has come", [this] { return residents_.is_settled(); });
}

void Play::run()
{
    wait("all are logged in", [this] {
        residents_.come_in();
        return residents_.are_in();
    });
    talking_ = true;
    wait(std::chrono::seconds{1}); // until every buffer has its size
    before_ = server_.footprint();
    times_.forget();
    for (unsigned number = 0; number < options_.swaps; ++number)
        swap(number);
    talking_ = false;
    residents_.say_last_words();
    wait("the last words have come", [this] { return residents_.have_heard_all(); });
    control_.reset();
    wait("the host has closed what it does not need", [this] {
        after_ = server_.footprint();
        return after_.descriptors <= before_.descriptors;
    });
}

bool Play::report()
{
    const unsigned other_keys = residents_.other_keys() + guests_.other_keys();
    residents_.leave();
    wait("all have left", [this] { return residents_.have_left(); });
    const Mistaken mistaken = residents_.mistaken();
    const unsigned disconnected = residents_.lost() + guests_.lost();
    std::printf("clients %u\nguests %u\nmessages %zu\nswaps %zu\nattempts %u\n", residents_.size(), guests_.seen(),
                static_cast<std::size_t>(residents_.sent()), pauses_.size(), options_.swaps);
    std::printf("disconnected %u\nlost %zu\nduplicated %zu\nreordered %zu\nother_exporter_value %u\nunexpected %u\n",
                disconnected, static_cast<std::size_t>(mistaken.lost), static_cast<std::size_t>(mistaken.duplicated),
                static_cast<std::size_t>(mistaken.reordered), other_keys, unexpected_);
    if (!options_.untimed) {
        print_times("message_without_swap", times_.apart());
        print_times("message_across_swap", times_.across());
        print_times("pause", pauses_);
    }
    std::printf("resident_kb_before %zu\nresident_kb_after %zu\ndescriptors_before %zu\ndescriptors_after %zu\n"
                "images %zu\nmappings_before %zu\nmappings_after %zu\n",
                before_.resident / 1024, after_.resident / 1024, before_.descriptors, after_.descriptors, after_.images,
                before_.mappings, after_.mappings);
    const std::uint64_t threads_started = server_.counter("threads started under load");
    std::printf("threads_started %zu\n", static_cast<std::size_t>(threads_started));
    const bool wavered = options_.preload.empty() || threads_started > 1; // otherwise it has tried nothing
    const bool in_order = server_.stop();
    std::printf("server %s\n", in_order ? "ended in order" : "did not end in order");
    // A classic host has loaded the first one, and keeps it.
    const std::size_t most_images = options_.classic.empty() ? 1 : 2;
    return in_order && wavered && mistaken.none() && disconnected + other_keys + unexpected_ == 0 &&
           after_.images <= most_images;
}

} // namespace jabberd::bench
