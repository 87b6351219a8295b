// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/session_ledger.h"

#include "base/address.h"
#include "base/view.h"
#include "packet/notice.h"
#include "support/heard.h"
#include "xml/packet_text.h"

#include <algorithm>

namespace jabberd::fuzz {

namespace {

// Seats whose connections have names that no socket manager gives: those of other things.
constexpr std::string_view odd_names[] = {"", "foo.com", "alice@foo.com/home", "<&'\">@c2s/\""};

std::string name_of(std::size_t seat, unsigned before)
{
    if (seat >= seats - std::size(odd_names))
        return std::string{odd_names[seat - (seats - std::size(odd_names))]};
    return std::to_string(seat) + "@c2s/" + std::to_string(before);
}

std::string bare(std::string_view address)
{
    return std::string{bare_address(address)};
}

bool is_user(std::string_view address)
{
    return address.find('@') != std::string_view::npos;
}

std::string shown(const jabberd_packet &packet)
{
    std::string out;
    xml::append_packet(out, packet);
    return out;
}

bool is_sasl_of_client(const jabberd_packet &packet)
{
    const std::string_view name = text(packet.name), xmlns = text(packet.xmlns);
    return (xmlns == "urn:ietf:params:xml:ns:xmpp-sasl" || xmlns == "urn:xmpp:sasl:2") &&
           (name == "auth" || name == "authenticate" || name == "response" || name == "abort");
}

bool is_request(const jabberd_packet &packet)
{
    return text(packet.name) == "iq" && (text(packet.type) == "get" || text(packet.type) == "set");
}

} // namespace

SessionLedger::SessionLedger()
{
    for (std::size_t i = 0; i < seats; ++i)
        connections_[names_[i] = name_of(i, 0)];
    for (std::size_t i = 0; i < std::size(accounts); ++i)
        passwords_[std::string{accounts[i]}] = {std::string{secrets[i]}};
}

SessionLedger::Seat SessionLedger::seat(std::size_t number) const
{
    const std::lock_guard lock{mutex_};
    const std::string &name = names_.at(number);
    return {name, connections_.at(name).connected_to};
}

std::vector<std::string> SessionLedger::sessions() const
{
    const std::lock_guard lock{mutex_};
    return sessions_;
}

void SessionLedger::sends(std::size_t seat, const jabberd_packet &packet, const Asked &asked, unsigned number)
{
    const std::lock_guard lock{mutex_};
    Request &request = requests_[id_of(number)];
    request.counted = is_request(packet) || is_sasl_of_client(packet);
    secrets_.insert(asked.written.begin(), asked.written.end());
    if (seat >= seats)
        return;
    Connection &connection = connections_.at(request.connection = names_.at(seat));
    const std::string sto{text(packet.sto)};
    request.connected_to = sto;
    request.owed = request.counted && present(packet.id) && sto == connection.connected_to &&
                   (is_request(packet) || !is_user(sto));
    if (asked.use == Asked::Use::Proof)
        connection.said.insert(asked.secret);
    // A password that it may have from now on, beside those of before, where these are known; or one that is not.
    const auto known = passwords_.find(bare(sto));
    if (known != passwords_.end() && connection.owned.contains(known->first) &&
        text(packet.body).find("jabber:iq:register") != std::string_view::npos) {
        if (asked.use == Asked::Use::Account)
            known->second.insert(asked.secret);
        else if (is_request(packet) && text(packet.type) == "set")
            passwords_.erase(known);
    }
    if (text(packet.name) == "message" && packet::is_disconnected(packet))
        connection.ended = true;
    if (connection.ended) {
        connection.once_ended = true;
        const std::string next = names_[seat] = name_of(seat, ++ended_[seat]);
        connections_[next].connected_to = "foo.com";
        connections_[next].ended = false;
    }
}

void SessionLedger::receives(const jabberd_packet &packet)
{
    const std::lock_guard lock{mutex_};
    if (present(packet.sto) != present(packet.sfrom))
        fail("sto and sfrom are not both there", packet);
    const std::string out = shown(packet);
    if (const test::Heard heard = test::hear(out); heard.fault != xml::Fault::None || heard.events.size() != 1)
        fail("not well-formed", packet);
    const auto request = requests_.find(std::string{text(packet.id)});
    const bool goes_back = request != requests_.end() && request->second.connection == text(packet.sto);
    if (!goes_back) // an error shows its sender what it sent
        holds_no_secret(out, "a packet");
    count(packet);
    if (!present(packet.sto))
        return;
    const std::string name{text(packet.sto)};
    if (connections_.contains(name))
        for_connection(name, packet);
    else
        fail("to a connection that never was", packet);
}

void SessionLedger::for_connection(const std::string &name, const jabberd_packet &packet)
{
    Connection &connection = connections_.at(name);
    const std::string from{text(packet.sfrom)};
    // What comes from a bare address and bears a `from` is passed on: any client may have written it.
    const bool is_own_word = from.find('/') != std::string::npos || !is_user(from) || !present(packet.from);
    if (text(packet.type) == "error" && is_own_word && packet::is_disconnected(packet)) {
        // One of a session that the connection does not have means nothing to it.
        if (packet::hidden_packet(packet))
            fail("a packet is hidden in the end of a session", packet);
        if (from == connection.connected_to || !is_user(from))
            connection.ended = true;
        return;
    }
    if (!is_user(from)) {
        if (text(packet.name) == "message" || text(packet.name) == "presence")
            fail("to a connection without a session", packet);
        return;
    }
    is_copied(name, packet);
    // What is in a session may come from its bare address, too.
    const bool in_session = std::ranges::any_of(
        connection.sessions, [&](const std::string &session) { return session == from || bare(session) == from; });
    if (!in_session || text(packet.name) == "success")
        is_accepted(name, connection, from, packet);
}

// A carbon of a sent message is for the other sessions of its sender. All that clients write has an id, and it has
// none.
void SessionLedger::is_copied(const std::string &name, const jabberd_packet &packet)
{
    constexpr std::string_view wrapper =
        "<sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message ";
    const std::string_view body = text(packet.body);
    if (present(packet.id) || !body.starts_with(wrapper))
        return;
    const std::string_view tag = body.substr(wrapper.size(), body.find('>', wrapper.size()) - wrapper.size());
    const auto at = tag.find(" id='");
    const std::string_view id = at == std::string_view::npos ? std::string_view{} : tag.substr(at + 5);
    const auto request = requests_.find(std::string{id.substr(0, id.find('\''))});
    if (request == requests_.end())
        return; // the client has chosen the id
    if (request->second.connection == name)
        fail("a copy for the session that has sent the message", packet);
    const auto sender = connections_.find(request->second.connection);
    if (sender == connections_.end() || !sender->second.owned.contains(bare(text(packet.sfrom))))
        fail("a copy of what another has sent", packet);
}

void SessionLedger::is_accepted(const std::string &name, Connection &connection, const std::string &as,
                                const jabberd_packet &by)
{
    const bool accepts = text(by.name) == "success" || (text(by.name) == "iq" && text(by.type) == "result");
    const auto request = requests_.find(std::string{text(by.id)});
    if (!accepts || (present(by.id) && (request == requests_.end() || request->second.connection != name)))
        return fail("to a connection that does not have this session", by);
    if (!connection.owned.contains(bare(as))) {
        const auto known = passwords_.find(bare(as));
        const auto was_said = [&](const std::string &secret) { return connection.said.contains(secret); };
        if (known != passwords_.end() && std::ranges::none_of(known->second, was_said))
            return fail("a login without the password", by);
        connection.owned.insert(bare(as));
        ++logins_;
    }
    connection.connected_to = as;
    if (as.find('/') != std::string::npos) {
        connection.sessions.insert(as);
        sessions_.push_back(as);
    }
}

void SessionLedger::count(const jabberd_packet &packet)
{
    const auto found = requests_.find(std::string{text(packet.id)});
    if (found == requests_.end())
        return;
    Request &request = found->second;
    if (!request.connection.empty())
        came_from_its_owner(request, packet);
    if (!request.counted)
        return;
    ++answers_;
    if (++request.answers > 1)
        fail("answered twice", packet);
}

void SessionLedger::came_from_its_owner(const Request &request, const jabberd_packet &packet)
{
    if (text(packet.sto) == request.connection)
        return;
    const Connection &connection = connections_.at(request.connection);
    for (const jabberd_view address : {packet.from, packet.to, packet.sfrom}) {
        if (connection.owned.contains(bare(text(address))))
            return;
    }
    fail("of " + request.connection + " to " + request.connected_to + ", in the name of another", packet);
}

void SessionLedger::logs(std::string_view line)
{
    const std::lock_guard lock{mutex_};
    holds_no_secret(line, "the log");
}

void SessionLedger::holds_no_secret(std::string_view what, std::string_view where)
{
    for (const std::string &secret : secrets_) {
        if (what.find(secret) != std::string_view::npos)
            fail("a password is in " + std::string{where} + ": " + std::string{what});
    }
}

void SessionLedger::nothing_waits()
{
    const std::lock_guard lock{mutex_};
    for (auto &[id, request] : requests_) {
        const auto connection = connections_.find(request.connection);
        request.due = request.owed && !connection->second.ended && !connection->second.once_ended;
    }
}

void SessionLedger::check_answers()
{
    const std::lock_guard lock{mutex_};
    for (const auto &[id, request] : requests_) {
        if (!request.due || request.answers != 0)
            continue;
        const Connection &connection = connections_.at(request.connection);
        if (!is_user(request.connected_to) || connection.connected_to == request.connected_to)
            fail("no answer for " + id + " of " + request.connection + " to " + request.connected_to);
    }
}

void SessionLedger::fail(const std::string &what, const jabberd_packet &packet)
{
    fail(what + ": " + shown(packet));
}

void SessionLedger::fail(const std::string &what)
{
    if (!failure_)
        failure_ = what;
}

Failure SessionLedger::failure() const
{
    const std::lock_guard lock{mutex_};
    return failure_;
}

unsigned SessionLedger::logins() const
{
    const std::lock_guard lock{mutex_};
    return logins_;
}

unsigned SessionLedger::answers() const
{
    const std::lock_guard lock{mutex_};
    return answers_;
}

} // namespace jabberd::fuzz
