// SPDX-License-Identifier: LGPL-2.1-or-later
// A client as a value, and from it.
#include "upstream/client/client.h"

#include "base/view.h"
#include "dialect/element.h"
#include "xml/packet_text.h"

#include <stdexcept>
#include <utility>

namespace jabberd::upstream {

// A connection that is only being made stays behind: the successor makes another.
ClientState Client::save() const
{
    ClientState state;
    state.address = address_;
    state.host = host_;
    state.from = from_;
    state.lang = lang_;
    state.identity = identity_;
    if (client_)
        state.client = client_->to_string();
    state.tls = security_.tls;
    state.plain = security_.plain;
    state.phase = static_cast<std::uint32_t>(phase_ == Phase::Dialling ? Phase::Queued : phase_);
    state.question = question_;
    state.nonce = nonce_;
    state.resumed = resumed_;
    state.pending = pending_;
    state.offered = offered_;
    state.has_stream_management = has_stream_management_;
    for (const OwnedPacket &packet : waiting_)
        xml::append_packet(state.waiting.emplace_back(), packet.packet());
    const Acks::Value acks = acks_.save();
    state.acks_mode = acks.mode;
    state.delivered = acks.delivered;
    state.came_back = acks.came_back;
    state.asked = {acks.asked.begin(), acks.asked.end()};
    state.closed_by_client = closed_by_client_;
    if (link_ && link_->is_open() && !link_->is_over())
        state.link.push_back(link_->save());
    return state;
}

Client::Client(Around &around, ClientOwner &owner, ClientState state)
    : around_(around)
    , owner_(owner)
    , address_(std::move(state.address))
    , host_(std::move(state.host))
    , from_(std::move(state.from))
    , lang_(std::move(state.lang))
    , identity_(std::move(state.identity))
    , client_(net::SocketAddress::from_string(state.client))
    , security_{state.tls, state.plain}
    , phase_(static_cast<Phase>(state.phase))
    , question_(std::move(state.question))
    , nonce_(std::move(state.nonce))
    , resumed_(std::move(state.resumed))
    , pending_(std::move(state.pending))
    , offered_(std::move(state.offered))
    , has_stream_management_(state.has_stream_management)
    , closed_by_client_(state.closed_by_client)
{
    for (const std::string &packet : state.waiting)
        waiting_.push_back(dialect::packet_of(packet));
    acks_.restore({state.acks_mode,
                   static_cast<std::uint32_t>(state.delivered),
                   static_cast<std::uint32_t>(state.came_back),
                   {state.asked.begin(), state.asked.end()}});
    if (!state.link.empty())
        link_ = std::make_unique<Link>(around_, static_cast<LinkOwner &>(*this), std::move(state.link.front()));
    else if (phase_ >= Phase::Login && phase_ < Phase::Leaving)
        throw std::runtime_error{"a client has no connection with the server, and is past its login"};
}

// What was a deadline begins anew.
void Client::wake()
{
    switch (phase_) {
    case Phase::Asking:
        if (question_.empty())
            return;
        if (const auto known = owner_.offer_for(*this, caller()))
            return answer_question(*known);
        return around_.loop.timers().set(alarm_, around_.loop.now() + around_.options->patience);
    case Phase::Queued: return owner_.queue_login(*this);
    case Phase::Leaving:
        link_->wake();
        link_->pause(true);
        return around_.loop.timers().set(alarm_, around_.loop.now() + all_back_within);
    case Phase::Closing: link_->wake(); return leave();
    case Phase::Bound:
        link_->wake();
        if (phase_ == Phase::Bound && acks_.ours())
            ask_how_far(); // whether the server waits for it is not known any more
        return;
    default: around_.loop.timers().set(alarm_, around_.loop.now() + login_within); link_->wake();
    }
}

void Client::relinquish()
{
    if (link_ && link_->is_open() && !link_->is_over())
        link_->relinquish();
}

} // namespace jabberd::upstream
