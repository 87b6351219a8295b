// SPDX-License-Identifier: LGPL-2.1-or-later
#include "simple.h"

#include "delivery.h"
#include "packet_fields.h"
#include "sha1.h"

#include <algorithm>
#include <cstring>
#include <functional>

namespace stub {

namespace {

constexpr const char *password = "secret";
constexpr const char *auth_namespace = "jabber:iq:auth";
constexpr const char *register_namespace = "jabber:iq:register";

bool has_namespace(const Node *element, const char *xmlns)
{
    return element != nullptr && std::strcmp(xmlns_of(element), xmlns) == 0;
}

bool is_right(const Node *query)
{
    if (const Node *plain = child(query, "password"))
        return std::strcmp(text_of(plain), password) == 0;
    const Node *digest = child(query, "digest");
    const char *sid = digest == nullptr ? nullptr : attribute(digest, "sid");
    return sid != nullptr && lower(text_of(digest)) == sha1_hex(std::string{sid} + password);
}

void empty(Node *element)
{
    while (element->firstchild != nullptr)
        remove(element->firstchild);
}

void answer_with_fields(Node *iq, const char *xmlns, std::initializer_list<const char *> fields)
{
    set_attribute(iq, "type", "result");
    empty(iq);
    Node *query = add_element(iq, "query", xmlns);
    for (const char *field : fields)
        add_element(query, field);
}

} // namespace

Simple::Simple(std::string host) : host_{std::move(host)}
{
    for (auto &worker : workers_)
        worker = std::make_unique<Worker>("sessions");
}

void Simple::receive(Node *x)
{
    Outbox at_once;
    if (answer_at_once(x, at_once)) {
        free_pool(x->p);
        for (Node *packet : at_once)
            deliver_node(packet);
        return;
    }
    // What one client sends stays in order.
    const char *sender = attribute(x, has_routes ? "from" : "sfrom");
    const std::size_t hash = std::hash<std::string>{}(sender == nullptr ? "" : sender);
    workers_[hash % workers_.size()]->post([this, x] {
        Outbox out;
        handle(x, out);
        free_pool(x->p);
        for (Node *packet : out)
            deliver_node(packet);
    });
    pth_yield(nullptr); // as a real one, which may have to wait for a database
}

bool Simple::is_login(const Node *iq)
{
    const Node *query = is(iq, "iq") ? query_child(iq) : nullptr;
    return has_namespace(query, auth_namespace) || has_namespace(query, register_namespace);
}

bool Simple::answer_login(Node *iq, Session &session)
{
    Node *query = query_child(iq);
    const char *type = attribute(iq, "type");
    const bool set = type != nullptr && std::strcmp(type, "set") == 0;
    if (has_namespace(query, register_namespace)) {
        answer_with_fields(iq, register_namespace, {"instructions", "username", "password"});
        if (set)
            empty(iq);
        return false;
    }
    session.user = lower(text_of(child(query, "username")));
    session.resource = text_of(child(query, "resource"));
    const bool asks_fields = !set && (has_routes || !session.resource.empty());
    if (asks_fields && knows(session.user)) {
        answer_with_fields(iq, auth_namespace, {"username", "password", "digest", "resource"});
        add_text(child(query_child(iq), "username"), session.user);
        return false;
    }
    if (!set || !knows(session.user) || session.resource.empty() || !is_right(query)) {
        add_error(iq, 401, "Unauthorized");
        return false;
    }
    set_attribute(iq, "type", "result");
    empty(iq);
    return true;
}

std::unique_ptr<Session> Simple::begin(const Session &session)
{
    std::unique_ptr<Session> old;
    if (const Session *same = find(session.user, &Session::resource, session.resource)) {
        old = std::make_unique<Session>(*same);
        end(session.user, &Session::resource, session.resource);
    }
    users_[session.user].push_back(session);
    return old;
}

const Session *Simple::find(const std::string &user, std::string Session::*key, const std::string &value) const
{
    const auto sessions = users_.find(user);
    if (sessions == users_.end())
        return nullptr;
    for (const Session &session : sessions->second)
        if (session.*key == value)
            return &session;
    return nullptr;
}

void Simple::end(const std::string &user, std::string Session::*key, const std::string &value)
{
    std::erase_if(users_[user], [&](const Session &session) { return session.*key == value; });
}

void Simple::handle_other(Node *x, Outbox &out)
{
    if (is(x, "message"))
        handle_message(x, out);
}

void Simple::handle_message(Node *message, Outbox &out)
{
    const auto to = read_address(attribute(message, "to"));
    if (!to)
        return;
    if (to->server != host_)
        return out.push_back(copy_tree(new_pool(Kind::Packet), message));
    if (!knows(to->user))
        return;
    const auto sessions = users_.find(to->user);
    if (sessions == users_.end() || sessions->second.empty())
        return offline_[to->user].push_back(to_string(message));
    const Session *session = find(to->user, &Session::resource, to->resource);
    send(session == nullptr ? sessions->second.back() : *session, message, out);
}

std::unique_ptr<SessionManager> make_simple(const std::string &host)
{
    return has_routes ? make_simple_routes(host) : make_simple_sto(host);
}

} // namespace stub
