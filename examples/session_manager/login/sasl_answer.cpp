// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/sasl_answer.h"

#include "base/base64.h"
#include "base/view.h"
#include "xml/escape.h"

namespace jabberd::session_manager {

SaslAnswer::SaslAnswer(Core &core, const jabberd_packet &request, Profile profile)
    : core_(&core)
    , profile_(profile)
    , connection_(text(request.sfrom))
    , host_(text(request.sto))
    , id_(text(request.id))
    , has_id_(present(request.id))
{
}

void SaslAnswer::challenge(std::string_view data) const
{
    send("challenge", base64_encode(data));
}

void SaslAnswer::failure(SaslFailure failure) const
{
    LockedDirectory locked{core_->directory};
    this->failure(locked, failure);
}

void SaslAnswer::failure(LockedDirectory &locked, SaslFailure failure) const
{
    core_->login_counts.refused(way(), failure);
    std::string condition{"<"};
    condition += name_of(failure);
    if (profile_ != Profile::Sasl1)
        xml::append_attribute(condition, "xmlns", sasl_xmlns); // XEP-0388 §2.6.3 has no conditions of its own
    send(locked, "failure", host_, condition + "/>");
}

void SaslAnswer::success(LockedDirectory &locked, const std::string &address, std::string_view data) const
{
    core_->login_counts.accepted(way());
    send(locked, "success", address, success_body(address, data, false));
}

void SaslAnswer::success(LockedDirectory &locked, Session &session, std::string_view data) const
{
    core_->login_counts.accepted(way());
    const std::string body = success_body(session.id, data, true);
    locked.give_as_session(session, reply("success", body));
}

std::string SaslAnswer::success_body(std::string_view who, std::string_view data, bool bound) const
{
    std::string encoded = base64_encode(data);
    if (profile_ == Profile::Sasl1)
        return encoded;
    std::string body;
    if (!encoded.empty())
        body += "<additional-data>" + encoded + "</additional-data>";
    body += "<authorization-identifier>";
    xml::append_text(body, who);
    body += "</authorization-identifier>";
    if (bound)
        body.append("<bound xmlns='").append(bind2_xmlns).append("'/>");
    return body;
}

void SaslAnswer::send(std::string_view name, std::string_view body) const
{
    LockedDirectory locked{core_->directory};
    send(locked, name, host_, body);
}

void SaslAnswer::send(LockedDirectory &locked, std::string_view name, std::string_view sfrom,
                      std::string_view body) const
{
    jabberd_packet packet = reply(name, body);
    packet.sto = view(connection_);
    packet.sfrom = view(sfrom);
    locked.post(packet);
}

jabberd_packet SaslAnswer::reply(std::string_view name, std::string_view body) const
{
    jabberd_packet packet = make_packet(name, {}, {}, {}, body);
    packet.xmlns = view(xmlns_of(profile_));
    if (has_id_)
        packet.id = view(id_);
    return packet;
}

} // namespace jabberd::session_manager
