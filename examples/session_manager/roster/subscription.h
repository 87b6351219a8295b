// SPDX-License-Identifier: LGPL-2.1-or-later
// The subscription state machine (RFC 6121, appendix A), without packets.
#pragma once

#include "session_manager/roster/item.h"

#include <optional>
#include <string_view>

namespace jabberd::session_manager {

enum class Subscription { Subscribe, Subscribed, Unsubscribe, Unsubscribed };

// By the type of a presence packet; nothing for any other.
std::optional<Subscription> subscription_of(std::string_view type);
std::string_view type_of(Subscription subscription);

// What a change calls for, beside storing the item.
struct SubscriptionEffect {
    bool pass_on = false;    // outbound: to the contact; inbound: to the user's resources
    bool push = false;       // the item, to the user's resources
    bool grants = false;     // the contact now gets the user's presence
    bool revokes = false;    // the contact no longer gets it
    bool auto_reply = false; // inbound subscribe that was granted long ago: say so again, do not ask the user
};

// The user does it to the contact.
SubscriptionEffect apply_outbound(RosterItem &item, Subscription subscription);

// The contact does it to the user. `body` is kept with a request.
SubscriptionEffect apply_inbound(RosterItem &item, Subscription subscription, std::string_view body);

} // namespace jabberd::session_manager
