// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/roster/subscription.h"

#include <utility>

namespace jabberd::session_manager {

namespace {

constexpr std::pair<std::string_view, Subscription> types[] = {
    {"subscribe", Subscription::Subscribe},
    {"subscribed", Subscription::Subscribed},
    {"unsubscribe", Subscription::Unsubscribe},
    {"unsubscribed", Subscription::Unsubscribed},
};

} // namespace

std::optional<Subscription> subscription_of(std::string_view type)
{
    for (const auto &[name, subscription] : types) {
        if (name == type)
            return subscription;
    }
    return std::nullopt;
}

std::string_view type_of(Subscription subscription)
{
    for (const auto &[name, value] : types) {
        if (value == subscription)
            return name;
    }
    return {};
}

SubscriptionEffect apply_outbound(RosterItem &item, Subscription subscription)
{
    const RosterItem before = item;
    SubscriptionEffect effect;
    switch (subscription) {
    case Subscription::Subscribe: // always passed on: the contact's side may have forgotten
        item.ask = !item.to;
        item.listed = true;
        effect.pass_on = true;
        break;
    case Subscription::Unsubscribe:
        item.to = item.ask = false;
        effect.pass_on = true;
        break;
    case Subscription::Subscribed:
        if (!item.request) // the contact has not asked, and there is no pre-approval (RFC 6121 §3.4)
            return effect;
        item.request.reset();
        item.from = item.listed = true;
        effect.pass_on = effect.grants = true;
        break;
    case Subscription::Unsubscribed:
        if (!item.from && !item.request)
            return effect;
        effect.revokes = item.from;
        item.request.reset();
        item.from = false;
        effect.pass_on = true;
        break;
    }
    effect.push =
        item.listed && (item.to != before.to || item.from != before.from || item.ask != before.ask || !before.listed);
    return effect;
}

SubscriptionEffect apply_inbound(RosterItem &item, Subscription subscription, std::string_view body)
{
    SubscriptionEffect effect;
    switch (subscription) {
    case Subscription::Subscribe:
        effect.auto_reply = item.from;
        effect.pass_on = !item.from && !item.request; // asking twice does not ring twice
        if (!item.from)
            item.request = std::string{body};
        break;
    case Subscription::Unsubscribe:
        effect.pass_on = item.from || item.request.has_value();
        effect.push = effect.revokes = item.from;
        item.from = false;
        item.request.reset();
        break;
    case Subscription::Subscribed:
        effect.pass_on = effect.push = item.ask; // unasked: ignored, a contact may not put itself into a roster
        item.to = item.to || item.ask;
        item.ask = false;
        break;
    case Subscription::Unsubscribed:
        effect.pass_on = effect.push = item.to || item.ask;
        item.to = item.ask = false;
        break;
    }
    return effect;
}

} // namespace jabberd::session_manager
