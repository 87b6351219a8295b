// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/dialects.h"

#include "base/address.h"
#include "base/view.h"
#include "dialect/dialect.h"
#include "dialect/element.h"
#include "dialect/route_sessions.h"
#include "packet/notice.h"
#include "packet/returned_packet.h"
#include "packet/stanza_rules.h"
#include "session/session.h"
#include "support/element.h"
#include "support/heard.h"
#include "support/packet_from_xml.h"
#include "xml/document.h"
#include "xml/packet_reader.h"
#include "xml/packet_text.h"
#include "xml/parser_pool.h"

#include <array>
#include <stdexcept>

namespace jabberd::fuzz {

namespace {

constexpr const char *nonce = "5eed";

std::unique_ptr<dialect::Dialect> make(Spoken spoken)
{
    if (spoken == Spoken::Session)
        return dialect::make_session_dialect();
    return dialect::make_route_dialect(spoken == Spoken::Route ? "" : "jabber:server");
}

std::string namespace_in(Spoken spoken)
{
    return spoken == Spoken::RouteInNamespaces ? "jabber:server" : "";
}

std::string login_of(std::string_view connection)
{
    return "<iq type='set' id='" + std::string{nonce} + "' sto='localhost' sfrom='" + std::string{connection} +
           "'><query xmlns='jabber:iq:auth'><username>alice</username><resource>home</resource></query></iq>";
}

bool has_session_attributes(const xmlNode &element)
{
    return !xml::attribute(&element, "sto").empty() || !xml::attribute(&element, "sfrom").empty();
}

// A socket manager with a few clients, between which and the host is a dialect.
class Clients final : private dialect::Outlet {
public:
    explicit Clients(Spoken spoken) : spoken_(spoken), dialect_(make(spoken)) {}

    std::optional<std::string> failure;
    std::vector<std::string> to_host_elements;
    std::vector<OwnedPacket> told;

    std::string address(std::size_t client) const
    {
        return std::to_string(client) + "@c2s/" + std::to_string(clients_.at(client).token);
    }

    void log_in(std::size_t client)
    {
        if (clients_.at(client).id.empty() && !std::exchange(clients_.at(client).asks, true))
            component(login_of(address(client)));
    }

    void send(std::size_t client, const jabberd_packet &stanza)
    {
        if (clients_.at(client).id.empty() || packet::is_disconnected(stanza))
            return; // the socket manager would not let it through
        jabberd_packet packet = stanza;
        const std::string sto = clients_.at(client).id, sfrom = address(client);
        packet.sto = view(sto);
        packet.sfrom = view(sfrom);
        dialect_->from_component(packet, *this);
    }

    // The next one has its place.
    void leave(std::size_t client)
    {
        const std::string sfrom = address(client);
        const std::string sto = std::exchange(clients_.at(client).id, {});
        ++clients_.at(client).token;
        clients_.at(client).asks = false;
        if (!sto.empty())
            dialect_->from_component(packet::disconnected_notice(sto, sfrom), *this);
    }

    void host(std::string_view element)
    {
        const auto document = dialect::parse_element(element, namespace_in(spoken_));
        if (!document)
            return;
        const xmlNode &root = dialect::element_of(*document);
        const auto value = [&](const char *name) { return std::string{xml::attribute(&root, name)}; };
        is_route_ = spoken_ != Spoken::Session && xml::name_of(root) == "route";
        to_ = value(spoken_ == Spoken::Session ? "sto" : "to");
        from_ = value("from");
        is_error_ = is_route_ && value("type") == "error";
        is_speaking_ = true;
        dialect_->from_host(root, *this);
        is_speaking_ = false;
    }

    // The host has not taken the last of what it got.
    void came_back()
    {
        if (to_host_elements.empty())
            return;
        const auto document = dialect::parse_element(to_host_elements.back(), namespace_in(spoken_));
        if (document)
            dialect_->not_taken(dialect::element_of(*document), *this);
    }

    void component(const std::string &packet)
    {
        dialect_->from_component(test::packet_from_xml(packet).packet(), *this);
    }

private:
    struct Client {
        unsigned token = 1;
        bool asks = false;       // to log in
        std::string id, session; // what it has been told, and where that is
    };

    void fail(const std::string &why, const std::string &what)
    {
        if (!failure)
            failure = why + ": " + what;
    }

    void dropped(std::string_view, std::string_view, std::string_view, std::string_view) override {}
    void sent_back(std::string_view, std::string_view, std::string_view) override {}
    void login_ended(const dialect::LoginEnd &) override {}

    void to_host(std::string element) override
    {
        to_host_elements.push_back(element);
        const auto document = dialect::parse_element(element, "");
        if (!document)
            return fail("not well-formed", element);
        const xmlNode &root = dialect::element_of(*document);
        if (spoken_ == Spoken::Session || xml::name_of(root) != "route")
            return;
        const xmlNode *inside = xmlFirstElementChild(const_cast<xmlNode *>(&root));
        if (inside != nullptr && has_session_attributes(*inside))
            fail("session attributes in an envelope", element);
        if (xml::attribute(&root, "type") != "error")
            return;
        if (split_address(xml::attribute(&root, "to")).resource.empty())
            fail("it ends all sessions of a user", element);
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            if (!clients_[i].id.empty() && xml::attribute(&root, "from") == address(i) &&
                xml::attribute(&root, "to") == clients_[i].session)
                fail("it ends a session that goes on", element);
        }
    }

    void to_component(const jabberd_packet &packet) override
    {
        told.emplace_back(packet);
        std::string shown;
        xml::append_packet(shown, packet);
        if (!present(packet.sto))
            return; // refused
        const std::string sto{text(packet.sto)};
        if (is_speaking_ && sto != to_)
            return fail("for " + to_, shown);
        if (is_speaking_ && spoken_ != Spoken::Session && !is_route_)
            return fail("a session packet that was none", shown);
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            if (sto == address(i))
                return to_client(clients_[i], packet, shown);
        }
        // Without a user it is about a login, and swallowed.
        const bool is_of_session = !split_address(text(packet.sfrom)).user.empty();
        if (is_error_ && is_speaking_ && is_of_session && packet::is_disconnected(packet))
            fail("told twice", shown);
        if (!present(packet.sfrom) || packet::is_disconnected(packet) || ++returns_ % 100 == 0)
            return;
        dialect_->from_component(packet::ReturnedPacket{packet, packet::Undelivered::Disconnected}.packet(), *this);
    }

    void to_client(Client &client, const jabberd_packet &packet, const std::string &shown)
    {
        const std::string_view sfrom = text(packet.sfrom);
        const bool is_notice = text(packet.type) == "error" && sfrom == client.id && !present(packet.from) &&
                               packet::is_disconnected(packet);
        if (spoken_ != Spoken::Session && is_notice) {
            client.id.clear();
            ++client.token; // the socket manager closes it, and answers nothing
            return;
        }
        const bool is_answer =
            spoken_ != Spoken::Session && text(packet.id) == nonce && std::exchange(client.asks, false);
        if (is_answer && text(packet.name) == "iq" && text(packet.type) == "result") {
            if (split_address(sfrom).resource.empty())
                fail("a login that names no session", shown);
            client.id = sfrom;
            client.session = from_;
        }
        seen(packet, shown);
    }

    // As the client would see it.
    void seen(const jabberd_packet &packet, const std::string &shown)
    {
        xml::Parser parser{xml::usual_primer};
        const xml::Stanza *stanza = parser.rewrite(packet, packet::stanza_rules(test::roomy));
        if (stanza == nullptr)
            return;
        jabberd_packet readable = stanza->packet;
        readable.sto = readable.sfrom = {};
        std::string out;
        xml::append_packet(out, readable);
        try {
            const test::Element element = test::parse_element(out);
            if (element.attributes.contains("sto") || element.attributes.contains("sfrom"))
                fail("session attributes for a client", shown);
            if (spoken_ != Spoken::Session && element.name != "message" && element.name != "presence" &&
                element.name != "iq")
                fail("no stanza for a client", shown);
        } catch (const std::invalid_argument &) { // a namespace that expat does not take
        }
    }

    const Spoken spoken_;
    const std::unique_ptr<dialect::Dialect> dialect_;
    std::array<Client, 3> clients_;
    bool is_speaking_ = false; // the host, and what it says:
    bool is_route_ = false, is_error_ = false;
    std::string to_, from_;
    unsigned returns_ = 0;
};

std::string with_session_attributes(const jabberd_packet &stanza, std::string_view sto, std::string_view sfrom)
{
    jabberd_packet packet = stanza;
    packet.sto = view(sto);
    packet.sfrom = view(sfrom);
    std::string out;
    xml::append_packet(out, packet);
    return out;
}

Failure compare(const std::string &sent, const Clients &clients)
{
    if (clients.failure)
        return clients.failure;
    std::string back;
    if (!clients.told.empty())
        xml::append_packet(back, clients.told.back().packet());
    if (back != sent)
        return sent + " came back as " + back;
    return {};
}

// As the session manager answers: with `to` and `from` changed.
std::string turned(std::string_view route, const std::string &to, const std::string &from)
{
    const std::string ends = " to='" + to + "' from='" + from + "'";
    const std::string other = " to='" + from + "' from='" + to + "'";
    std::string out{route};
    if (const auto at = out.find(ends); at != std::string::npos)
        out.replace(at, ends.size(), other);
    return out;
}

} // namespace

Failure comes_back_as_it_was(Spoken spoken, std::string_view text_of_stanza)
{
    const auto document = xml::parse_body(text_of_stanza);
    const xmlNode *root = document ? xmlFirstElementChild(xmlDocGetRootElement(document.get())) : nullptr;
    if (root == nullptr ||
        (root->ns != nullptr && std::string_view{reinterpret_cast<const char *>(root->ns->href)} != "jabber:client"))
        return {};
    const OwnedPacket stanza = xml::read_packet(*root);
    const std::string_view name = text(stanza.packet().name);
    if (packet::is_disconnected(stanza.packet()) || (name != "message" && name != "presence" && name != "iq"))
        return {};
    Clients clients{spoken};
    const std::string connection = clients.address(1);
    if (spoken == Spoken::Session) {
        const std::string sent = with_session_attributes(stanza.packet(), connection, "alice@localhost/home");
        clients.component(sent);
        clients.host(clients.to_host_elements.back());
        return compare(sent, clients);
    }
    const std::string address = "alice@localhost/CFBE02B0";
    const std::string xmlns = spoken == Spoken::Route ? "" : " xmlns='jabber:server'";
    clients.log_in(1);
    clients.host("<route" + xmlns + " type='auth' to='" + connection +
                 "' from='alice@localhost/home'><iq type='result' id='" + nonce + "'/></route>");
    clients.host("<route" + xmlns + " type='session' to='" + connection + "' from='" + address + "'/>");
    clients.to_host_elements.clear();
    clients.send(1, stanza.packet());
    if (clients.to_host_elements.size() != 1)
        return "not sent: " + std::string{text_of_stanza};
    clients.host(turned(clients.to_host_elements.back(), address, connection));
    // A stanza comes from the user, and only the session manager's own word from its address.
    return compare(with_session_attributes(stanza.packet(), connection, bare_address(address)), clients);
}

Failure stays_between_connection_and_session(Spoken spoken, const std::vector<std::string> &lines)
{
    Clients clients{spoken};
    std::string history;
    for (const std::string &line : lines) {
        history += line + "\n";
        const std::string_view rest = line;
        const auto number = rest.find_first_of("012");
        const std::size_t client = number == std::string_view::npos ? 0 : static_cast<std::size_t>(rest[number] - '0');
        if (rest.starts_with("login ")) {
            clients.log_in(client);
        } else if (rest.starts_with("leave ")) {
            clients.leave(client);
        } else if (rest == "back") {
            clients.came_back();
        } else if (rest.starts_with("send ")) {
            const auto document = xml::parse_body(rest.substr(std::min(rest.size(), rest.find('<'))));
            if (const xmlNode *root = document ? xmlFirstElementChild(xmlDocGetRootElement(document.get())) : nullptr)
                clients.send(client, xml::read_packet(*root).packet());
        } else {
            clients.host(rest);
        }
        if (clients.failure)
            return *clients.failure + "\nafter\n" + history;
    }
    return {};
}

Failure forgets_sessions_with_their_places(Random &random)
{
    dialect::RouteSessions sessions;
    for (unsigned i = 0; i < 200; ++i) {
        const std::string connection = std::to_string(random() % 4) + "@c2s/" + std::to_string(random() % 50);
        const std::string address = "alice@localhost/" + std::to_string(random() % 3);
        OwnedPacket answer{packet::disconnected_notice(connection, address)};
        switch (random() % 5) {
        case 0: sessions.ask_login(connection, "n", address); break;
        case 1: sessions.login_answered(connection, "n", random() % 4 != 0, answer); break;
        case 2: sessions.begin(connection, address); break;
        case 3: sessions.fail_login(connection, "localhost"); break;
        default: sessions.end(connection, address);
        }
        if (sessions.size() > 4)
            return std::to_string(sessions.size()) + " are known of 4";
    }
    return {};
}

} // namespace jabberd::fuzz
