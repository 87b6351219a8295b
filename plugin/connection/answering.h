// SPDX-License-Identifier: LGPL-2.1-or-later
// Session managers that are known to answer the question what to offer (include/jabberd/session.h, "Features").
#pragma once

#include "handover/state.h"

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::connection {

// One that knows jabber:iq:auth only takes the question for a stanza: it is asked on streams whose client waits for the
// features, and on no others. Thread-safe.
class Answering {
public:
    // It has answered with features, or with an error, or not in time. Of more names than a configuration has, the rest
    // is not remembered: a client may name what it likes.
    void note(std::string_view session_manager, bool answers);

    bool has(std::string_view session_manager) const;

    // As a value.
    void save(handover::State &state) const;
    void restore(const handover::State &state);

private:
    mutable std::mutex mutex_;
    std::vector<std::string> names_; // few
};

} // namespace jabberd::connection
