// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/offers.h"

#include "base/view.h"
#include "session/inline_management.h"

namespace jabberd::session {

std::optional<Offer> Offers::read(const jabberd_packet &answer)
{
    if (text(answer.name) != "iq" || text(answer.type) != "result")
        return std::nullopt;
    return read_.of(text(answer.body), read_offer);
}

void Offers::add_inline_management(std::string &features)
{
    features = managed_.of(features, [](std::string_view given) {
        std::string managed{given};
        offer_inline_management(managed);
        return managed;
    });
}

} // namespace jabberd::session
