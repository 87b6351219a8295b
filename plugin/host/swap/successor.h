// SPDX-License-Identifier: LGPL-2.1-or-later
// A component that is to take over, and may never return from what it is asked.
#pragma once

#include "host/config/mistakes.h"
#include "host/routing/instance.h"

#include <jabberd/handover.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace jabberd::host {

class Service;

// Each of its functions runs on a thread of its own while [main] waits for it, but no longer than it says. Who is late
// is abandoned: its thread cannot be ended, and so its instance, its copy of the snapshot and its code stay as they
// are. It may still return, and call the host; both changes nothing any more.
class Successor {
public:
    enum class Answer { Yes, No, Late };

    // [main] All is borrowed; for good, if it is late.
    Successor(Service &service, const jabberd_component &component, const jabberd_config &element);
    ~Successor();
    Successor(const Successor &) = delete;
    Successor &operator=(const Successor &) = delete;

    // [main] What it reports is in `mistakes`, unless it is late.
    Answer create(std::chrono::milliseconds limit, Mistakes &mistakes);

    // [main] Of a snapshot that the instance gets a copy of. After No it is destroyed. There is no limit from where the
    // new one has claimed what the snapshot names (JABBERD_TAKEOVER); nor, where there are tokens, for one that does
    // not know how to claim: it would share them with the old one, which neither would survive.
    Answer thaw(const jabberd_snapshot &snapshot, std::chrono::milliseconds limit);

    // [main] Late or not, it is not there any more.
    Answer destroy(std::chrono::milliseconds limit);

    bool is_late() const { return is_late_; }

    // [main] Not when it is late.
    const Instance &instance() const;
    std::vector<std::string> take_notes();
    std::unique_ptr<Instance> take(); // the successor is done

private:
    struct State;

    Answer run(bool (*what)(State &), std::chrono::milliseconds limit, bool may_be_left = true);

    std::shared_ptr<State> state_; // with the thread
    bool is_late_ = false;
};

// [any-thread] Whether there is a thread in a component that was given up: the process must not take apart what such a
// thread may still call.
bool any_successor_is_late();

} // namespace jabberd::host
