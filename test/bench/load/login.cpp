// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load/login.h"

#include "base/base64.h"
#include "load/scram.h"

#include <algorithm>
#include <stdexcept>

namespace jabberd::bench {

namespace {

const std::string account_password = "secret";
const std::string upgraded = "\r\n\r\n", features = "</stream:features>", success = "<success",
                  challenge_end = "</challenge>", bound = "auth", registered = "reg", enabled = "<enabled";

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

std::string auth(const std::string &mechanism, const std::string &initial_response)
{
    return "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='" + mechanism + "'>" +
           base64_encode(initial_response) + "</auth>";
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
    if (options.sasl != Sasl::None)
        log_in_by_sasl(options, user);
    else
        log_in_by_iq_auth(options, user);
    if (options.managed)
        steps_.push_back({{"<enable xmlns='urn:xmpp:sm:3' resume='true'/>"}, enabled});
}

void Login::log_in_by_iq_auth(const Options &options, const std::string &user)
{
    const std::string account = child("username", user) + child("password", account_password);
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
    steps_.push_back({{stream}, features});
    options.sasl == Sasl::Scram ? authenticate_by_scram(user) : authenticate_by_plain(user);
    steps_.push_back({{stream}, features});
    steps_.push_back(
        {{iq(options, bound, "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" + child("resource", "r") + "</bind>")},
         bound});
}

void Login::authenticate_by_plain(const std::string &user)
{
    steps_.push_back({{auth("PLAIN", '\0' + user + '\0' + account_password)}, success});
}

void Login::authenticate_by_scram(const std::string &user)
{
    steps_.push_back({{auth("SCRAM-SHA-1", scram_first(user))}, challenge_end});
    const auto reply = [user](std::string_view in) {
        const auto end = in.rfind(challenge_end), begin = in.rfind('>', end);
        const std::string text = base64_decode(in.substr(begin + 1, end - begin - 1)).value_or("");
        return "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" +
               base64_encode(scram_final(user, account_password, text)) + "</response>";
    };
    steps_.push_back({{}, success, false, reply});
}

std::vector<std::string> Login::next(std::string_view in)
{
    if (said_ > 0) {
        const Step &last = steps_[said_ - 1];
        if (last.answer == upgraded || last.answer == features || last.answer == success ||
            last.answer == challenge_end || last.answer == enabled) {
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
    if (done())
        return {};
    const Step &step = steps_[said_ - 1];
    return step.reply ? std::vector{step.reply(in)} : step.say;
}

} // namespace jabberd::bench
