// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load/login.h"

#include "base/base64.h"

#include <algorithm>
#include <stdexcept>

namespace jabberd::bench {

namespace {

const std::string password = "secret";
const std::string features = "</stream:features>", success = "<success", bound = "auth", registered = "reg",
                  enabled = "<enabled";

std::string header(const std::string &host, std::string_view more)
{
    return "<stream:stream to='" + host + "' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'" +
           std::string{more} + ">";
}

std::string iq(const std::string &id, const std::string &payload)
{
    return "<iq type='set' id='" + id + "'>" + payload + "</iq>";
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

Login::Login(const Options &options, const std::string &user)
{
    if (options.relay)
        return;
    if (!options.sasl) {
        const std::string account = child("username", user) + child("password", password);
        steps_ = {
            {header(options.host, "") + iq(registered, "<query xmlns='jabber:iq:register'>" + account + "</query>"),
             registered, true},
            {iq(bound, "<query xmlns='jabber:iq:auth'>" + account + child("resource", "r") + "</query>"), bound}};
        enable(options);
        return;
    }
    const std::string stream = header(options.host, " version='1.0'");
    const std::string plain = '\0' + user + '\0' + password;
    steps_ = {
        {stream, features},
        {"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + base64_encode(plain) + "</auth>",
         success},
        {stream, features},
        {iq(bound, "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" + child("resource", "r") + "</bind>"), bound}};
    enable(options);
}

void Login::enable(const Options &options)
{
    if (options.managed)
        steps_.push_back({"<enable xmlns='urn:xmpp:sm:3' resume='true'/>", enabled});
}

std::string Login::next(std::string_view in)
{
    if (said_ > 0) {
        const Step &last = steps_[said_ - 1];
        if (last.answer == features || last.answer == success || last.answer == enabled) {
            if (in.find("<failure") != std::string_view::npos || in.find("<stream:error") != std::string_view::npos)
                throw std::runtime_error("a login was refused: " + std::string{in});
            if (in.find(last.answer) == std::string_view::npos || !in.ends_with('>'))
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
    return done() ? std::string{} : steps_[said_ - 1].say;
}

} // namespace jabberd::bench
