// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/connection/exit.h"

#include "base/address.h"
#include "base/view.h"
#include "packet/returned_packet.h"

namespace jabberd::component_stream {

std::string_view destination_of(const jabberd_packet &packet)
{
    return split_address(text(present(packet.sto) ? packet.sto : packet.to)).host;
}

jabberd_result put(const std::shared_ptr<Lane> &lane, const jabberd_packet &packet, const Exit::Drain &drain)
{
    // A session packet holds a login or a session. Its peer is no session manager, and must not see either.
    if (present(packet.sto) && !lane->sessions())
        return JABBERD_ERROR;
    switch (lane->push(packet)) {
    case Lane::Taken::Yes: return JABBERD_DONE;
    case Lane::Taken::First: drain(lane); return JABBERD_DONE;
    default: return JABBERD_ERROR;
    }
}

bool Exit::deliver(const jabberd_packet &packet)
{
    if (const auto lane = directory_.find(destination_of(packet))) {
        if (put(lane, packet, drain_) != JABBERD_DONE)
            give_back(packet);
        return true;
    }
    const std::uint64_t before = resumes_;
    return host_.deliver(&host_, &packet) != JABBERD_FULL || resumes_ != before;
}

bool Exit::give_back(const jabberd_packet &packet)
{
    if (!packet::may_return(packet))
        return false;
    deliver(packet::ReturnedPacket{packet, packet::Undelivered::Disconnected}.packet());
    return true;
}

} // namespace jabberd::component_stream
