// SPDX-License-Identifier: LGPL-2.1-or-later
// <route/>: every packet between socket manager and session manager in an envelope. Its type says what it is about.
//
//   auth      a login or registration, before there is a session; the answer comes back in the same way
//   session   asks for a session, once the login was accepted; the answer's `from` is its address
//   (none)    a stanza
//   error     the session, or the connection, has ended; a stanza inside could not be delivered
#include "dialect/dialect.h"

#include "base/address.h"
#include "base/view.h"
#include "dialect/end_reasons.h"
#include "dialect/envelope.h"
#include "dialect/login_query.h"
#include "dialect/route_sessions.h"
#include "packet/namespaces.h"
#include "packet/packet_with_body.h"
#include "packet/stanza_rules.h"
#include "xml/document.h"
#include "xml/escape.h"
#include "xml/packet_reader.h"
#include "xml/packet_text.h"
#include "xml/stanza.h"

#include <optional>

namespace jabberd::dialect {

namespace {

// Nothing else is ever for a client; least of all another envelope.
bool is_stanza(const xmlNode &element)
{
    return packet::is_stanza_name(xml::name_of(element));
}

bool is_session(std::string_view address)
{
    const Address parts = split_address(address);
    return !parts.user.empty() && !parts.resource.empty();
}

bool is_message(const jabberd_packet &packet)
{
    return text(packet.name) == "message";
}

class RouteDialect final : public Dialect {
public:
    explicit RouteDialect(std::string_view xmlns) : xmlns_(xmlns) {}

    void from_component(const jabberd_packet &packet, Outlet &out) override;
    void from_host(const xmlNode &element, Outlet &out) override;
    void not_taken(const xmlNode &element, Outlet &out) override;
    std::vector<RouteSessions::Known> known() const override { return sessions_.all(); }
    void restore(std::vector<RouteSessions::Known> &&known) override { sessions_.restore(std::move(known)); }

private:
    std::string route(std::string_view type, std::string_view to, std::string_view from,
                      const jabberd_packet *stanza = nullptr) const
    {
        return write_envelope(xmlns_, type, to, from, stanza);
    }

    // A message on its way back: the session manager delivers it anew by its `to`, and crashes where it has none.
    std::string returned_message(jabberd_packet message, std::string_view session, std::string_view connection) const;

    std::optional<std::string> end_session(const jabberd_packet &packet);
    void returned(const jabberd_packet &packet, const packet::HiddenPacket &hidden, Outlet &out);
    void ended(const jabberd_packet &packet, Outlet &out);
    void before_session(const jabberd_packet &packet, Outlet &out);
    void log_in(const jabberd_packet &packet, const Query &query, std::string_view host, Outlet &out);

    void auth_answered(const Envelope &envelope, Outlet &out);
    void session_answered(const Envelope &envelope, Outlet &out);
    void stanza_arrived(const Envelope &envelope, Outlet &out);
    void error_arrived(const Envelope &envelope, Outlet &out);

    const std::string xmlns_;
    RouteSessions sessions_;
};

// What the socket manager is told: it, too, gets a packet with sto and sfrom.
void tell(jabberd_packet packet, std::string_view connection, std::string_view from, Outlet &out)
{
    packet.sto = view(connection);
    packet.sfrom = view(from);
    out.to_component(packet);
}

void drop(const jabberd_packet &packet, std::string_view why, Outlet &out)
{
    out.dropped(text(packet.name), text(packet.sfrom), text(packet.sto), why);
}

// What is in it, if anything is.
void drop(const Envelope &envelope, std::string_view why, Outlet &out)
{
    out.dropped(envelope.content == nullptr ? "route" : xml::name_of(*envelope.content), envelope.from, envelope.to,
                why);
}

// The answer to a question, without its children: a password may be among them.
void refuse(jabberd_packet question, std::string_view code, std::string_view why, Outlet &out)
{
    std::string body = "<error";
    xml::append_attribute(body, "code", code);
    body += '>';
    xml::append_text(body, why);
    body += "</error>";
    question.type = view("error");
    const packet::PacketWithBody answer{question, std::move(body)};
    tell(answer.packet(), text(question.sfrom), text(question.sto), out);
}

// The same for a login, or for what is asked before it; `address` is whom it was for.
void refuse_login(const jabberd_packet &question, std::string_view address, Outlet &out)
{
    out.login_ended({text(question.sfrom), address, false, "406"});
    refuse(question, "406", "Not Acceptable", out);
}

std::string_view code_of(const xmlNode &stanza)
{
    for (const xmlNode *child = stanza.children; child != nullptr; child = child->next) {
        if (child->type == XML_ELEMENT_NODE && xml::name_of(*child) == "error")
            return xml::attribute(child, "code");
    }
    return {};
}

std::string RouteDialect::returned_message(jabberd_packet message, std::string_view session,
                                           std::string_view connection) const
{
    if (text(message.to).empty())
        message.to = view(bare_address(session));
    return route("error", session, connection, &message);
}

void RouteDialect::from_component(const jabberd_packet &packet, Outlet &out)
{
    if (!present(packet.sto)) { // an error for a client that wrote to the socket manager as if it were a user
        jabberd_packet stanza = packet;
        if (!xmlns_.empty() && !present(stanza.xmlns))
            stanza.xmlns = view(xmlns_);
        std::string element;
        xml::append_packet(element, stanza);
        return out.to_host(std::move(element));
    }
    if (text(packet.type) == "error" && packet::is_disconnected(packet)) {
        const auto hidden = packet::hidden_packet(packet);
        if (hidden)
            return returned(packet, *hidden, out);
        return ended(packet, out);
    }
    if (split_address(text(packet.sto)).user.empty())
        return before_session(packet, out);
    const auto session = sessions_.of(text(packet.sfrom));
    if (!session) // and the socket manager has been told
        return drop(packet, "its session has ended", out);
    out.to_host(route("", session->address, text(packet.sfrom), &packet));
}

// The session that a 510 is about: the connection's, by either of its names, or the one that the returned packet was
// of. Only ever a session: an address without a resource would mean all of the user's.
std::optional<std::string> RouteDialect::end_session(const jabberd_packet &packet)
{
    if (auto session = sessions_.end(text(packet.sfrom), text(packet.sto)))
        return std::move(session->address);
    if (auto address = sessions_.ended(text(packet.sfrom), text(packet.sto)))
        return address;
    if (!is_session(text(packet.sto)))
        return std::nullopt; // the answer to a question before login
    return std::string{text(packet.sto)};
}

// A message goes to another session of the user, or offline. The session manager ends the session as well: its client
// is gone.
void RouteDialect::returned(const jabberd_packet &packet, const packet::HiddenPacket &hidden, Outlet &out)
{
    const auto session = end_session(packet);
    if (!session)
        return drop(packet, "its connection is gone, and there is no session that it could be returned to", out);
    if (!is_message(packet))
        return out.to_host(route("error", *session, text(packet.sfrom)));
    jabberd_packet original = packet;
    original.type = hidden.type ? view(*hidden.type) : jabberd_view{};
    original.body = view(hidden.body);
    out.to_host(returned_message(original, *session, text(packet.sfrom)));
}

// Or a packet that was nothing but its name has come back.
void RouteDialect::ended(const jabberd_packet &packet, Outlet &out)
{
    if (const auto session = end_session(packet))
        out.to_host(route("error", *session, text(packet.sfrom)));
}

void RouteDialect::before_session(const jabberd_packet &packet, Outlet &out)
{
    const std::string host{text(packet.sto)};
    const bool set = text(packet.type) == "set";
    const auto query = text(packet.name) == "iq" ? query_of(packet) : std::nullopt;
    if (query && query->xmlns == packet::ns::iq_auth && set)
        return log_in(packet, *query, host, out);
    if (!query || !query->is_of_login()) {
        // The question what to offer, for one: these session managers know jabber:iq:auth only.
        if (text(packet.type) == "get" || set)
            return refuse(packet, "501", "Not Implemented", out);
        return drop(packet, "it is no question that can be asked before login", out);
    }
    const bool names_user = query->xmlns == packet::ns::iq_auth || set;
    if (!names_user || query->username.empty())
        return out.to_host(route("auth", host, text(packet.sfrom), &packet));
    if (!is_username(query->username))
        return refuse_login(packet, host, out);
    out.to_host(route("auth", query->username + '@' + host, text(packet.sfrom), &packet));
}

void RouteDialect::log_in(const jabberd_packet &packet, const Query &query, std::string_view host, Outlet &out)
{
    const std::string user = is_username(query.username) ? query.username + '@' : "";
    const std::string wanted = user + std::string{host} + '/' + query.resource;
    if (user.empty() || query.resource.empty()) // XEP-0078 §4
        return refuse_login(packet, wanted, out);
    const std::string connection{text(packet.sfrom)};
    if (const auto left = sessions_.ask_login(connection, text(packet.id), wanted))
        out.to_host(route("error", left->address, left->connection));
    out.to_host(route("auth", wanted, connection, &packet));
}

void RouteDialect::from_host(const xmlNode &element, Outlet &out)
{
    if (xml::name_of(element) != "route") {
        const OwnedPacket packet = xml::read_packet(element);
        // sto and sfrom mean nothing to this host, which passes on what any user wrote there. A packet without them is
        // of no session manager, and the socket manager does not take it.
        return out.to_component(packet::without_session(packet.packet()));
    }
    const Envelope envelope{element};
    if (envelope.to.empty() || envelope.from.empty())
        return drop(envelope, "its envelope has no address", out);
    if (envelope.surplus != nullptr)
        out.dropped(xml::name_of(*envelope.surplus), envelope.from, envelope.to,
                    "its envelope holds another one already");
    if (envelope.type == "auth")
        return auth_answered(envelope, out);
    if (envelope.type == "session")
        return session_answered(envelope, out);
    if (envelope.type == "error")
        return error_arrived(envelope, out);
    stanza_arrived(envelope, out);
}

// The host reads no address in the user's name, or in the resource, of what we asked: later versions allow less in them
// than XML does (RFC 3920, appendices A and B).
void RouteDialect::not_taken(const xmlNode &element, Outlet &out)
{
    const Envelope envelope{element};
    const std::string_view connection = envelope.from;
    if (envelope.type != "auth" || envelope.content == nullptr || sessions_.of(connection))
        return;
    OwnedPacket packet = xml::read_packet(*envelope.content);
    sessions_.login_answered(connection, text(packet.packet().id), false, packet);
    jabberd_packet question = packet.packet();
    question.sfrom = view(connection);
    question.sto = view(split_address(envelope.to).host);
    refuse_login(question, bare_address(envelope.to), out);
}

// Only the answer to the one login that is outstanding opens a session, and it opens it for the address that the login
// was sent for: stock socket managers take any result with the right id, so that asking which fields there are, under
// the id of a login that failed, logged in as any user. Where the answer comes from does not matter: a session manager
// may have passed the login on to another component (<auth> in jsm's configuration), and only those two have seen its
// id.
void RouteDialect::auth_answered(const Envelope &envelope, Outlet &out)
{
    const std::string connection{envelope.to};
    const xmlNode *stanza = envelope.content;
    if (stanza == nullptr || !is_stanza(*stanza))
        return drop(envelope, "it answers no question", out);
    OwnedPacket answer = xml::read_packet(*stanza);
    const std::string_view type = text(answer.packet().type);
    // What is no iq makes no sense as an answer, and the socket manager ends the stream for it.
    const bool accepted = xml::name_of(*stanza) == "iq" && type == "result";
    const std::string id{text(answer.packet().id)};
    if (sessions_.accepted(connection, id))
        return drop(envelope, "the login has been answered already", out);
    // The session manager has written its own addresses on the stanza; the client asked for none.
    const auto wanted = sessions_.login_answered(connection, id, accepted, answer);
    if (wanted && accepted)
        return out.to_host(route("session", *wanted, connection));
    if (type == "error" && !sessions_.of(connection)) {
        out.login_ended({connection, wanted ? *wanted : bare_address(envelope.from), false, code_of(*stanza)});
    }
    jabberd_packet stripped = answer.packet();
    stripped.to = stripped.from = {};
    tell(stripped, connection, split_address(envelope.from).host, out);
}

void RouteDialect::session_answered(const Envelope &envelope, Outlet &out)
{
    const std::string connection{envelope.to};
    const std::string address{envelope.from};
    if (sessions_.relation(connection, address) == RouteSessions::Relation::Its)
        return drop(envelope, "the session has begun already", out);
    const auto begun = sessions_.begin(connection, address);
    if (!begun && !is_session(address))
        return drop(envelope, "it begins a session, and does not name it", out);
    if (!begun) // its connection does not wait for it any more
        return out.to_host(route("error", address, connection));
    out.login_ended({connection, begun->id, true, {}});
    jabberd_packet result = begun->result.packet();
    result.to = result.from = {};
    tell(result, connection, begun->id, out);
}

// What the session passes on is from its user's bare address: any client may have written <error code='510'/> into it,
// and only the session's own word ends a stream. For a connection without a session the stanza is returned by the
// socket manager, behind what that had not written yet and returns as well: they keep their order. What is for another
// session than the connection has, or is about to have, is returned from here.
void RouteDialect::stanza_arrived(const Envelope &envelope, Outlet &out)
{
    const std::string connection{envelope.to};
    const std::string address{envelope.from};
    const xmlNode *stanza = envelope.content;
    if (stanza == nullptr || !is_stanza(*stanza))
        return drop(envelope, "it is no stanza", out);
    const OwnedPacket packet = xml::read_packet(*stanza);
    const auto session = sessions_.of(connection);
    if (session && session->address == address)
        return tell(packet.packet(), connection, bare_address(session->id), out);
    if (sessions_.relation(connection, address) == RouteSessions::Relation::Unknown)
        return tell(packet.packet(), connection, address, out);
    if (!is_session(address))
        return drop(envelope, "it is of no session", out);
    out.sent_back(xml::name_of(*stanza), address, connection);
    out.to_host(is_message(packet.packet()) ? returned_message(packet.packet(), address, connection)
                                            : route("error", address, connection));
}

void RouteDialect::error_arrived(const Envelope &envelope, Outlet &out)
{
    const std::string connection{envelope.to};
    const std::string_view from = envelope.from;
    const std::string_view host = split_address(from).host;
    const std::string_view why = envelope.error;
    const xmlNode *stanza = envelope.content;
    const bool its = sessions_.relation(connection, from) == RouteSessions::Relation::Its;
    // No session for an accepted login; or a question that was returned, because no component answers for that name.
    OwnedPacket question = its ? OwnedPacket{} : sessions_.fail_login(connection, host);
    bool is_of_login = static_cast<bool>(question);
    if (!its && !question && !sessions_.of(connection) && stanza != nullptr && xml::name_of(*stanza) == "iq") {
        question = xml::read_packet(*stanza);
        const auto query = query_of(question.packet());
        is_of_login = query && query->is_of_login();
        sessions_.login_answered(connection, text(question.packet().id), false, question);
    }
    if (!question && stanza != nullptr) // what the client has sent to a session that was none any more
        drop(envelope, "it was not delivered: " + std::string{why.empty() ? "no reason given" : why}, out);
    if (const auto session = its ? sessions_.end(connection, from) : std::nullopt) {
        const packet::EndReason end = end_of_session(why, stanza != nullptr, sessions_.in_use(session->id));
        return out.to_component(packet::EndNotice{connection, session->id, end}.packet());
    }
    if (!question)
        return;
    if (stanza != nullptr && is_of_login) { // stock socket managers end the stream, too
        out.login_ended({connection, from, false, "503"});
        return out.to_component(packet::EndNotice{connection, host, end_of_question(why)}.packet());
    }
    jabberd_packet refused = question.packet();
    refused.to = refused.from = {};
    refused.sto = view(host);
    refused.sfrom = view(connection);
    if (is_of_login)
        out.login_ended({connection, from, false, "503"});
    refuse(refused, "503", why.empty() ? "Service Unavailable" : why, out);
}

} // namespace

std::unique_ptr<Dialect> make_route_dialect(std::string_view xmlns)
{
    return std::make_unique<RouteDialect>(xmlns);
}

} // namespace jabberd::dialect
