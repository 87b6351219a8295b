// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/base/stanza.h"

#include "base/view.h"
#include "xml/escape.h"

namespace jabberd::session_manager {

namespace {

struct ErrorWords {
    Condition condition;
    std::string_view code, type, name;
    std::string_view detail = {}; // a condition of an extension
};
constexpr ErrorWords words[] = {
    {Condition::BadRequest, "400", "modify", "bad-request"},
    {Condition::Blocked, "406", "cancel", "not-acceptable", "<blocked xmlns='urn:xmpp:blocking:errors'/>"},
    {Condition::Conflict, "409", "cancel", "conflict"},
    {Condition::Forbidden, "403", "auth", "forbidden"},
    {Condition::InternalServerError, "500", "wait", "internal-server-error"},
    {Condition::ItemNotFound, "404", "cancel", "item-not-found"},
    {Condition::JidMalformed, "400", "modify", "jid-malformed"},
    {Condition::NotAcceptable, "406", "modify", "not-acceptable"},
    {Condition::NotAllowed, "405", "cancel", "not-allowed"},
    {Condition::NotAuthorized, "401", "auth", "not-authorized"},
    {Condition::ResourceConstraint, "500", "wait", "resource-constraint"},
    {Condition::ServiceUnavailable, "503", "cancel", "service-unavailable"},
};

jabberd_view optional_view(std::string_view s)
{
    return s.empty() ? jabberd_view{} : view(s);
}

} // namespace

std::string error_element(Condition condition, std::string_view explanation)
{
    std::string out;
    for (const ErrorWords &error : words) {
        if (error.condition != condition)
            continue;
        out.append("<error code='")
            .append(error.code)
            .append("' type='")
            .append(error.type)
            .append("'><")
            .append(error.name);
        out += " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>";
        if (!explanation.empty()) {
            out += "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>";
            xml::append_text(out, explanation);
            out += "</text>";
        }
        out += error.detail;
        out += "</error>";
    }
    return out;
}

jabberd_packet make_packet(std::string_view name, std::string_view type, std::string_view from, std::string_view to,
                           std::string_view body)
{
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view(name);
    packet.type = optional_view(type);
    packet.from = optional_view(from);
    packet.to = optional_view(to);
    packet.body = optional_view(body);
    return packet;
}

bool may_be_refused(const jabberd_packet &packet)
{
    const std::string_view type = text(packet.type);
    return type != "error" && !(text(packet.name) == "iq" && type == "result");
}

ErrorReply::ErrorReply(const jabberd_packet &original, Condition condition)
    : body_(text(original.body)), packet_(original)
{
    body_ += error_element(condition);
    packet_.type = view("error");
    packet_.body = view(body_);
    packet_.to = original.from;
    packet_.from = original.to;
    packet_.sto = packet_.sfrom = {};
}

} // namespace jabberd::session_manager
