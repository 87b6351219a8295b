// SPDX-License-Identifier: LGPL-2.1-or-later
// What the clients of one instance have around them.
#pragma once

#include "event/loop.h"
#include "upstream/config/options.h"
#include "xml/parser_pool.h"

#include <jabberd/host.h>

#include <atomic>
#include <cstdint>
#include <memory>

namespace jabberd::upstream {

// [loop], but for what is atomic.
struct Around {
    const jabberd_host &host;
    event::Loop &loop;
    std::shared_ptr<const Options> options; // a reload replaces them
    xml::ParserPool parsers{};
    std::size_t dialled = 0; // connections so far: whose turn it is of the addresses of ours

    std::atomic<std::uint64_t> resumes{0}; // of the host

    struct Counters {
        std::uint64_t logins = 0, lost = 0, refused = 0, stanzas_in = 0, stanzas_out = 0, given_back = 0;
    } counters{};
};

} // namespace jabberd::upstream
