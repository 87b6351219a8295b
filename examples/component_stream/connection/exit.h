// SPDX-License-Identifier: LGPL-2.1-or-later
// The way from a stream into the host, and to the other streams of the instance.
#pragma once

#include "component_stream/connection/directory.h"
#include "event/loop.h"

#include <jabberd/host.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace jabberd::component_stream {

// [loop], but for resumed().
class Exit {
public:
    // `drain`: the lane has something, and its stream should look. May be called on any thread.
    using Drain = std::function<void(std::shared_ptr<Lane>)>;
    Exit(const jabberd_host &host, Directory &directory, Drain drain)
        : host_(host), directory_(directory), drain_(std::move(drain))
    {
    }

    // False: the destination is congested, and resume() says when it is not. A name of ours goes to its stream at once:
    // the host would not give back to us what we deliver.
    bool deliver(const jabberd_packet &packet);

    // To its sender, as one that was not delivered. False: it is one that never goes back.
    bool give_back(const jabberd_packet &packet);

    // [any thread] resume() was called.
    void resumed() { ++resumes_; }

private:
    const jabberd_host &host_;
    Directory &directory_;
    const Drain drain_;
    std::atomic<std::uint64_t> resumes_{0};
};

// Where a packet goes.
std::string_view destination_of(const jabberd_packet &packet);

// Puts a packet in: what happens of it is the result of a handler.
jabberd_result put(const std::shared_ptr<Lane> &lane, const jabberd_packet &packet, const Exit::Drain &drain);

} // namespace jabberd::component_stream
