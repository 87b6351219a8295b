// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/session_words.h"

#include "base/base64.h"
#include "xml/escape.h"

#include <openssl/evp.h>

#include <array>
#include <span>

namespace jabberd::fuzz {

namespace {

constexpr std::string_view users[] = {"alice", "bob", "carol", "ALICE", "", "d e", "alice@foo.com", "\xCF\x83"};
constexpr std::string_view targets[] = {"",
                                        "alice@foo.com",
                                        "bob@foo.com",
                                        "foo.com",
                                        "far@far.net/r",
                                        "carol@foo.com",
                                        "far.net",
                                        "ALICE@FOO.com",
                                        "alice@foo.com/none",
                                        "foo.com/x",
                                        "@",
                                        "nobody@bar.org"};
constexpr std::string_view resources[] = {"home", "work", "", "a<'&\">b", "\xC3\x9F"};
constexpr std::string_view types[] = {
    "",          "get",        "set",         "result",       "error",     "chat",
    "groupchat", "headline",   "normal",      "nonsense",     "available", "unavailable",
    "subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe"};
constexpr std::string_view iq_types[] = {"get", "set", "get", "set", "result", "error", "", "nonsense"};
constexpr std::string_view subscriptions[] = {"subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe"};
constexpr std::string_view payloads[] = {"<ping xmlns='urn:xmpp:ping'/>",
                                         "<query xmlns='http://jabber.org/protocol/disco#info'/>",
                                         "<query xmlns='http://jabber.org/protocol/disco#items' node='x'/>",
                                         "<query xmlns='jabber:iq:version'/>",
                                         "<query xmlns='jabber:iq:time'/>",
                                         "<time xmlns='urn:xmpp:time'/>",
                                         "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>",
                                         "<query xmlns='jabber:iq:roster'/>",
                                         "<query xmlns='jabber:iq:register'/>",
                                         "<vCard xmlns='vcard-temp'/>",
                                         "<query xmlns='jabber:iq:private'><x xmlns='y'/></query>",
                                         "<query xmlns='jabber:iq:stream-features'/>",
                                         "<query xmlns='jabber:iq:auth'/>",
                                         "",
                                         "<a xmlns='b'/><ping xmlns='urn:xmpp:ping'/>",
                                         "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>",
                                         "<blocklist xmlns='urn:xmpp:blocking'/>",
                                         "<query xmlns='jabber:iq:roster' ver=''/>",
                                         "<enable xmlns='urn:xmpp:carbons:2'/>"};
// What servers look for in a message, beside its body.
constexpr std::string_view enclosures[] = {
    "",
    "<private xmlns='urn:xmpp:carbons:2'/>",
    "<no-copy xmlns='urn:xmpp:hints'/>",
    "<no-store xmlns='urn:xmpp:hints'/>",
    "<x xmlns='http://jabber.org/protocol/muc#user'/>",
    "<sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message "
    "xmlns='jabber:client'/></forwarded></sent>",
    "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' "
    "from='far@far.net/r' to='alice@foo.com/home'><body>x</body></message></forwarded></received>",
    "<active xmlns='http://jabber.org/protocol/chatstates'/>"};
constexpr std::string_view connections[] = {
    "<connection xmlns='jabber:socket-manager:connection' address='192.0.2.7' port='40210'><tls version='TLSv1.3' "
    "cipher='x'><channel-binding type='tls-exporter'>AAAA</channel-binding></tls></connection>",
    "<connection xmlns='jabber:socket-manager:connection' address='192.0.2.7' port='40210'/>",
    "<connection xmlns='jabber:socket-manager:connection' address='2001:db8::1' port='1' plain='yes'/>", "",
    "<connection xmlns='jabber:socket-manager:connection' address='x'><tls/></connection>"};
constexpr std::string_view mechanisms[] = {
    "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "X"};
constexpr std::string_view sasl1 = "urn:ietf:params:xml:ns:xmpp-sasl";
constexpr std::string_view sasl2 = "urn:xmpp:sasl:2";

std::string escaped(std::string_view plain)
{
    std::string out;
    xml::append_text(out, plain);
    return out;
}

std::string attribute(std::string_view name, std::string_view value)
{
    std::string out;
    if (!value.empty())
        xml::append_attribute(out, name, value);
    return out;
}

std::string element(std::string_view name, std::string_view content)
{
    return "<" + std::string{name} + ">" + std::string{content} + "</" + std::string{name} + ">";
}

std::string digest_of(std::string_view secret)
{
    const std::string text = "5eed" + std::string{secret};
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), bytes.data(), &size, EVP_sha1(), nullptr);
    std::string out;
    for (unsigned i = 0; i < size; ++i)
        for (const int digit : {bytes[i] >> 4, bytes[i] & 15})
            out += "0123456789abcdef"[digit];
    return out;
}

// Writes the packet of one line.
class Writer {
public:
    Writer(const Line &line, const std::string &connected_to, const std::vector<std::string> &sessions, Asked &asked)
        : line_(line), connected_to_(connected_to), sessions_(sessions), asked_(asked)
    {
    }

    std::string written();

private:
    std::string_view pick(std::size_t which, std::span<const std::string_view> list) const
    {
        return list[number(which) % list.size()];
    }
    std::size_t number(std::size_t which) const
    {
        if (which >= line_.choices.size())
            return 0;
        const auto c = static_cast<unsigned char>(line_.choices[which]);
        return c >= '0' && c <= '9' ? c - '0' : c;
    }
    // A session, where the letter is one of the first in the alphabet.
    std::string target(std::size_t which) const
    {
        const char c = which < line_.choices.size() ? line_.choices[which] : '0';
        if (c >= 'a' && c <= 'z' && !sessions_.empty())
            return sessions_[static_cast<std::size_t>(c - 'a') % sessions_.size()];
        return std::string{pick(which, targets)};
    }
    std::string text() const { return escaped(line_.rest); }
    std::string content() const { return std::string{line_.rest}; }

    std::string iq(std::string_view type, std::string_view body, std::string_view to = {}) const
    {
        return "<iq" + attribute("type", type) + attribute("to", to) + ">" + std::string{body} + "</iq>";
    }
    std::string query(std::string_view xmlns, std::string_view body) const
    {
        return "<query" + attribute("xmlns", xmlns) + ">" + std::string{body} + "</query>";
    }
    std::string secret(std::size_t which, Asked::Use use)
    {
        asked_.secret = pick(which, secrets);
        asked_.written = {asked_.secret};
        asked_.use = use;
        return asked_.secret;
    }
    std::string account(std::size_t which, std::size_t password)
    {
        return element("username", escaped(pick(which, users))) +
               element("password", secret(password, Asked::Use::Account));
    }
    std::string account_form(std::size_t which, std::size_t password)
    {
        return "<x xmlns='jabber:x:data' type='submit'><field var='username'><value>" + escaped(pick(which, users)) +
               "</value></field><field var='password'><value>" + secret(password, Asked::Use::Account) +
               "</value></field></x>";
    }
    std::string plain_login();
    std::string sasl(std::string_view name, bool second, std::string_view attributes, std::string_view body) const
    {
        return "<" + std::string{name} + attribute("xmlns", second ? sasl2 : sasl1) + std::string{attributes} + ">" +
               std::string{body} + "</" + std::string{name} + ">";
    }
    std::string before_login();
    std::string roster_change() const;
    std::string blocking(std::string_view verb, std::string_view items) const
    {
        return "<" + std::string{verb} + " xmlns='urn:xmpp:blocking'>" + std::string{items} + "</" + std::string{verb} +
               ">";
    }
    std::string blocked_item(std::size_t which) const { return "<item" + attribute("jid", target(which)) + "/>"; }
    std::string in_session();
    std::string disconnected() const;

    const Line &line_;
    const std::string &connected_to_;
    const std::vector<std::string> &sessions_;
    Asked &asked_;
};

std::string Writer::plain_login()
{
    const bool second = line_.verb == 'L';
    const std::string message = '\0' + std::string{pick(0, users)} + '\0' + secret(1, Asked::Use::Proof);
    const std::string response = base64_encode(message);
    asked_.written.push_back(response);
    std::string body{pick(2, connections)};
    body += second ? element("initial-response", response) : response;
    if (second && number(3) % 2 == 1)
        body += "<bind xmlns='urn:xmpp:bind:0'>" + element("tag", text()) + "</bind>";
    return sasl(second ? "authenticate" : "auth", second, " mechanism='PLAIN'", body);
}

std::string Writer::before_login()
{
    switch (line_.verb) {
    case 'f': return iq("get", query("jabber:iq:stream-features", pick(0, connections)));
    case 'g': return iq("get", query("jabber:iq:auth", element("username", escaped(pick(0, users)))));
    case 'a':
        return iq("set", query("jabber:iq:auth", element("username", escaped(pick(0, users))) +
                                                     element("password", secret(1, Asked::Use::Proof)) +
                                                     element("resource", escaped(pick(2, resources)) + text())));
    case 'd': {
        const std::string digest = digest_of(secret(1, Asked::Use::Proof));
        return iq("set", query("jabber:iq:auth", element("username", escaped(pick(0, users))) + "<digest sid='5eed'>" +
                                                     digest + "</digest>" +
                                                     element("resource", escaped(pick(2, resources)) + text())));
    }
    case 'q': return iq("get", query("jabber:iq:register", ""), target(0));
    case 'p': return iq("set", query("jabber:iq:register", account(0, 1)));
    case 'P': return iq("set", query("jabber:iq:register", account_form(0, 1)));
    case 'l':
    case 'L': return plain_login();
    case 's': {
        const bool second = number(2) % 2 == 1;
        const std::string response = base64_encode("n,,n=" + std::string{pick(1, users)} + ",r=5eed" + content());
        return sasl(second ? "authenticate" : "auth", second, attribute("mechanism", pick(0, mechanisms)),
                    std::string{pick(3, connections)} + (second ? element("initial-response", response) : response));
    }
    case 'e': {
        const bool plain = number(1) % 2 == 0;
        return sasl("response", number(0) % 2 == 1, "", plain ? base64_encode(content()) : text());
    }
    case 'x': return sasl("abort", number(0) % 2 == 1, "", "");
    default:
        return iq("set", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" +
                             (number(0) % 2 == 0 ? element("resource", escaped(pick(0, resources)) + text()) : "") +
                             "</bind>");
    }
}

std::string Writer::roster_change() const
{
    std::string item = "<item" + attribute("jid", target(0)) + attribute("name", line_.rest);
    if (number(1) % 3 == 1)
        item += " subscription='remove'";
    return iq("set",
              query("jabber:iq:roster", item + ">" + (number(1) % 2 == 0 ? element("group", text()) : "") + "</item>"));
}

// The notice that the connection is closed, or a message that it could not write.
std::string Writer::disconnected() const
{
    if (line_.verb == 'n')
        return "<message type='error'><error code='510'>Disconnected</error></message>";
    return "<message type='error'" + attribute("from", target(0)) + attribute("to", target(1)) + ">" + content() +
           "<error code='510'" + attribute("type", pick(2, types)) + ">Disconnected</error></message>";
}

std::string Writer::in_session()
{
    switch (line_.verb) {
    case 'r': return iq("get", query("jabber:iq:roster", ""));
    case 'R': return roster_change();
    case 'S':
        return "<presence" + attribute("to", target(0)) + attribute("type", pick(1, subscriptions)) + ">" +
               element("status", text()) + "</presence>";
    case 'm':
        return "<message" + attribute("to", target(0)) + attribute("type", pick(1, types)) +
               attribute("from", target(2)) + ">" + element("body", text()) + "</message>";
    case 'o': return "<presence>" + element("priority", text()) + "</presence>";
    case 't': return "<presence" + attribute("to", target(0)) + attribute("type", pick(1, types)) + "/>";
    case 'u': return "<presence type='unavailable'/>";
    case 'v': return iq("get", "<vCard xmlns='vcard-temp'/>", target(0));
    case 'V': return iq("set", "<vCard xmlns='vcard-temp'>" + content() + "</vCard>", target(0));
    case 'w': return iq("get", query("jabber:iq:private", "<x" + attribute("xmlns", line_.rest) + "/>"));
    case 'W': return iq("set", query("jabber:iq:private", "<x xmlns='x'>" + content() + "</x>"), target(0));
    case 'i': return iq(pick(2, iq_types), std::string{pick(0, payloads)} + content(), target(1));
    case 'k':
        return iq("set", query("jabber:iq:register", number(2) % 2 == 0 ? account(0, 1) : account_form(0, 1)),
                  number(2) % 3 == 1 ? connected_to_.substr(0, connected_to_.find('/')) : "");
    case 'K': return iq("set", query("jabber:iq:register", "<remove/>"));
    case 'n':
    case 'N': return disconnected();
    case 'B': return iq("set", blocking("block", blocked_item(0) + (number(1) % 2 == 0 ? "" : blocked_item(2))));
    case 'U': return iq("set", blocking("unblock", number(1) % 3 == 0 ? "" : blocked_item(0)));
    case 'c':
        return iq("set", number(0) % 4 == 0 ? "<disable xmlns='urn:xmpp:carbons:2'/>"
                                            : "<enable xmlns='urn:xmpp:carbons:2'/>");
    case 'h':
        return "<message" + attribute("to", target(0)) + attribute("type", pick(1, types)) + ">" +
               (number(3) % 2 == 0 ? element("body", text()) : "") + std::string{pick(2, enclosures)} + "</message>";
    default: return content(); // a whole packet
    }
}

std::string Writer::written()
{
    return verbs.find(line_.verb) <= verbs.find('b') ? before_login() : in_session();
}

} // namespace

std::string words_of(const Line &line, const std::string &connected_to, const std::vector<std::string> &sessions,
                     Asked &asked)
{
    return Writer{line, connected_to, sessions, asked}.written();
}

} // namespace jabberd::fuzz
