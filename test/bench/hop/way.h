// SPDX-License-Identifier: LGPL-2.1-or-later
// How packets get from one process to another: what is measured.
#pragma once

#include <jabberd/packet.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace jabberd::bench {

// One end. Its own threads, if any, run from its making to its destruction.
class Way {
public:
    virtual ~Way() = default;
    virtual void wait_until_there() = 0;                 // the other end can be sent to
    virtual void send(const jabberd_packet &packet) = 0; // waits while the way is full
};

// Called on a thread of the way; the packet is borrowed.
using Arrival = std::function<void(const jabberd_packet &)>;

struct Ports {
    std::uint16_t near = 0, far = 0;
};

// The least that any hop can be: packets as length and fields, nothing more. The far end listens.
std::unique_ptr<Way> relay_near(Ports ports);
std::unique_ptr<Way> relay_far(Ports ports, Arrival arrival);

// link.so, in a host that has nothing else; `carrier` is the content of its <link>.
constexpr const char *far_name = "far.example";
std::unique_ptr<Way> link_end(bool near, const std::string &carrier, Arrival arrival);

} // namespace jabberd::bench
