// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/user.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace jabberd::test {

namespace {

std::string header(const std::string &domain)
{
    return "<stream:stream to='" + domain + "' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
}

std::string attribute(const Element &element, const std::string &name)
{
    const auto found = element.attributes.find(name);
    return found == element.attributes.end() ? "" : found->second;
}

// The type of the answer to an iq: "result" or "error".
std::string ask(Client &client, const std::string &id, const std::string &query)
{
    client.send("<iq type='set' id='" + id + "'>" + query + "</iq>");
    while (const auto event = client.receive()) {
        if (event->element.name == "iq" && attribute(event->element, "id") == id)
            return attribute(event->element, "type");
    }
    return "nothing: " + client.received();
}

std::string try_to_register(Client &client, const std::string &name, std::string_view password)
{
    return ask(client, "register",
               "<query xmlns='jabber:iq:register'><username>" + name + "</username><password>" + std::string{password} +
                   "</password></query>");
}

} // namespace

void register_account(std::uint16_t port, const std::string &name, std::string_view password)
{
    Client client{port};
    client.send(header("localhost"));
    EXPECT_EQ(try_to_register(client, name, password), "result") << name;
}

User::User(std::uint16_t port, std::string name, const std::string &resource, const std::string &domain)
    : client_(port), address_(name + '@' + domain + '/' + resource)
{
    client_.send(header(domain));
    try_to_register(client_, name, usual_password);
    EXPECT_EQ(ask(client_, "login",
                  "<query xmlns='jabber:iq:auth'><username>" + name + "</username><password>" +
                      std::string{usual_password} + "</password><resource>" + resource + "</resource></query>"),
              "result")
        << name;
    client_.send("<presence/>");
}

void User::say(std::string_view to, std::string_view body)
{
    client_.send("<message type='chat' to='" + std::string{to} + "'><body>" + std::string{body} + "</body></message>");
}

std::optional<User::Message> User::hear(Clock::time_point deadline)
{
    while (const auto event = client_.receive(deadline)) {
        if (event->kind != StreamEvent::Kind::Element || event->element.name != "message")
            continue;
        const auto &children = event->element.children;
        const auto body = std::ranges::find(children, "body", &Element::name);
        return Message{attribute(event->element, "from"),
                       body == children.end() || body->children.empty() ? "" : body->children.front().text};
    }
    return std::nullopt;
}

} // namespace jabberd::test
