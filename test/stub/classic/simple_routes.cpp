// SPDX-License-Identifier: LGPL-2.1-or-later
// The session manager of 1.4 and 1.6, as far as connections see it: <route/>.
#include "simple.h"

#include "delivery.h"

#include <cstring>
#include <string_view>

namespace stub {

namespace {

// The same with `to` and `from` swapped, and what is in it.
Node *answer_to(const Node *route)
{
    Node *answer = copy_tree(new_pool(Kind::Packet), route);
    set_attribute(answer, "to", attribute(route, "from"));
    set_attribute(answer, "from", attribute(route, "to"));
    return answer;
}

class SimpleRoutes : public Simple {
public:
    using Simple::Simple;

protected:
    // A stanza for a session that is none comes back before deliver() returns: who delivers must be ready for that.
    bool answer_at_once(Node *x, Outbox &out) override
    {
        const auto to = read_address(attribute(x, "to"));
        if (!is(x, "route") || !to || attribute(x, "from") == nullptr || !type_of(x).empty())
            return false;
        if (find(to->user, &Session::id, to->resource) != nullptr)
            return false;
        refuse(x, knows(to->user) ? "Invalid Session" : "Invalid User", out);
        return true;
    }

    void handle(Node *x, Outbox &out) override
    {
        if (!is(x, "route"))
            return handle_other(x, out);
        const auto to = read_address(attribute(x, "to"));
        const std::string_view type = type_of(x);
        if (!to || (type != "error" && attribute(x, "from") == nullptr))
            return;
        if (type == "auth")
            log_in(x, out);
        else if (type == "session")
            start(x, *to, out);
        else if (type == "error")
            close(x, *to, out);
        else if (const Session *found = find(to->user, &Session::id, to->resource)) {
            const Session session = *found;
            if (Node *stanza = query_child(x))
                handle_stanza(session, stanza, out);
        } else {
            refuse(x, "Invalid Session", out); // it has ended while this waited
        }
    }

    void send(const Session &session, const Node *stanza, Outbox &out) override
    {
        Node *route = new_route();
        set_attribute(route, "from", address(session));
        set_attribute(route, "to", session.client);
        add_copy(route, stanza);
        out.push_back(route);
    }

private:
    static Node *new_route()
    {
        return new_element(new_pool(Kind::Packet), "route", has_namespaces ? server_namespace : nullptr);
    }

    std::string address(const Session &session) const { return bare(session) + "/" + session.id; }

    static void refuse(const Node *route, const char *error, Outbox &out)
    {
        Node *answer = answer_to(route);
        set_attribute(answer, "type", "error");
        set_attribute(answer, "error", error);
        out.push_back(answer);
    }

    void log_in(const Node *route, Outbox &out)
    {
        Node *answer = answer_to(route);
        out.push_back(answer);
        Node *iq = query_child(answer);
        if (!is_login(iq))
            return set_attribute(answer, "type", "error");
        Session unused; // it starts with a packet of its own
        answer_login(iq, unused);
    }

    void start(const Node *route, const Address &to, Outbox &out)
    {
        if (!knows(to.user) || to.resource.empty())
            return refuse(route, "Session Failed", out);
        const Session session{to.user, to.resource, attribute(route, "from"), next_id()};
        const auto old = begin(session);
        Node *answer = answer_to(route);
        set_attribute(answer, "from", address(session));
        out.push_back(answer);
        if (!old)
            return;
        Node *notice = new_route();
        set_attribute(notice, "type", "error");
        set_attribute(notice, "error", "Disconnected");
        set_attribute(notice, "from", address(*old));
        set_attribute(notice, "to", old->client);
        out.push_back(notice);
    }

    void close(const Node *route, const Address &to, Outbox &out)
    {
        if (to.resource.empty())
            end_all(to.user);
        else
            end(to.user, &Session::id, to.resource);
        if (Node *returned = query_child(route); is(returned, "message"))
            handle_message(returned, out);
    }

    std::string next_id()
    {
        char text[16];
        return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%X", next_id_ += 0x1B0))};
    }

    unsigned next_id_ = 0xCFBE0000;
};

} // namespace

std::unique_ptr<SessionManager> make_simple_routes(const std::string &host)
{
    return std::make_unique<SimpleRoutes>(host);
}

} // namespace stub
