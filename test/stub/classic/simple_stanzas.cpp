// SPDX-License-Identifier: LGPL-2.1-or-later
// What a client says in its session.
#include "simple.h"

#include "delivery.h"
#include "packet_fields.h"
#include "reading.h"

#include <cstring>
#include <ctime>
#include <string_view>

namespace stub {

namespace {

std::string stamp()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y%m%dT%H:%M:%S", &parts)};
}

} // namespace

void Simple::handle_stanza(const Session &session, Node *stanza, Outbox &out)
{
    set_attribute(stanza, "from", full(session));
    if (is(stanza, "iq"))
        return handle_iq(session, stanza, out);
    if (is(stanza, "message")) {
        if (attribute(stanza, "to") == nullptr)
            set_attribute(stanza, "to", bare(session));
        return handle_message(stanza, out);
    }
    if (is(stanza, "presence") && attribute(stanza, "to") == nullptr && type_of(stanza).empty())
        give_stored(session, out);
}

void Simple::give_stored(const Session &session, Outbox &out)
{
    const auto stored = offline_.extract(session.user);
    if (stored.empty())
        return;
    for (const std::string &text : stored.mapped()) {
        Node *message = read_document(text, true);
        Node *delay = add_element(message, "x", "jabber:x:delay");
        set_attribute(delay, "from", bare(session));
        set_attribute(delay, "stamp", stamp());
        add_text(delay, "Offline Storage");
        send(session, message, out);
        free_pool(message->p);
    }
}

void Simple::handle_iq(const Session &session, Node *iq, Outbox &out)
{
    const bool asks = type_of(iq) == "get" || type_of(iq) == "set";
    const char *to_text = attribute(iq, "to");
    const auto to = read_address(to_text == nullptr ? bare(session).c_str() : to_text);
    if (!to)
        return;
    if (to->server != host_)
        return out.push_back(copy_tree(new_pool(Kind::Packet), iq));
    if (!to->user.empty() && !to->resource.empty()) {
        if (const Session *other = find(to->user, &Session::resource, to->resource))
            return send(*other, iq, out);
    }
    if (!asks)
        return;
    if (to->resource.empty() && answer_query(session, *to, iq, out))
        return send(session, iq, out);
    if (to->user.empty())
        make_error(iq, 501, "Not Implemented");
    else
        make_error(iq, 503, "Service Unavailable");
    send(session, iq, out);
}

} // namespace stub
