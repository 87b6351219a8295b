// SPDX-License-Identifier: LGPL-2.1-or-later
// Which senders were told to stop sending to a service, and are to be told when it is over.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jabberd::host {

// A deliverer that can be told to go on: with packets for `name`, or, where that is "", with all. Its resume() may be
// called on any thread, with no lock held.
class Sender {
public:
    virtual void resume(std::string_view name) = 0;

protected:
    ~Sender() = default;
};

class Congestion {
public:
    using Moment = std::uint64_t;

    // `name`: of one destination; "": of a whole service.
    explicit Congestion(std::string name = {}) : name_(std::move(name)) {}

    // Taken before asking a handler, so that an end() that overtakes the handler's answer is not lost.
    Moment moment() const { return state_.load(std::memory_order_acquire); }

    // It is congested, unless an end() came after `since`.
    void begin(Moment since);
    void begin() { begin(moment()); }

    // Whether it is congested. If so, `sender` (null: there is none) will be resumed by end(). One atomic load while it
    // is not.
    bool tell(Sender *sender);

    // Whether `sender` waits for an end().
    bool has_told(const Sender *sender) const;

    // It is over: resumes all senders that were told.
    void end();

private:
    static bool is_congested(Moment state) { return (state & 1) != 0; }

    const std::string name_;
    std::atomic<Moment> state_{0}; // odd while congested; every end() makes it a new even number
    mutable std::mutex mutex_;     // for changes of state_, and for told_
    std::vector<Sender *> told_;
};

} // namespace jabberd::host
