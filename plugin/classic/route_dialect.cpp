// SPDX-License-Identifier: LGPL-2.1-or-later
// <route/>: every packet between socket manager and session manager in an envelope. Its type says what it is about.
//
//   auth      a login or registration, before there is a session; the answer comes back in the same way
//   session   asks for a session, once the login was accepted; the answer's `from` is its address
//   (none)    a stanza
//   error     the session, or the connection, has ended; a stanza inside could not be delivered
#include "classic/dialect.h"

#include "base/address.h"
#include "base/view.h"
#include "classic/route_sessions.h"
#include "packet/namespaces.h"
#include "packet/notice.h"
#include "packet/stanza_rules.h"
#include "xml/document.h"
#include "xml/escape.h"
#include "xml/packet_reader.h"
#include "xml/packet_text.h"
#include "xml/stanza.h"

#include <optional>

namespace jabberd::classic {

namespace {

// What an iq is about, before there is a session.
struct Query {
    std::string xmlns, username, resource;
};

std::optional<Query> query_of(const jabberd_packet &packet)
{
    const auto document = xml::parse_body(text(packet.body));
    const xmlNode *query = document ? xmlFirstElementChild(xmlDocGetRootElement(document.get())) : nullptr;
    if (query == nullptr)
        return std::nullopt;
    Query found{std::string{xml::namespace_of(*query)}, "", ""};
    const auto content = [&](std::string_view name) {
        const xmlNode *child = xml::child(query, name, found.xmlns);
        return child == nullptr ? std::string{} : xml::content(child);
    };
    found.username = content("username");
    found.resource = content("resource");
    return found;
}

bool is_login_query(const std::optional<Query> &query)
{
    return query && (query->xmlns == packet::ns::iq_auth || query->xmlns == packet::ns::iq_register);
}

// It becomes part of an address, and must not become more of it than a name.
bool is_username(std::string_view name)
{
    constexpr std::size_t longest = 64; // 1.4.3 cuts it there, and would find somebody else
    for (const char c : name) {
        if (static_cast<unsigned char>(c) <= ' ' || std::string_view{":@<>'\"&/\x7f"}.find(c) != std::string_view::npos)
            return false;
    }
    return !name.empty() && name.size() <= longest;
}

const xmlNode *stanza_in(const xmlNode &route)
{
    return xmlFirstElementChild(const_cast<xmlNode *>(&route));
}

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
    void came_back(const xmlNode &element, Outlet &out) override;

private:
    // An empty type is left out; `stanza` may be null.
    std::string route(std::string_view type, std::string_view to, std::string_view from,
                      const jabberd_packet *stanza = nullptr) const;

    // A message on its way back: the session manager delivers it anew by its `to`, and crashes where it has none.
    std::string returned_message(jabberd_packet message, std::string_view session, std::string_view connection) const;

    std::optional<std::string> end_session(const jabberd_packet &packet);
    void returned(const jabberd_packet &packet, const packet::HiddenPacket &hidden, Outlet &out);
    void ended(const jabberd_packet &packet, Outlet &out);
    void before_session(const jabberd_packet &packet, Outlet &out);
    void log_in(const jabberd_packet &packet, const Query &query, std::string_view host, Outlet &out);

    void auth_answered(const xmlNode &route, Outlet &out);
    void session_answered(const xmlNode &route, Outlet &out);
    void stanza_came(const xmlNode &route, Outlet &out);
    void error_came(const xmlNode &route, Outlet &out);

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
void drop(const xmlNode &route, std::string_view why, Outlet &out)
{
    const xmlNode *stanza = stanza_in(route);
    out.dropped(xml::name_of(stanza == nullptr ? route : *stanza), xml::attribute(&route, "from"),
                xml::attribute(&route, "to"), why);
}

void refuse(const jabberd_packet &question, std::string_view code, std::string_view why, Outlet &out)
{
    jabberd_packet answer = question;
    std::string body = "<error"; // without the question: a password may be in it
    xml::append_attribute(body, "code", code);
    body += '>';
    xml::append_text(body, why);
    body += "</error>";
    answer.type = view("error");
    answer.body = view(body);
    tell(answer, text(question.sfrom), text(question.sto), out);
}

// The same for a login, or for what is asked before it; `address` is whom it was for.
void refuse_login(const jabberd_packet &question, std::string_view address, Outlet &out)
{
    out.login_ended({text(question.sfrom), address, false, "406"});
    refuse(question, "406", "Not Acceptable", out);
}

bool is_of_link(std::string_view why)
{
    return why.find("not connected") != std::string_view::npos || why == "Internal Timeout" ||
           why == "External Server Error";
}

// Why a session has ended is told by what is in the envelope more than by its text, which later versions translate. The
// client's own stanza: no session manager has taken it. Nothing: the session manager has ended the session, and gives
// no reason.
packet::EndReason end_of_session(std::string_view why, bool undelivered, bool replaced)
{
    if (!undelivered) {
        return replaced ? packet::EndReason{"conflict", "The session was ended: a newer login has its name"}
                        : packet::EndReason{"reset", "The session manager has ended the session"};
    }
    if (why == "Invalid Session" || why == "Invalid User")
        return {"reset", "The session manager does not know this session any more"};
    return {"remote-connection-failed", "The session manager cannot be reached"};
}

packet::EndReason end_of_question(std::string_view why)
{
    if (is_of_link(why))
        return {"remote-connection-failed", "The session manager cannot be reached"};
    return {"host-unknown", "Nobody of that name is served here"};
}

std::string_view code_of(const xmlNode &stanza)
{
    for (const xmlNode *child = stanza_in(stanza); child != nullptr; child = child->next) {
        if (xml::name_of(*child) == "error")
            return xml::attribute(child, "code");
    }
    return {};
}

std::string RouteDialect::route(std::string_view type, std::string_view to, std::string_view from,
                                const jabberd_packet *stanza) const
{
    std::string out = "<route";
    if (!xmlns_.empty())
        xml::append_attribute(out, "xmlns", xmlns_);
    if (!type.empty())
        xml::append_attribute(out, "type", type);
    xml::append_attribute(out, "to", to);
    xml::append_attribute(out, "from", from);
    if (stanza == nullptr)
        return out += "/>";
    jabberd_packet inside = *stanza;
    inside.sto = inside.sfrom = {};
    out += '>';
    xml::append_packet(out, inside);
    return out += "</route>";
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
    if (!present(packet.sto)) { // an error for whoever wrote to the socket manager as if it were a user
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
    if (!is_login_query(query)) {
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
        jabberd_packet stray = packet.packet();
        // They mean nothing to this host, which passes on what any user wrote there. Without them it is nobody's word,
        // and the socket manager does not take it.
        stray.sto = stray.sfrom = {};
        return out.to_component(stray);
    }
    if (xml::attribute(&element, "to").empty() || xml::attribute(&element, "from").empty())
        return drop(element, "its envelope has no address", out);
    if (const xmlNode *first = stanza_in(element);
        first != nullptr && xmlNextElementSibling(const_cast<xmlNode *>(first)) != nullptr)
        out.dropped(xml::name_of(*xmlNextElementSibling(const_cast<xmlNode *>(first))),
                    xml::attribute(&element, "from"), xml::attribute(&element, "to"),
                    "its envelope holds another one already");
    const std::string_view type = xml::attribute(&element, "type");
    if (type == "auth")
        return auth_answered(element, out);
    if (type == "session")
        return session_answered(element, out);
    if (type == "error")
        return error_came(element, out);
    stanza_came(element, out);
}

// The host reads no address in the user's name, or in the resource, of what we asked: later versions allow less in them
// than XML does (RFC 3920, appendices A and B).
void RouteDialect::came_back(const xmlNode &element, Outlet &out)
{
    const std::string_view connection = xml::attribute(&element, "from");
    const std::string_view to = xml::attribute(&element, "to");
    const xmlNode *stanza = stanza_in(element);
    if (xml::attribute(&element, "type") != "auth" || stanza == nullptr || sessions_.of(connection))
        return;
    OwnedPacket packet = xml::read_packet(*stanza);
    sessions_.login_answered(connection, text(packet.packet().id), false, packet);
    jabberd_packet question = packet.packet();
    question.sfrom = view(connection);
    question.sto = view(split_address(to).host);
    refuse_login(question, bare_address(to), out);
}

// Only the answer to the one login that is outstanding opens a session, and it opens it for the address that the login
// was sent for: stock socket managers take any result with the right id, so that asking which fields there are, under
// the id of a login that failed, logged in as anybody. Who answers is not asked: a session manager may have passed the
// login on to somebody else (<auth> in jsm's configuration), and nobody but those two has seen its id.
void RouteDialect::auth_answered(const xmlNode &route_element, Outlet &out)
{
    const std::string connection{xml::attribute(&route_element, "to")};
    const xmlNode *stanza = stanza_in(route_element);
    if (stanza == nullptr || !is_stanza(*stanza))
        return drop(route_element, "it answers no question", out);
    OwnedPacket answer = xml::read_packet(*stanza);
    const std::string_view type = text(answer.packet().type);
    // What is no iq makes no sense as an answer, and the socket manager ends the stream for it.
    const bool accepted = xml::name_of(*stanza) == "iq" && type == "result";
    const std::string id{text(answer.packet().id)};
    if (sessions_.accepted(connection, id))
        return drop(route_element, "the login has been answered already", out);
    // The session manager has written its own addresses on the stanza; the client asked for none.
    const auto wanted = sessions_.login_answered(connection, id, accepted, answer);
    if (wanted && accepted)
        return out.to_host(route("session", *wanted, connection));
    if (type == "error" && !sessions_.of(connection)) {
        const std::string_view from = xml::attribute(&route_element, "from");
        out.login_ended({connection, wanted ? *wanted : bare_address(from), false, code_of(*stanza)});
    }
    jabberd_packet stripped = answer.packet();
    stripped.to = stripped.from = {};
    tell(stripped, connection, split_address(xml::attribute(&route_element, "from")).host, out);
}

void RouteDialect::session_answered(const xmlNode &route_element, Outlet &out)
{
    const std::string connection{xml::attribute(&route_element, "to")};
    const std::string address{xml::attribute(&route_element, "from")};
    if (sessions_.relation(connection, address) == RouteSessions::Relation::Its)
        return drop(route_element, "the session has begun already", out);
    const auto begun = sessions_.begin(connection, address);
    if (!begun && !is_session(address))
        return drop(route_element, "it begins a session, and does not name it", out);
    if (!begun) // nobody waits for it any more
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
void RouteDialect::stanza_came(const xmlNode &route_element, Outlet &out)
{
    const std::string connection{xml::attribute(&route_element, "to")};
    const std::string address{xml::attribute(&route_element, "from")};
    const xmlNode *stanza = stanza_in(route_element);
    if (stanza == nullptr || !is_stanza(*stanza))
        return drop(route_element, "it is no stanza", out);
    const OwnedPacket packet = xml::read_packet(*stanza);
    const auto session = sessions_.of(connection);
    if (session && session->address == address)
        return tell(packet.packet(), connection, bare_address(session->id), out);
    if (sessions_.relation(connection, address) == RouteSessions::Relation::Unknown)
        return tell(packet.packet(), connection, address, out);
    if (!is_session(address))
        return drop(route_element, "it is of no session", out);
    out.sent_back(xml::name_of(*stanza), address, connection);
    out.to_host(is_message(packet.packet()) ? returned_message(packet.packet(), address, connection)
                                            : route("error", address, connection));
}

void RouteDialect::error_came(const xmlNode &route_element, Outlet &out)
{
    const std::string connection{xml::attribute(&route_element, "to")};
    const std::string_view from = xml::attribute(&route_element, "from");
    const std::string_view host = split_address(from).host;
    const std::string_view why = xml::attribute(&route_element, "error");
    const xmlNode *stanza = stanza_in(route_element);
    const bool its = sessions_.relation(connection, from) == RouteSessions::Relation::Its;
    // No session for an accepted login; or a question that was returned, because nobody answers for that name.
    OwnedPacket question = its ? OwnedPacket{} : sessions_.fail_login(connection, host);
    bool is_of_login = static_cast<bool>(question);
    if (!its && !question && !sessions_.of(connection) && stanza != nullptr && xml::name_of(*stanza) == "iq") {
        question = xml::read_packet(*stanza);
        is_of_login = is_login_query(query_of(question.packet()));
        sessions_.login_answered(connection, text(question.packet().id), false, question);
    }
    if (!question && stanza != nullptr) // what the client has sent to a session that was none any more
        drop(route_element, "it was not delivered: " + std::string{why.empty() ? "no reason given" : why}, out);
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
    std::string body = "<error code='503'>";
    xml::append_text(body, why.empty() ? "Service Unavailable" : why);
    body += "</error>";
    jabberd_packet answer = question.packet();
    answer.to = answer.from = {};
    answer.type = view("error");
    answer.body = view(body);
    if (is_of_login)
        out.login_ended({connection, from, false, "503"});
    tell(answer, connection, host, out);
}

} // namespace

std::unique_ptr<Dialect> make_route_dialect(std::string_view xmlns)
{
    return std::make_unique<RouteDialect>(xmlns);
}

} // namespace jabberd::classic
