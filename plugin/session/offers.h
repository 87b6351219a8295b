// SPDX-License-Identifier: LGPL-2.1-or-later
// Offers that were read before: a session manager answers nearly all streams with the same few texts.
#pragma once

#include "base/recent.h"
#include "session/offer.h"

#include <jabberd/packet.h>

#include <optional>
#include <string>

namespace jabberd::session {

// Of one event loop. Each text becomes a tree once, and not for each client.
class Offers {
public:
    // The answer to the features question. Nothing when it is an error, or no answer to that.
    std::optional<Offer> read(const jabberd_packet &answer);

    // offer_inline_management()
    void add_inline_management(std::string &features);

private:
    Recent<std::optional<Offer>> read_;
    Recent<std::string> managed_;
};

} // namespace jabberd::session
