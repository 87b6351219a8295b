// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenarios/classic/route_session_manager.h"

#include "base/address.h"
#include "base/view.h"
#include "support/packet_from_xml.h"
#include "xml/escape.h"
#include "xml/packet_text.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

namespace jabberd::test {

namespace {

std::string as_xml(const jabberd_packet &packet)
{
    std::string out;
    xml::append_packet(out, packet);
    return out;
}

std::string route(std::string_view type, std::string_view from, std::string_view to, std::string_view inside,
                  std::string_view error = {})
{
    std::string out = "<route";
    if (!type.empty())
        xml::append_attribute(out, "type", type);
    if (!error.empty())
        xml::append_attribute(out, "error", error);
    if (!from.empty())
        xml::append_attribute(out, "from", from);
    xml::append_attribute(out, "to", to);
    return out.append(">").append(inside).append("</route>");
}

std::string stanza_of(jabberd_packet packet)
{
    packet.sto = packet.sfrom = {};
    return as_xml(packet);
}

std::string session_packet(jabberd_packet packet, std::string_view sto, std::string_view sfrom)
{
    packet.sto = view(sto);
    packet.sfrom = view(sfrom);
    return as_xml(packet);
}

std::string notice(std::string_view sto, std::string_view sfrom)
{
    std::string out = "<message type='error'";
    xml::append_attribute(out, "sto", sto);
    xml::append_attribute(out, "sfrom", sfrom);
    return out + "><error code='510'>Disconnected</error></message>";
}

// The 510 in a canonical body: where it stands, the type that it hides, and what it says.
struct Ending {
    std::size_t begin, size;
    std::optional<std::string> hidden_type;
    std::string text;
};

std::optional<Ending> ending_in(std::string_view body)
{
    const auto code = std::min(body.find(" code='510'"), body.find(" code=\"510\""));
    if (code == std::string_view::npos)
        return std::nullopt;
    const auto begin = body.rfind("<error", code);
    const auto open = body.find('>', code);
    if (begin == std::string_view::npos || open == std::string_view::npos)
        return std::nullopt;
    Ending ending{begin, open + 1 - begin, std::nullopt, ""};
    const std::string_view tag = body.substr(begin, open - begin);
    if (const auto type = tag.find(" type="); type != std::string_view::npos)
        ending.hidden_type = tag.substr(type + 7, tag.find(tag[type + 6], type + 7) - type - 7);
    if (!tag.ends_with('/')) {
        const auto close = body.find("</error>", open);
        ending.text = body.substr(open + 1, close - open - 1);
        ending.size = close + 8 - begin;
    }
    return ending;
}

// Stanzas are from somebody's bare address; only a session itself, or its host, says that it has ended.
bool is_bare(std::string_view name)
{
    const Address address = split_address(name);
    return !address.user.empty() && address.resource.empty();
}

bool is_login(const jabberd_packet &packet)
{
    return text(packet.type) == "set" && text(packet.body).find("jabber:iq:auth") != std::string_view::npos;
}

} // namespace

RouteSessionManager::Said RouteSessionManager::hears(const jabberd_packet &element)
{
    const std::lock_guard lock{mutex_};
    Said said;
    const std::string_view type = text(element.type);
    if (text(element.name) != "route")
        said.packets.push_back(as_xml(element));
    else if (type == "auth")
        hears_question(element, said);
    else if (type == "session")
        hears_session(element, said);
    else if (type == "error")
        hears_error(element, said);
    else
        hears_stanza(element, said);
    return said;
}

void RouteSessionManager::hears_question(const jabberd_packet &route, Said &said)
{
    const OwnedPacket question = packet_from_xml(text(route.body));
    Connection &connection = connections_[std::string{text(route.from)}];
    connection.asked = text(route.to);
    if (is_login(question.packet()))
        connection.login = text(question.packet().id);
    said.packets.push_back(session_packet(question.packet(), split_address(connection.asked).host, text(route.from)));
}

void RouteSessionManager::hears_session(const jabberd_packet &request, Said &said)
{
    const std::string name{text(request.from)};
    Connection &connection = connections_[name];
    if (connection.accepted.empty() || connection.asked != text(request.to) || !text(request.body).empty()) {
        said.packets.push_back(as_xml(request));
        return;
    }
    connection.session = new_address(connection.accepted);
    sessions_[connection.session] = {connection.accepted, connection.accepted, true};
    connection.accepted.clear();
    connection.asked.clear();
    said.routes.push_back(route("session", connection.session, name, ""));
    for (const OwnedPacket &packet : std::exchange(connection.later, {}))
        say_stanza(packet.packet(), said);
}

void RouteSessionManager::hears_stanza(const jabberd_packet &route, Said &said)
{
    const auto session = sessions_.find(std::string{text(route.to)});
    if (session == sessions_.end() || !session->second.live ||
        connections_[std::string{text(route.from)}].session != session->first) {
        said.packets.push_back(as_xml(route));
        return;
    }
    const OwnedPacket stanza = packet_from_xml(text(route.body));
    said.packets.push_back(session_packet(stanza.packet(), session->second.name, text(route.from)));
}

// The connection is gone, and with it the session, whatever is inside.
void RouteSessionManager::hears_error(const jabberd_packet &route, Said &said)
{
    const auto found = sessions_.find(std::string{text(route.to)});
    if (found == sessions_.end()) {
        said.packets.push_back(as_xml(route));
        return;
    }
    Session &session = found->second;
    if (!text(route.body).empty()) {
        const OwnedPacket inside = packet_from_xml(text(route.body));
        jabberd_packet returned = inside.packet();
        std::string body{text(returned.body)};
        body += "<error code='510'";
        if (present(returned.type))
            xml::append_attribute(body, "type", text(returned.type));
        body += ">Disconnected</error>";
        returned.type = view("error");
        returned.body = view(body);
        said.packets.push_back(session_packet(returned, session.spoken_name, text(route.from)));
        if (!session.live)
            return;
    }
    session.live = false;
    said.packets.push_back(notice(session.name, text(route.from)));
}

RouteSessionManager::Said RouteSessionManager::says(const jabberd_packet &packet)
{
    const std::lock_guard lock{mutex_};
    Said said;
    if (!present(packet.sto)) {
        said.routes.push_back(as_xml(packet));
        return said;
    }
    Connection &connection = connections_[std::string{text(packet.sto)}];
    const auto session = sessions_.find(connection.session);
    if (ending_in(text(packet.body)) && !is_bare(text(packet.sfrom)))
        say_end(packet, said);
    else if (session != sessions_.end() && session->second.live)
        say_stanza(packet, said);
    else if (!connection.accepted.empty())
        connection.later.emplace_back(packet);
    else if (!connection.asked.empty())
        answer(connection, packet, said);
    else
        say_stanza(packet, said);
    return said;
}

// Under the address that was asked, if it is that host's answer.
void RouteSessionManager::answer(Connection &connection, const jabberd_packet &packet, Said &said)
{
    const std::string_view name = text(packet.sfrom);
    const bool own = same_host(split_address(name).host, split_address(connection.asked).host);
    if (own && !connection.login.empty() && text(packet.id) == connection.login) {
        connection.login.clear();
        if (text(packet.type) == "result")
            connection.accepted = name;
    }
    said.routes.push_back(route("auth", own ? connection.asked : name, text(packet.sto), stanza_of(packet)));
}

void RouteSessionManager::say_stanza(const jabberd_packet &packet, Said &said)
{
    const std::string address = address_for(connections_[std::string{text(packet.sto)}], text(packet.sfrom));
    sessions_[address].spoken_name = text(packet.sfrom);
    said.routes.push_back(route("", address, text(packet.sto), stanza_of(packet)));
}

// With what has come back from the host, if that is why.
void RouteSessionManager::say_end(const jabberd_packet &packet, Said &said)
{
    Connection &connection = connections_[std::string{text(packet.sto)}];
    const std::string address =
        connection.asked.empty() ? address_for(connection, text(packet.sfrom)) : connection.asked;
    if (const auto session = sessions_.find(address); session != sessions_.end())
        session->second.live = false;
    std::string body{text(packet.body)};
    const Ending ending = *ending_in(body);
    body.erase(ending.begin, ending.size);
    jabberd_packet original = packet;
    original.body = view(body);
    original.type = ending.hidden_type ? view(*ending.hidden_type) : jabberd_view{};
    said.routes.push_back(
        route("error", address, text(packet.sto), body.empty() ? "" : stanza_of(original), ending.text));
}

// The session's own, for every name that means it; for others one is made, as the session manager of a real host has
// one for whatever speaks.
std::string RouteSessionManager::address_for(Connection &connection, std::string_view name)
{
    const Address address = split_address(name);
    if (const auto session = sessions_.find(connection.session); session != sessions_.end()) {
        const Address own = split_address(session->second.name);
        const bool whole = name == session->second.name;
        const bool part = address.resource.empty() && (address.user.empty() || address.user == own.user);
        if (whole || (part && same_host(address.host, own.host)))
            return connection.session;
    }
    if (!is_bare(name)) {
        sessions_.try_emplace(std::string{name}, Session{std::string{name}, std::string{name}});
        return std::string{name};
    }
    const std::string made = new_address(name);
    sessions_[made] = {std::string{name}, std::string{name}};
    return made;
}

std::string RouteSessionManager::new_address(std::string_view user)
{
    char resource[16];
    std::snprintf(resource, sizeof resource, "%x", ++last_);
    return std::string{bare_address(user)} + '/' + resource;
}

} // namespace jabberd::test
