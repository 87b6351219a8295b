// SPDX-License-Identifier: LGPL-2.1-or-later
#include "packet/returned_packet.h"

#include "base/view.h"
#include "packet/notice.h"

#include <utility>

namespace jabberd::host {

namespace {

constexpr std::string_view unknown_host =
    "<error code='404' type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
constexpr std::string_view not_taken =
    "<error code='503' type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

} // namespace

bool may_return(const jabberd_packet &packet)
{
    if (text(packet.type) == "error" || session::is_disconnected(packet))
        return false;
    if (present(packet.sto))
        return present(packet.sfrom);
    return present(packet.from) && text(packet.type) != "result";
}

std::string_view notice_text(Refusal why)
{
    return why == Refusal::UnknownHost ? session::configuration_error : session::delivery_error;
}

ErrorStanza::ErrorStanza(const jabberd_packet &original, Refusal why) : body_(text(original.body)), packet_(original)
{
    body_ += why == Refusal::UnknownHost ? unknown_host : not_taken;
    packet_.type = view("error");
    packet_.body = view(body_);
    std::swap(packet_.to, packet_.from);
}

} // namespace jabberd::host
