// SPDX-License-Identifier: LGPL-2.1-or-later
// The session manager of 1.1, as far as connections see it: sto, sfrom and 510.
#include "simple.h"

#include "delivery.h"
#include "packet_fields.h"

namespace stub {

namespace {

class SimpleSto : public Simple {
public:
    using Simple::Simple;

protected:
    bool answer_at_once(Node *, Outbox &) override { return false; }

    void handle(Node *x, Outbox &out) override
    {
        const auto to = read_address(attribute(x, "sto"));
        if (!to)
            return handle_other(x, out);
        if (find_510(x) != nullptr)
            return close(x, *to, out);
        if (to->user.empty())
            return log_in(x, *to, out);
        const Session *found = find(to->user, &Session::resource, to->resource);
        if (found == nullptr)
            return drop(x, *to);
        const Session session = *found;
        remove_attribute(x, "sto");
        remove_attribute(x, "sfrom");
        handle_stanza(session, x, out);
    }

    void send(const Session &session, const Node *stanza, Outbox &out) override
    {
        Node *x = copy_tree(new_pool(Kind::Packet), stanza);
        set_attribute(x, "sto", session.client);
        set_attribute(x, "sfrom", bare(session));
        out.push_back(x);
    }

private:
    void log(const std::string &text) const { print_log("notice", host_.c_str(), text.c_str()); }

    void drop(const Node *x, const Address &to) const
    {
        log(std::string{"Dropping "} + x->name + " packet intended for session " + to.full());
    }

    void end_with_notice(const Session &session, Outbox &out)
    {
        Node *notice = new_element(new_pool(Kind::Packet), "message");
        set_attribute(notice, "type", "error");
        set_attribute(notice, "sto", session.client);
        set_attribute(notice, "sfrom", full(session));
        Node *error = add_element(notice, "error");
        set_attribute(error, "code", "510");
        add_text(error, "Disconnected");
        out.push_back(notice);
    }

    void log_in(Node *x, const Address &to, Outbox &out)
    {
        const char *sfrom = attribute(x, "sfrom");
        if (!is(x, "iq") || query_child(x) == nullptr || sfrom == nullptr)
            return drop(x, to);
        Session session;
        session.client = sfrom;
        bool accepted = false;
        if (is_login(x))
            accepted = answer_login(x, session);
        else
            add_error(x, 406, "Not Acceptable");
        set_attribute(x, "sto", session.client);
        set_attribute(x, "sfrom", accepted ? full(session) : host_);
        out.push_back(copy_tree(new_pool(Kind::Packet), x));
        if (!accepted)
            return;
        if (const auto old = begin(session))
            end_with_notice(*old, out);
    }

    // As the real one: it knows a session by its user and resource alone, whichever connection speaks of it; and it
    // answers with a notice of its own.
    void close(Node *x, const Address &to, Outbox &out)
    {
        if (const Session *found = find(to.user, &Session::resource, to.resource)) {
            end_with_notice(*found, out);
            end(to.user, &Session::resource, to.resource);
        }
        remove_attribute(x, "sto");
        remove_attribute(x, "sfrom");
        if (is(x, "message") && undo_510(x))
            handle_message(x, out);
        else
            log("dropping a bounced session packet to " + to.full());
    }
};

} // namespace

std::unique_ptr<SessionManager> make_simple_sto(const std::string &host)
{
    return std::make_unique<SimpleSto>(host);
}

} // namespace stub
