// SPDX-License-Identifier: LGPL-2.1-or-later
// What carries frames to other processes. It may lose, double and reorder them, and says what it knows of its ways.
#pragma once

#include "base/clock.h"
#include "link/frame/carried.h"
#include "link/frame/frame.h"

#include <jabberd/log.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::link {

// Told on the loop's thread. None of these may destroy the carrier.
class CarrierEvents {
public:
    // A frame of the peer, borrowed. False: it is none; who carried it is not to be believed.
    virtual bool on_frame(std::string_view peer, std::string_view frame) = 0;
    virtual void on_carried(std::string_view peer, Carried carried, std::string_view why) = 0;
    virtual void on_room(std::string_view peer) = 0; // there is room again
    virtual void on_line(jabberd_log_level level, const std::string &line) = 0;

    // A peer that is not configured has shown itself. False: it is not to be believed, or there are too many.
    virtual bool on_found(std::string_view) { return false; }
    // Such a one was not heard of for long. False: it is still needed.
    virtual bool on_gone(std::string_view) { return false; }

protected:
    ~CarrierEvents() = default;
};

// What a successor goes on with.
struct CarrierState {
    struct Listening {
        int fd = -1;
        std::string configured;
    };
    struct Connection {
        int fd = -1;
        std::string peer;
        bool outgoing = false;
        std::string bytes; // outgoing: to be written; incoming: read, the begin of a frame
    };
    std::vector<Listening> listening;
    std::vector<Connection> connections;

    // Where peers find each other.
    std::vector<std::string> peers;
    std::optional<std::uint64_t> held_ms; // for so long this process has had its name
};

// [loop], where it does not say otherwise.
class Carrier {
public:
    virtual ~Carrier() = default;

    // [main] One of the two, before start(). Both throw std::system_error, and have then touched nothing.
    virtual void open() = 0;
    virtual void take_over(const CarrierState &state) = 0;
    // [main] While the loop does not run.
    virtual CarrierState save() const = 0;
    virtual void relinquish() = 0; // what save() has named is another's now

    virtual std::vector<std::string> places() const = 0; // [main] where the others come, as far as it is known

    virtual void start() = 0;                                            // before the loop runs
    virtual void tick(Time now) = 0;                                     // about ten times a second
    virtual bool has_room(std::string_view peer) const = 0;              // for a frame
    virtual void publish(std::string_view peer, const Frame &frame) = 0; // when it has
    virtual void flush() = 0;                                            // the end of a turn

    // For the operator: "TCP 10.0.0.2:5270, TLSv1.3 ..."
    virtual std::string describe(std::string_view peer) const = 0;
};

} // namespace jabberd::link
