// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/plain_properties.h"

#include "base/view.h"
#include "fuzz/plain_talk.h"
#include "support/element.h"
#include "support/stream_reader.h"
#include "xml/packet_text.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

namespace jabberd::fuzz {

namespace {

constexpr std::string_view header =
    "<stream:stream to='foo.com' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
constexpr std::string_view login = "<iq type='set' id='login'><query xmlns='jabber:iq:auth'/></iq>";
constexpr const char *alice = "alice@foo.com/r";
constexpr std::size_t growth = 7; // escaping, the start tag and its namespace

// What a client makes of the component, and what it hears.
class Talk {
public:
    explicit Talk(bool authenticated)
    {
        if (!authenticated)
            return;
        send(header);
        send(login);
        answer();
        routed.clear();
    }

    void send(std::string_view bytes)
    {
        sent_ += bytes.size();
        plain_talk_send(talk_.get(), bytes.data(), bytes.size());
    }

    void give(const jabberd_packet &packet) { plain_talk_give(talk_.get(), &packet); }
    void fill(bool full) { plain_talk_fill(talk_.get(), full); }
    bool is_open() const { return plain_talk_is_open(talk_.get()); }
    const char *address() const { return plain_talk_address(talk_.get()); }

    // To the login that waits.
    void answer()
    {
        jabberd_packet result{};
        result.size = sizeof result;
        result.name = view("iq");
        result.type = view("result");
        result.id = view(nonce_);
        result.sto = view(address());
        result.sfrom = view(alice);
        give(result);
    }

    std::string heard() const
    {
        std::size_t size = 0;
        const char *bytes = plain_talk_heard(talk_.get(), &size);
        return {bytes, size};
    }

    std::vector<std::string> routed; // without nonces
    Failure failure;

private:
    static void take(void *self, const jabberd_packet *packet) { static_cast<Talk *>(self)->take(*packet); }

    void take(const jabberd_packet &packet)
    {
        std::string out;
        xml::append_packet(out, packet);
        const bool is_notice =
            text(packet.type) == "error" && text(packet.body).find("code='510'") != std::string::npos;
        const bool bound = text(packet.sto).find('@') != std::string_view::npos;
        try {
            const test::Element element = test::parse_element(out);
            const bool right =
                element.attributes.at("sfrom") == address() &&
                (bound ? element.attributes.at("sto") == alice : !element.attributes.at("sto").empty()) &&
                element.xmlns == test::client_namespace &&
                (element.name == "message" || element.name == "presence" || element.name == "iq") &&
                (bound || !element.attributes.contains("from"));
            if (!right && !is_notice)
                failure = "routed wrongly: " + out;
        } catch (const std::exception &problem) {
            failure = std::string{problem.what()} + ": " + out;
        }
        if (text(packet.body).size() > growth * sent_)
            failure = "much longer than what came: " + out;
        if (!bound) {
            nonce_ = text(packet.id);
            jabberd_packet without = packet;
            without.id = {};
            out.clear();
            xml::append_packet(out, without);
        }
        // A digest is given the stream's id, which is random.
        if (const auto digest = out.find("<digest"); digest != std::string::npos) {
            if (const auto sid = out.find(" sid='", digest); sid != std::string::npos)
                out.erase(sid, out.find('\'', sid + 6) - sid + 1);
        }
        routed.push_back(out);
    }

    std::size_t sent_ = 0;
    std::string nonce_;
    struct Free {
        void operator()(plain_talk *talk) const { plain_talk_free(talk); }
    };
    std::unique_ptr<plain_talk, Free> talk_{plain_talk_new(take, this)};
};

// Well-formed as far as it goes, and free of what clients do not get.
Failure heard_rightly(const std::string &heard)
{
    test::StreamReader reader;
    reader.read(heard);
    if (!reader.error().empty())
        return "the client hears what expat refuses (" + reader.error() + "): " + heard;
    for (const test::StreamEvent &event : reader.events()) {
        if (event.kind == test::StreamEvent::Kind::Element &&
            (event.element.attributes.contains("sto") || event.element.attributes.contains("sfrom")))
            return "the client hears session attributes: " + heard;
    }
    return {};
}

// expat does not take a namespace with a blank in it (properties.cpp).
bool has_blank_in_namespace(std::string_view xml)
{
    for (auto at = xml.find("xmlns"); at != std::string_view::npos; at = xml.find("xmlns", at + 1)) {
        const auto open = xml.find_first_of("'\"", at);
        if (open == std::string_view::npos)
            continue;
        const auto end = xml.find(xml[open], open + 1);
        if (xml.substr(open, end - open).find_first_of(" \t\r\n&") != std::string_view::npos)
            return true;
    }
    return false;
}

std::string_view behind_header(std::string_view bytes)
{
    const auto begin = bytes.find("<stream:stream");
    const auto end = begin == std::string_view::npos ? begin : bytes.find('>', begin);
    return end == std::string_view::npos ? bytes : bytes.substr(end + 1);
}

// The elements of a stream as expat reads them, without what the component sets.
std::vector<test::Element> bare_elements(std::string_view stream)
{
    test::StreamReader reader;
    reader.read(stream);
    std::vector<test::Element> elements;
    for (test::StreamEvent &event : reader.events()) {
        if (event.kind != test::StreamEvent::Kind::Element)
            continue;
        for (const char *name : {"sto", "sfrom", "id", "from"})
            event.element.attributes.erase(name);
        elements.push_back(std::move(event.element));
    }
    return elements;
}

Failure same_as_expat(const std::vector<std::string> &routed, std::string_view stream)
{
    const std::vector<test::Element> theirs = bare_elements(stream);
    std::size_t next = 0;
    for (const std::string &packet : routed) {
        test::Element element = test::parse_element(packet);
        for (const char *name : {"sto", "sfrom", "id", "from"})
            element.attributes.erase(name);
        if (packet.find("code='510'") != std::string::npos)
            continue; // of the component's own
        if (packet.find("<digest") != std::string::npos)
            continue; // is given its sid
        while (next < theirs.size() && theirs[next] != element)
            ++next;
        if (next++ == theirs.size())
            return "routed " + packet + ", which expat does not read in " + std::string{stream};
    }
    return {};
}

} // namespace

Failure plain_routes_rightly(std::string_view bytes, Random &random)
{
    if (has_blank_in_namespace(bytes))
        return {};
    for (const bool authenticated : {false, true}) {
        // Behind the bytes there is what decides everything that may wait for more.
        const std::string stream =
            std::string{authenticated ? behind_header(bytes) : bytes} + "<message/>;'\"><message/>";
        Talk whole{authenticated};
        whole.send(stream);
        if (whole.failure)
            return whole.failure;
        if (auto failure = heard_rightly(whole.heard()))
            return failure;
        if (auto failure = same_as_expat(whole.routed, (authenticated ? std::string{header} : "") + stream))
            return failure;
        Talk cut{authenticated}, held{authenticated};
        for (std::string_view rest = stream; !rest.empty();) {
            const std::string_view chunk = rest.substr(0, random() % 8 == 0 ? rest.size() : 1 + random() % 40);
            rest.remove_prefix(chunk.size());
            cut.send(chunk);
        }
        if (cut.failure)
            return cut.failure;
        if (cut.routed != whole.routed)
            return "other packets in chunks, of " + stream;
        held.fill(true);
        held.send(stream);
        held.fill(false);
        if (held.failure)
            return held.failure;
    }
    return {};
}

Failure plain_tells_rightly(std::string_view name, std::string_view attribute, std::string_view value,
                            std::string_view body)
{
    if (has_blank_in_namespace(std::string{attribute} + "='" + std::string{value} + "'") ||
        has_blank_in_namespace(body))
        return {};
    const jabberd_attribute attributes[] = {{view(attribute), view(value)}};
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view(name);
    packet.to = view(value);
    packet.body = view(body);
    packet.attributes = attributes;
    packet.attribute_count = attribute.empty() ? 0 : 1;
    for (const char *from : {"foo.com", "mallory@foo.com/r", alice}) {
        Talk talk{true};
        packet.sto = view(talk.address());
        packet.sfrom = view(from);
        talk.give(packet);
        if (auto failure = heard_rightly(talk.heard()))
            return failure;
        if (std::string_view{from}.starts_with("mallory") && !talk.is_open())
            return "ended by a packet of another session: " + std::string{body};
    }
    return {};
}

} // namespace jabberd::fuzz
