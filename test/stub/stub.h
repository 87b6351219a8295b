// SPDX-License-Identifier: LGPL-2.1-or-later
// Whatever stands behind the component in a test: a host of our own ABI, or a classic one.
#pragma once

#include "base/owned_packet.h"
#include "stub/recorder.h"

#include <jabberd/log.h>
#include <jabberd/packet.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace jabberd::test {

struct Delivered {
    OwnedPacket packet;
    std::string text; // as XML
};

struct Logged {
    jabberd_log_level level;
    std::string message;
    std::string fields; // " NAME=value" each
};

struct Reported {
    jabberd_log_level level;
    std::string message;
    std::string file;
    unsigned line;
};

// create(), start(), stop(), restart() and swap() are for the thread of the test; everything else for any thread.
class Stub {
public:
    virtual ~Stub() = default;

    virtual bool create() = 0; // false: the component refused its configuration
    virtual bool start() = 0;
    virtual void stop(unsigned deadline_ms) = 0;

    // At the end of a test, when it is known to be its last call. What did not end as it should.
    virtual std::optional<std::string> end() { return std::nullopt; }

    // The running instance hands over to one of the component in that file, with this <service/> or the one it has.
    // What went wrong; then the old one goes on.
    virtual std::optional<std::string> swap(const std::string &component_path,
                                            const std::optional<std::string> &service_xml) = 0;

    // The component's process dies, and another one takes its place: whatever it knew is gone, and it could tell
    // nobody. What the test plays outlives it. Throws std::runtime_error.
    virtual void restart() = 0;

    // Hands a packet to the component as deliver() of somebody else would, and returns when it has been dealt with, as
    // far as that is the component's own call.
    virtual jabberd_result give(const jabberd_packet &packet) = 0;

    // What happens to a packet of the component besides being recorded: the reaction may give() others at once. True:
    // dealt with, not to be recorded.
    using Reaction = std::function<bool(const Delivered &)>;
    virtual void set_reaction(Reaction reaction) = 0;

    // From now on deliver() answers JABBERD_FULL, for packets to `name` ("": to anybody); resume() says that it is
    // over.
    virtual void set_full(const std::string &name) = 0;
    virtual void resume(const std::string &name) = 0;

    // A value of the inspect extension's status, every value of that key; empty when there are none. Goes through the
    // component's loop.
    virtual std::vector<std::string> status(const std::string &key) = 0;

    // What becomes of a level in the log.
    virtual jabberd_log_level level_in_log(jabberd_log_level level) const { return level; }

    Recorder<Delivered> packets;
    Recorder<Logged> log;
    Recorder<Reported> reports;
};

} // namespace jabberd::test
