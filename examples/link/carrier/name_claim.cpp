// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/carrier/name_claim.h"

#include <tuple>

namespace jabberd::link {

namespace {

using std::chrono::milliseconds;

constexpr Duration objections_until = milliseconds{300};      // a process that has the name answers at once
constexpr Duration other_is_gone_after = milliseconds{3'500}; // it says that it is there every 1 to 1.5 s
// The tick comes ten times a second. A process that was stopped for so long may have been succeeded meanwhile.
constexpr Duration stopped_after = other_is_gone_after;

} // namespace

void NameClaim::inherit(Time now, Duration held)
{
    state_ = State::Held;
    since_ = now - held;
    ticked_ = now;
}

void NameClaim::connected(Time now)
{
    connected_ = true;
    ticked_ = now;
    if (state_ == State::Asking)
        since_ = now;
}

bool NameClaim::outlasts(const Announcement &other, Time now) const
{
    const auto held_ms = static_cast<std::uint64_t>(held(now) / milliseconds{1});
    return std::tuple{state_ == State::Held, held_ms, process_} >
           std::tuple{other.holds, other.holds ? other.held_ms : 0, other.process};
}

bool NameClaim::hear(const Announcement &other, Time now)
{
    if (other.process == process_)
        return false; // our own voice, or a predecessor's
    if (state_ != State::Refused && outlasts(other, now))
        return true;
    if (state_ == State::Refused && !other.holds)
        return false; // another one that waits
    state_ = State::Refused;
    heard_ = now;
    return false;
}

void NameClaim::tick(Time now)
{
    if (state_ == State::Held && ticked_ != Time{} && now - ticked_ >= stopped_after)
        since_ = now; // a process that has taken the name meanwhile keeps it
    ticked_ = now;
    if (state_ == State::Refused && now - heard_ >= other_is_gone_after) {
        state_ = State::Asking;
        since_ = now;
    }
    if (state_ == State::Asking && connected_ && now - since_ >= objections_until) {
        state_ = State::Held;
        since_ = now;
    }
}

} // namespace jabberd::link
