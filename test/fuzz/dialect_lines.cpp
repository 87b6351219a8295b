// SPDX-License-Identifier: LGPL-2.1-or-later
// What classic hosts and a few clients say to each other, and what they should not.
#include "fuzz/dialects.h"
#include "fuzz/generator.h"

#include <array>

namespace jabberd::fuzz {

namespace {

using namespace std::string_view_literals;

// Clients have the places 0 to 2, and begin with the token 1.
constexpr std::array connections{"0@c2s/1"sv, "1@c2s/1"sv, "1@c2s/2"sv, "2@c2s/1"sv, "2@c2s/3"sv,
                                 "9@c2s/1"sv, "1@c2s"sv,   "c2s"sv,     ""sv,        "@/"sv};
constexpr std::array addresses{"alice@localhost/home"sv,
                               "alice@localhost/CFBE02B0"sv,
                               "alice@localhost/CFBE02B1"sv,
                               "Alice@LOCALHOST/CFBE02B0"sv,
                               "alice@elsewhere/CFBE02B0"sv,
                               "alice@localhost"sv,
                               "alice@localhost/"sv,
                               "localhost"sv,
                               "localhost/x"sv,
                               "@localhost/x"sv,
                               ""sv,
                               "\xC3\xA9@h/&amp;&apos;&lt;&#9;"sv};
constexpr std::array types{""sv, "auth"sv, "auth"sv, "session"sv, "session"sv, "error"sv, "error"sv, "x"sv};
constexpr std::array contents{
    ""sv,
    "<iq type='result' id='5eed'/>"sv,
    "<iq type='result' id='5eed'/>"sv,
    "<iq type='error' id='5eed'><error code='401'/></iq>"sv,
    "<iq type='set' id='5eed'/>"sv,
    "<message type='result' id='5eed'/>"sv,
    "text <message sto='0@c2s/1' sfrom='localhost'><body>hi</body></message> and text"sv,
    "<message/><message/>"sv,
    "<message type='error'><error code='510'/></message>"sv,
    "<route to='0@c2s/1' from='localhost' type='error'/>"sv,
    "<stream:error xmlns:stream='http://etherx.jabber.org/streams'/>"sv,
    "<y:z/>"sv,
    "<message xmlns:a='urn:a' xmlns='jabber:server'><a:b a:c='d'><body/></a:b></message>"sv,
};

std::string pick(const auto &all, Random &random)
{
    return std::string{all[random() % all.size()]};
}

std::string attribute(std::string_view name, const std::string &value, Random &random)
{
    if (random() % 40 == 0)
        return ""; // missing
    return " " + std::string{name} + "='" + (random() % 100 == 0 ? std::string(5000, 'a') : value) + "'";
}

std::string nested(std::size_t depth)
{
    std::string out;
    for (std::size_t i = 0; i < depth; ++i)
        out += "<x>";
    for (std::size_t i = 0; i < depth; ++i)
        out += "</x>";
    return out;
}

std::string content(Random &random)
{
    switch (random() % 20) {
    case 0: return "<message>" + nested(random() % 400) + "</message>";
    case 1: return "<message><body>" + std::string(100000, 'z') + "</body></message>";
    case 2:
    case 3: return some_stanzas(random);
    default: return pick(contents, random);
    }
}

std::string route(Random &random)
{
    const std::string type = pick(types, random);
    std::string out = "<route";
    if (random() % 3 == 0)
        out += " xmlns='jabber:server'";
    if (!type.empty())
        out += " type='" + type + "'";
    out += attribute("to", pick(connections, random), random) + attribute("from", pick(addresses, random), random);
    if (random() % 4 == 0)
        out += attribute("error", "Disconnected", random);
    return out + ">" + content(random) + "</route>";
}

// Also of one who is no session manager, and only writes so.
std::string session_packet(Random &random)
{
    return "<message" + attribute("to", pick(connections, random), random) +
           attribute("sto", pick(connections, random), random) + attribute("sfrom", pick(addresses, random), random) +
           "><error code='510'>Disconnected</error></message>";
}

// A login as it should be, so that there is something to break.
void log_in(std::vector<std::string> &lines, Random &random)
{
    const std::string client = std::to_string(random() % 3);
    const std::string ends = " to='" + client + "@c2s/1' from='alice@localhost/";
    lines.push_back("login " + client);
    lines.push_back("<route type='auth'" + ends + "home'><iq type='result' id='5eed'/></route>");
    lines.push_back("<route type='session'" + ends + "CFBE02B0'/>");
}

} // namespace

std::vector<std::string> some_lines(Random &random)
{
    std::vector<std::string> lines;
    for (auto i = 3 + random() % 12; i > 0; --i) {
        const std::string client = std::to_string(random() % 3);
        switch (random() % 11) {
        case 0: log_in(lines, random); break;
        case 1: lines.push_back("login " + client); break;
        case 2: lines.push_back("leave " + client); break;
        case 3: lines.push_back("send " + client + " " + some_stanzas(random)); break;
        case 4: lines.push_back(session_packet(random)); break;
        case 5: lines.push_back(broken(route(random), random)); break;
        case 6: lines.push_back("back"); break;
        default: lines.push_back(route(random));
        }
    }
    return lines;
}

} // namespace jabberd::fuzz
