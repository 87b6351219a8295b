// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/classic_limits.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace jabberd::config {

namespace {

// With the values that jabberd has built in (hosts of 1.4.3 to 1.6).
struct Karma {
    std::uint32_t init = 5, max = 10, inc = 1, dec = 0, penalty = 5, restore = 5, resetmeter = 0;
};

constexpr double tick = 3.0;          // seconds: jabberd asks for 2, and its heartbeat adds one
constexpr double bytes_a_point = 100; // of karma

// What a client with that much karma can send before it has none: as much as its karma allows, at each read, and each
// costs `dec`. From 10 in steps of 1: 1000 + 900 + … + 100 = 5500, the number jabberd's own documentation gives.
double burst(double karma, double dec)
{
    const double reads = std::ceil(karma / dec);
    return bytes_a_point * (reads * karma - dec * reads * (reads - 1) / 2);
}

// There are two ways to live with karma. Who never exceeds what a tick forgives sends 100 * max bytes every three
// seconds for ever. Who sends without looking gets a burst, is not read until the penalty is worked off at `inc` a
// tick, and begins again with `restore`. A token bucket that is never slower than either: the better of the two as its
// rate, and the largest burst as its burst. For 10/10/1/1/-6/10 that is 333 bytes a second and 5500 at once.
//
// `init` differs from `max` in the first seconds only, and `resetmeter` changes nothing for who is over the meter
// anyway.
net::Rate rate_of(const Karma &karma)
{
    if (karma.dec == 0)
        return {}; // nothing ever lowers it
    const std::uint32_t ticks = std::max(1u, (karma.penalty + karma.inc - 1) / karma.inc);
    const double patient = karma.max * bytes_a_point / tick;
    const double greedy = burst(std::min(karma.restore, karma.max), karma.dec) / (ticks * tick);
    constexpr double enough = 1u << 30; // some write a million, and mean no limit
    return {std::min(std::max(patient, greedy), enough),
            static_cast<std::uint32_t>(std::min(burst(karma.max, karma.dec), enough))};
}

} // namespace

net::Rate read_karma(const elements::Element &karma, MistakeReport &mistakes)
{
    constexpr std::uint32_t most = 1'000'000'000;
    Karma read;
    std::uint32_t heartbeat = 0; // of examples that were shipped; nothing looks at it there
    const auto points = [&](std::string_view name, std::uint32_t &value, std::uint32_t minimum) {
        return elements::Option{
            name, [&mistakes, &value, minimum](const elements::Element &element) {
                const std::string_view text = element.text();
                if (text.empty())
                    return;
                if (const auto number = mistakes.number(
                        element.at(), "<" + std::string{element.name()} + "/> in <karma/>", text, minimum, most))
                    value = *number;
            }};
    };
    elements::Option penalty = points("penalty", read.penalty, 0);
    // -6, and 6 in some examples: both are meant as six ticks of silence.
    penalty.read = [&](const elements::Element &element) {
        std::string_view text = element.text();
        if (text.starts_with('-'))
            text.remove_prefix(1);
        if (text.empty() && *element.text() == '\0')
            return;
        if (const auto number = mistakes.number(element.at(), "<penalty/> in <karma/>", text, 0, most))
            read.penalty = *number;
    };
    karma.read(std::array{points("init", read.init, 0), points("max", read.max, 1), points("inc", read.inc, 1),
                          points("dec", read.dec, 0), penalty, points("restore", read.restore, 1),
                          points("resetmeter", read.resetmeter, 0), points("heartbeat", heartbeat, 0)});
    return rate_of(read);
}

// jabberd counts from the first attempt of a window of `time` seconds, and refuses those beyond `points` until it is
// over. A bucket that fills in the same time refuses as much, but has no edge between two windows to be lucky at. It
// gives one more than its burst before it is empty (net/address_caps.h).
net::Rate read_rate(const elements::Element &rate, MistakeReport &mistakes)
{
    const auto attribute = [&](const char *name, std::uint32_t minimum) {
        return mistakes.number(rate.at(), std::string{name} + " of <rate/>", rate.value(name), minimum, 1'000'000'000);
    };
    const auto time = attribute("time", 0);
    const auto points = attribute("points", 1);
    if (!time || !points || *time == 0)
        return {};
    return {static_cast<double>(*points) / *time, *points - 1};
}

} // namespace jabberd::config
