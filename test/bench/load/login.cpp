// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load/login.h"

#include "base/base64.h"

#include <algorithm>
#include <stdexcept>

namespace jabberd::bench {

namespace {

const std::string password = "secret";
const std::string upgraded = "\r\n\r\n", features = "</stream:features>", success = "<success", bound = "auth",
                  registered = "reg", enabled = "<enabled";

const std::string upgrade = "GET /xmpp-websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n";

std::string header(const Options &options, const std::string &more)
{
    if (options.websocket)
        return "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='" + options.host + "'" + more + "/>";
    return "<stream:stream to='" + options.host +
           "' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'" + more + ">";
}

std::string iq(const Options &options, const std::string &id, const std::string &payload)
{
    return "<iq" + declared(options) + " type='set' id='" + id + "'>" + payload + "</iq>";
}

std::string child(const std::string &name, const std::string &text)
{
    return "<" + name + ">" + text + "</" + name + ">";
}

// The whole start tag that has this id, "" while there is none.
std::string_view tag_with_id(std::string_view in, const std::string &id)
{
    auto at = in.find("id='" + id + "'");
    if (at == std::string_view::npos)
        at = in.find("id=\"" + id + "\"");
    const auto end = in.find('>', at);
    if (at == std::string_view::npos || end == std::string_view::npos)
        return {};
    const auto begin = in.rfind('<', at);
    return in.substr(begin, end - begin);
}

} // namespace

std::string declared(const Options &options)
{
    return options.websocket ? " xmlns='jabber:client'" : "";
}

Login::Login(const Options &options, const std::string &user) : websocket_(options.websocket)
{
    if (options.relay)
        return;
    if (websocket_)
        steps_.push_back({{upgrade}, upgraded});
    if (options.sasl)
        log_in_by_sasl(options, user);
    else
        log_in_by_iq_auth(options, user);
    if (options.managed)
        steps_.push_back({{"<enable xmlns='urn:xmpp:sm:3' resume='true'/>"}, enabled});
}

void Login::log_in_by_iq_auth(const Options &options, const std::string &user)
{
    const std::string account = child("username", user) + child("password", password);
    steps_.push_back(
        {{header(options, ""), iq(options, registered, "<query xmlns='jabber:iq:register'>" + account + "</query>")},
         registered,
         true});
    steps_.push_back(
        {{iq(options, bound, "<query xmlns='jabber:iq:auth'>" + account + child("resource", "r") + "</query>")},
         bound});
}

void Login::log_in_by_sasl(const Options &options, const std::string &user)
{
    const std::string stream = header(options, " version='1.0'");
    const std::string plain = '\0' + user + '\0' + password;
    steps_.push_back({{stream}, features});
    steps_.push_back(
        {{"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + base64_encode(plain) + "</auth>"},
         success});
    steps_.push_back({{stream}, features});
    steps_.push_back(
        {{iq(options, bound, "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" + child("resource", "r") + "</bind>")},
         bound});
}

std::vector<std::string> Login::next(std::string_view in)
{
    if (said_ > 0) {
        const Step &last = steps_[said_ - 1];
        if (last.answer == upgraded || last.answer == features || last.answer == success || last.answer == enabled) {
            if (in.find("<failure") != std::string_view::npos || in.find("<stream:error") != std::string_view::npos)
                throw std::runtime_error("a login was refused: " + std::string{in});
            if (in.find(last.answer) == std::string_view::npos || !(in.ends_with('>') || last.answer == upgraded))
                return {};
        } else {
            const std::string_view tag = tag_with_id(in, last.answer);
            const bool error = tag.find("error") != std::string_view::npos;
            if (tag.empty() || !in.ends_with('>') || (error && in.find("</iq>") == std::string_view::npos))
                return {};
            if (error && !last.may_fail)
                throw std::runtime_error("a login was refused: " + std::string{in});
        }
    }
    ++said_;
    return done() ? std::vector<std::string>{} : steps_[said_ - 1].say;
}

} // namespace jabberd::bench
