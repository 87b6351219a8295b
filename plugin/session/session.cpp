// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/session.h"

#include "base/address.h"

#include <utility>

namespace jabberd::session {

namespace {

using stream::Condition;
using stream::StreamError;

bool is_stanza_name(std::string_view name)
{
    return name == "message" || name == "presence" || name == "iq";
}

} // namespace

Session::Session(std::string address, std::string host) : address_(std::move(address)), host_(std::move(host))
{
}

std::variant<Outbound, StreamError> Session::admit(const xml::Stanza &stanza)
{
    jabberd_packet packet = stanza.packet;
    packet.sto = view(sto());
    packet.sfrom = view(address_);
    if (authenticated()) {
        // Only these three ever reach the router: jabberd types packets by their first letter, and <xdb/> or <log/>
        // would be obeyed.
        if (present(stanza.packet.xmlns) || !is_stanza_name(text(stanza.packet.name)))
            return StreamError{Condition::UnsupportedStanzaType, "A stanza is message, presence or iq"};
        // A session manager would take it for one of our returned packets, and deliver what it holds under whatever
        // `from` it claims.
        if (stanza.carries_510)
            return StreamError{Condition::PolicyViolation, "Error 510 is for servers only"};
        return Outbound{packet, {}};
    }

    const AuthKind kind = auth_kind(stanza);
    if (kind == AuthKind::None)
        return StreamError{Condition::NotAuthorized, "Log in first"};
    if (!login_)
        login_ = std::make_unique<Login>();
    if (kind == AuthKind::Login && login_->login_outstanding())
        return StreamError{Condition::PolicyViolation, "One login at a time"};
    if (login_->full())
        return StreamError{Condition::PolicyViolation, "Too many questions at a time"};
    // Nobody yet: a `from` would be believed by whatever serves the name in the stream header, a gateway that takes
    // registrations for one.
    packet.from = {};
    return Outbound{packet, login_->ask(kind, stanza.packet.id)};
}

Meaning Session::receive(jabberd_packet &packet, bool carries_510, std::string &id_storage)
{
    const std::string_view sfrom = text(packet.sfrom);
    if (!owned_by(sfrom))
        return Meaning::NotOwner;
    if (carries_510 && speaks_for_session(packet))
        return Meaning::Disconnected;

    packet.sto = {};
    packet.sfrom = {};
    const std::string_view type = text(packet.type);
    const bool is_answer = text(packet.name) == "iq" && (type == "result" || type == "error");
    auto answer = is_answer && login_ ? login_->answered(text(packet.id)) : std::nullopt;
    if (!answer)
        return Meaning::Pass;

    if (login_->idle())
        login_.reset();
    packet.id = {};
    if (answer->client_id) {
        id_storage = std::move(*answer->client_id);
        packet.id = view(id_storage);
    }
    if (answer->kind != AuthKind::Login)
        return Meaning::Pass;
    if (type == "error") {
        ++failed_logins_;
        return Meaning::LoginFailed;
    }
    if (split_address(sfrom).user.empty())
        return Meaning::Impossible;
    session_id_ = sfrom;
    return Meaning::LoggedIn;
}

// The host never changes: a session manager may accept a login for itself only.
bool Session::owned_by(std::string_view sfrom) const
{
    return same_host(split_address(sfrom).host, host_);
}

// A 510 is the session manager's word only when it comes from the session itself, or from the host. What it merely
// passes on comes from the user's bare address, and there any client may have written <error code='510'/>. Where the
// session id is a bare address too, what was passed on is told by its `from`.
bool Session::speaks_for_session(const jabberd_packet &packet) const
{
    const std::string_view sfrom = text(packet.sfrom);
    if (split_address(sfrom).user.empty())
        return true;
    return sfrom == sto() && (!split_address(sfrom).resource.empty() || !present(packet.from));
}

} // namespace jabberd::session
