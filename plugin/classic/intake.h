// SPDX-License-Identifier: LGPL-2.1-or-later
// The way out of the classic host: from its handler, which must be flat and quick, to a thread of ours.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace jabberd::classic {

// While there is much to do it looks once in a millisecond and takes all there is, as network cards do: waking a thread
// for every packet is what would cost most (a third of all at 2 000 messages a second). The first one after a rest is
// taken at once.
class Intake {
public:
    Intake() = default;
    ~Intake() { stop(); }

    enum class Origin { Host, Returned }; // Returned: one that we gave to the host, and it did not take

    // Once. `on_element` is called on a thread of its own with one element after the other, as they were put in.
    void start(std::function<void(const std::string &element, Origin)> on_element);

    // [any-thread] Does not wait: on 64 KB of the host's stack, in the only thread that it has.
    void put(std::string element, Origin origin);

    // What has been put in is dealt with first. May be called again.
    void stop();

private:
    struct Item {
        std::string element;
        Origin origin;
    };

    void run();
    bool take_all(std::unique_lock<std::mutex> &lock);

    std::function<void(const std::string &element, Origin)> on_element_;
    std::mutex mutex_;
    std::condition_variable filled_;
    std::vector<Item> waiting_;
    bool asleep_ = false; // until it is told; otherwise it looks by itself
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace jabberd::classic
