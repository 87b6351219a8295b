// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenarios/steps.h"

#include "base/address.h"

namespace jabberd::test {

namespace {

constexpr std::string_view stream_errors = "urn:ietf:params:xml:ns:xmpp-streams";

// What an unfinished conversation looks like from the client's side.
std::string why_nothing(Client &client)
{
    if (!client.error().empty())
        return "what it received is not XML: " + client.error();
    switch (client.ending()) {
    case Client::Ending::Closed: return "the connection was closed";
    case Client::Ending::Reset: return "the connection was reset";
    case Client::Ending::Open: break;
    }
    return client.is_open() ? "nothing came" : "it has closed the connection itself";
}

StreamEvent next_event(Stage &stage, const std::string &name)
{
    Client &client = stage.client(name);
    auto event = client.receive();
    if (!event)
        throw Mismatch(name + " should have received something, but " + why_nothing(client));
    stage.tell(name + "< " + event->text());
    for (const char *attribute : {"sto", "sfrom"}) {
        if (event->element.attributes.contains(attribute))
            throw Mismatch(name + " can see the session routing attribute " + attribute);
    }
    return *event;
}

void expect_end(Stage &stage, const std::string &name)
{
    if (const StreamEvent event = next_event(stage, name); event.kind != StreamEvent::Kind::End)
        throw Mismatch(name + " should have seen the end of the stream, not " + event.text());
}

void expect_closed(Stage &stage, const std::string &name)
{
    Client &client = stage.client(name);
    client.wait_for_ending();
    if (!client.unread().empty())
        throw Mismatch(name + " received what nobody expected: " + client.unread().front().text());
    if (client.ending() != Client::Ending::Closed)
        throw Mismatch(client.ending() == Client::Ending::Reset ? "the connection of " + name + " was reset, not closed"
                                                                : "the connection of " + name + " is still open");
    stage.tell(name + " closed");
}

void dials(Stage &stage, const std::smatch &parts)
{
    const std::string from = parts[3].matched ? parts[3].str() : "127.0.0.1";
    stage.dial(parts[1], parts[2], from, parts[4].matched ? std::optional{std::stoi(parts[4])} : std::nullopt);
    stage.tell(parts[1].str() + " dials from " + from);
}

void connects(Stage &stage, const std::smatch &parts)
{
    const std::string name = parts[1], host = parts[2].matched ? parts[2].str() : "foo.com";
    if (!stage.clients().contains(name))
        play(stage, name + " dials");
    play(stage, name + "> <?xml version='1.0'?><stream:stream to='" + host +
                    "' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
    play(stage, name + "< <stream:stream from='" + host + "' id='{" + Stage::name_of(name, "stream") + ":32 hex}'>");
}

constexpr const char *stream_tag = "<stream:stream version='1.0' to='foo.com' xmlns='jabber:client' "
                                   "xmlns:stream='http://etherx.jabber.org/streams'>";

// A stream of XMPP 1.0, also after the one before on the same connection.
void opens_stream(Stage &stage, const std::smatch &parts)
{
    const std::string name = parts[1];
    if (!stage.clients().contains(name))
        play(stage, name + " dials");
    play(stage, name + "> " + stream_tag);
    play(stage, name + "< <stream:stream from='foo.com' id='{*}' version='1.0' xml:lang='en'>");
}

// Opens a stream and is told what the session manager offers.
void is_offered(Stage &stage, const std::smatch &parts)
{
    const std::string name = parts[1];
    std::string offers = parts[2];
    if (!offers.starts_with('<')) {
        static const std::regex word{R"([\w-]+)"};
        offers = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" +
                 std::regex_replace(offers, word, "<mechanism>$&</mechanism>") + "</mechanisms>";
    }
    play(stage, name + " opens a stream");
    stage.forget(Stage::name_of(name, "question"));
    play(stage, "host< <iq type='get' id='{" + Stage::name_of(name, "question") + "}' sto='{*}' sfrom='{" +
                    Stage::name_of(name, "connection") +
                    "}'><query xmlns='jabber:iq:stream-features'>{*}</query></iq>");
    play(stage, "host> <iq type='result' id='{" + Stage::name_of(name, "question") + "}' sto='{" +
                    Stage::name_of(name, "connection") +
                    "}' sfrom='foo.com'><query xmlns='jabber:iq:stream-features'>" + offers + "</query></iq>");
    play(stage, name + "< <stream:features>{*}</stream:features>");
}

void starts_tls(Stage &stage, const std::smatch &parts)
{
    stage.tell(parts[0]);
    if (!stage.client(parts[1]).begin_tls(parts[2]))
        throw Mismatch(parts[1].str() + " could not finish the TLS handshake");
}

void says_hello(Stage &stage, const std::smatch &parts)
{
    stage.tell(parts[0]);
    stage.client(parts[1]).say_hello(parts[2] == "half of" ? Client::Hello::Half : Client::Hello::Whole);
}

void cannot_start_tls(Stage &stage, const std::smatch &parts)
{
    stage.tell(parts[0]);
    if (stage.client(parts[1]).begin_tls())
        throw Mismatch(parts[1].str() + " has finished a TLS handshake");
}

void sees_certificate(Stage &stage, const std::smatch &parts)
{
    const ClientTls *tls = stage.client(parts[1]).tls();
    const std::string name = tls == nullptr ? "none" : tls->certificate_name();
    if (name != parts[2].str())
        throw Mismatch("the certificate is that of " + name);
}

void opens_websocket(Stage &stage, const std::smatch &parts)
{
    const std::string name = parts[1];
    if (!stage.clients().contains(name))
        play(stage, name + " dials");
    stage.tell(parts[0]);
    const bool opened = stage.client(name).begin_websocket(parts[2].matched ? parts[2].str() : "/xmpp-websocket",
                                                           parts[3].matched ? parts[3].str() : "");
    if (!opened)
        throw Mismatch(name + " has got no WebSocket: " + why_nothing(stage.client(name)));
}

// All of an answer of HTTP, which is the last: its status, and words that are in it.
void gets_http(Stage &stage, const std::smatch &parts)
{
    Client &client = stage.client(parts[1]);
    if (client.wait_for_ending() != Client::Ending::Closed)
        throw Mismatch("the connection of " + parts[1].str() + " was not closed");
    const std::string answer = client.received();
    stage.tell(parts[1].str() + "< " + answer);
    if (!answer.starts_with("HTTP/1.1 " + parts[2].str() + " "))
        throw Mismatch(parts[1].str() + " received " + answer.substr(0, answer.find('\r')));
    if (parts[3].matched && answer.find(parts[3]) == std::string::npos)
        throw Mismatch("there is no '" + parts[3].str() + "' in " + answer);
    client.forget();
}

void is_closed_by(Stage &stage, const std::smatch &parts)
{
    expect_closed(stage, parts[1]);
    const ClientWebsocket *websocket = stage.client(parts[1]).websocket();
    const unsigned code = websocket == nullptr ? 0 : websocket->close_code();
    if (std::to_string(code) != parts[2].str())
        throw Mismatch("the WebSocket was closed with " + std::to_string(code));
}

void sends_in_fragments(Stage &stage, const std::smatch &parts)
{
    stage.tell(parts[0]);
    for (const std::string &message : ClientWebsocket::messages_of(stage.filled(parts[2])))
        stage.client(parts[1]).send(ClientWebsocket::in_fragments(message));
}

void sends_frame(Stage &stage, const std::smatch &parts)
{
    stage.tell(parts[0]);
    const unsigned first_byte = static_cast<unsigned>(std::stoi(parts[2], nullptr, 16));
    stage.client(parts[1]).send(ClientWebsocket::frame(stage.filled(parts[3]), first_byte));
}

void logs_in(Stage &stage, const std::smatch &parts)
{
    const std::string name = parts[1], session = parts[2];
    const Address address = split_address(session);
    const auto own = [&name](const char *what) { return "{" + Stage::name_of(name, what) + "}"; };
    const std::string host{address.host}, user{address.user}, resource{address.resource};

    if (!stage.clients().contains(name))
        play(stage, name + " connects to " + host);
    play(stage, name + "> <iq type='set' id='auth1'><query xmlns='jabber:iq:auth'><username>" + user +
                    "</username><password>s3cret</password><resource>" + resource + "</resource></query></iq>");
    play(stage, "host< <iq type='set' id='" + own("nonce") + "' sto='" + host + "' sfrom='" + own("connection") +
                    "'><query xmlns='jabber:iq:auth'>{*}</query></iq>");
    stage.capture(Stage::name_of(name, "session"), session);
    play(stage, "host> <iq type='result' id='" + own("nonce") + "' sto='" + own("connection") + "' sfrom='" +
                    own("session") + "'/>");
    play(stage, name + "< <iq type='result' id='auth1'/>");
}

void send(Stage &stage, const std::string &name, const std::string &bytes)
{
    stage.tell(name + "> " + bytes);
    stage.client(name).send(bytes); // a component that has closed need not take it all
}

// Over a WebSocket: each element in a message.
void sends(Stage &stage, const std::smatch &parts)
{
    const std::string name = parts[1], text = stage.filled(parts[2]);
    Client &client = stage.client(name);
    if (plays_over_websockets() && client.websocket() == nullptr && client.received().empty() &&
        text.find("<stream:stream") != std::string::npos)
        play(stage, name + " opens a websocket");
    stage.tell(name + "> " + text);
    client.say(text);
}

// \r \n \t \\ and \xNN stand for bytes.
std::string unescaped(const std::string &text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        switch (text[++i]) {
        case 'r': out += '\r'; break;
        case 'n': out += '\n'; break;
        case 't': out += '\t'; break;
        case 'x':
            out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
            break;
        default: out += text[i];
        }
    }
    return out;
}

void sends_half_a_record(Stage &stage, const std::smatch &parts)
{
    const std::string bytes = stage.filled(parts[2]);
    stage.tell(parts[1].str() + "> " + bytes + "   (half of the record)");
    stage.client(parts[1]).send_half(bytes);
}

void sends_the_other_half(Stage &stage, const std::smatch &parts)
{
    send(stage, parts[1], {});
}

// Each byte in a packet of its own, as far as TCP_NODELAY makes that true.
void sends_byte_by_byte(Stage &stage, const std::smatch &parts)
{
    const std::string bytes = stage.filled(parts[2]);
    stage.tell(parts[1].str() + "> " + bytes + "   (byte by byte)");
    Client &client = stage.client(parts[1]);
    const std::string wire = client.websocket() != nullptr ? ClientWebsocket::frame(bytes) : bytes;
    for (const char &byte : wire)
        stage.client(parts[1]).send({&byte, 1});
}

void sends_bytes(Stage &stage, const std::smatch &parts)
{
    send(stage, parts[1], unescaped(stage.filled(parts[2], Filling::Plain)));
}

void receives(Stage &stage, const std::smatch &parts)
{
    std::string pattern = parts[2];
    if (pattern == "</stream:stream>")
        return expect_end(stage, parts[1]);
    auto kind = StreamEvent::Kind::Element;
    if (pattern.starts_with("<stream:stream")) {
        kind = StreamEvent::Kind::Header;
        pattern += "</stream:stream>";
    }
    const Element expected = stage.pattern(pattern);
    const StreamEvent event = next_event(stage, parts[1]);
    if (event.kind != kind)
        throw Mismatch(parts[1].str() + " received " + event.text() + " instead");
    if (const auto wrong = stage.differs(expected, event.element))
        throw Mismatch(*wrong);
}

void receives_nothing(Stage &stage, const std::smatch &parts)
{
    stage.expect_no_packets();
    Client &client = stage.client(parts[1]);
    client.collect();
    if (!client.unread().empty() || client.ending() != Client::Ending::Open)
        throw Mismatch(parts[1].str() + " should have received nothing, but " +
                       (client.unread().empty() ? why_nothing(client) : client.unread().front().text()));
}

// The whole end of a stream at once: the error with this condition (* for any), the end tag, FIN.
void gets_stream_error(Stage &stage, const std::smatch &parts)
{
    const StreamEvent event = next_event(stage, parts[1]);
    const Element &error = event.element;
    if (event.kind != StreamEvent::Kind::Element || error.name != "error" || error.xmlns != stream_namespace)
        throw Mismatch(parts[1].str() + " should have received a stream error");
    if (parts[2].str() != "*" && (error.children.empty() || error.children[0].name != parts[2].str() ||
                                  error.children[0].xmlns != stream_errors))
        throw Mismatch("the stream error's condition is not " + parts[2].str());
    expect_end(stage, parts[1]);
    expect_closed(stage, parts[1]);
}

void is_closed(Stage &stage, const std::smatch &parts)
{
    expect_closed(stage, parts[1]);
}

void is_gone(Stage &stage, const std::smatch &parts)
{
    if (stage.client(parts[1]).wait_for_ending() == Client::Ending::Open) // what it was told before does not matter
        throw Mismatch("the connection of " + parts[1].str() + " is still open");
    stage.client(parts[1]).forget();
}

template <void (Client::*end)()>
void ends(Stage &stage, const std::smatch &parts)
{
    stage.tell(parts[0]);
    (stage.client(parts[1]).*end)();
}

} // namespace

const std::vector<Sentence> &client_sentences()
{
    static const std::vector<Sentence> sentences{
        {std::regex{R"((\w+) dials(?: the (\S+) port)?(?: from (\S+))?(?: with a receive buffer of (\d+))?)"}, dials},
        {std::regex{R"((\w+) connects(?: to (\S+))?)"}, connects},
        {std::regex{R"((\w+) opens a stream)"}, opens_stream},
        {std::regex{R"((\w+) is offered (.+))"}, is_offered},
        {std::regex{R"((\w+) starts TLS(?: with (\S+))?)"}, starts_tls},
        {std::regex{R"((\w+) sends (half of|all of) its ClientHello)"}, says_hello},
        {std::regex{R"((\w+) cannot start TLS)"}, cannot_start_tls},
        {std::regex{R"((\w+) sees the certificate of (\S+))"}, sees_certificate},
        {std::regex{R"((\w+) logs in as (.+))"}, logs_in},
        {std::regex{R"((\w+) opens a websocket(?: at (\S+))?(?: from (\S+))?)"}, opens_websocket},
        {std::regex{R"re((\w+) gets HTTP (\d+)(?: with "(.*)")?)re"}, gets_http},
        {std::regex{R"((\w+) closed by (\d+))"}, is_closed_by},
        {std::regex{R"((\w+)> in fragments: (.*))"}, sends_in_fragments},
        {std::regex{R"((\w+)> frame ([0-9A-F]{2}): ?(.*))"}, sends_frame},
        {std::regex{R"((\w+)> half a (?:record|frame): (.*))"}, sends_half_a_record},
        {std::regex{R"((\w+)> the other half)"}, sends_the_other_half},
        {std::regex{R"((\w+)> byte by byte: (.*))"}, sends_byte_by_byte},
        {std::regex{R"((\w+)> +(.*))"}, sends},
        {std::regex{R"((\w+)>\| ?(.*))"}, sends_bytes},
        {std::regex{R"((\w+)< +(.*))"}, receives},
        {std::regex{R"((\w+) nothing)"}, receives_nothing},
        {std::regex{R"((\w+) gets stream error (\S+))"}, gets_stream_error},
        {std::regex{R"((\w+) closed)"}, is_closed},
        {std::regex{R"((\w+) gone)"}, is_gone},
        {std::regex{R"((\w+) finishes)"}, ends<&Client::finish>},
        {std::regex{R"((\w+) closes)"}, ends<&Client::close>},
        {std::regex{R"((\w+) resets)"}, ends<&Client::reset>},
    };
    return sentences;
}

} // namespace jabberd::test
