// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/connection/admission.h"

#include "base/address.h"
#include "base/host_name.h"
#include "base/view.h"
#include "packet/namespaces.h"
#include "packet/packet_with_body.h"
#include "packet/stanza_rules.h"
#include "xml/namespaces.h"

#include <algorithm>

namespace jabberd::component_stream {

namespace {

using stream::Condition;
using Verdict = Admission::Verdict;

bool is_known(const jabberd_packet &packet, bool sessions)
{
    if (!present(packet.xmlns))
        return packet::is_stanza_name(text(packet.name));
    const std::string_view xmlns = text(packet.xmlns);
    return sessions && present(packet.sto) && (xmlns == packet::ns::sasl || xmlns == packet::ns::sasl2);
}

} // namespace

bool may_be_from(std::string_view address, const EndpointOptions &options, const std::vector<std::string> &names)
{
    const std::string_view host = split_address(address).host;
    return options.trusted || std::ranges::any_of(names, [&](const auto &name) { return same_host(name, host); });
}

bool may_send(std::string_view address, const EndpointOptions &options)
{
    if (options.senders.empty() || address.empty())
        return true;
    const std::string_view host = split_address(address).host;
    return std::ranges::any_of(options.senders, [&](const auto &name) { return same_host(name, host); });
}

Admission admit(jabberd_packet &packet, const EndpointOptions &options, const std::vector<std::string> &names)
{
    if (text(packet.xmlns) == xml::ns::client)
        packet.xmlns = {};
    if (!options.sessions || options.dialect == Dialect::Route)
        packet = packet::without_session(packet);
    if (!is_known(packet, options.sessions)) {
        if (options.dialect == Dialect::Component)
            return {
                Verdict::Ends, {Condition::UnsupportedStanzaType, "Only message, presence and iq are taken here"}, {}};
        return {Verdict::Dropped, {}, "it is no stanza"};
    }
    const bool in_session = present(packet.sto);
    jabberd_view &from = in_session ? packet.sfrom : packet.from;
    if (!in_session)
        packet.sfrom = {};
    if (!present(from) && !in_session && !names.empty())
        from = view(names.front());
    if (!may_be_from(text(from), options, names))
        return {Verdict::Ends, {Condition::InvalidFrom, "The stanza is not from a name of this stream"}, {}};
    if (!in_session && !present(packet.to))
        return {Verdict::Returns, {}, "it has no 'to'"};
    return {};
}

} // namespace jabberd::component_stream
