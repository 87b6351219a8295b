// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/router.h"

#include "base/address.h"
#include "base/view.h"
#include "packet/notice.h"
#include "session_manager/iq/request.h"
#include "session_manager/login/before_login.h"
#include "session_manager/login/bind.h"
#include "session_manager/login/sasl_login.h"
#include "session_manager/login/stream_features.h"
#include "session_manager/messages/carbons.h"
#include "session_manager/messages/messages.h"
#include "session_manager/presence/presence.h"
#include "session_manager/presence/subscriptions.h"
#include "session_manager/returned.h"
#include "xml/document.h"

#include <jabberd/session.h>

#include <charconv>
#include <new>

namespace jabberd::session_manager {

namespace {

// RFC 6121 §4.7.2.3; what is no number in -128…127 counts as none.
int priority_of(const jabberd_packet &presence)
{
    if (text(presence.body).find("<priority") == std::string_view::npos)
        return 0;
    const auto document = xml::parse_body(text(presence.body));
    const xmlNode *element =
        document ? xml::child(xmlDocGetRootElement(document.get()), "priority", "jabber:client") : nullptr;
    if (element == nullptr)
        return 0;
    const std::string digits = xml::content(element);
    int priority = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), priority);
    const bool valid =
        problem == std::errc{} && end == digits.data() + digits.size() && priority >= -128 && priority <= 127;
    return valid ? priority : 0;
}

bool is_stanza(const jabberd_packet &packet)
{
    const std::string_view name = text(packet.name);
    return name == "message" || name == "presence" || name == "iq";
}

// The socket manager's question after a login that has bound already. A client that asks the same learns nothing else.
bool asks_features(const jabberd_packet &packet)
{
    if (text(packet.name) != "iq" || text(packet.type) != "get" || present(packet.to) ||
        text(packet.body).find(JABBERD_NS_FEATURES) == std::string_view::npos)
        return false;
    const auto document = xml::parse_body(text(packet.body));
    return document && xml::child(xmlDocGetRootElement(document.get()), "query", JABBERD_NS_FEATURES) != nullptr;
}

bool is_request(const jabberd_packet &iq)
{
    return text(iq.type) == "get" || text(iq.type) == "set";
}

// RFC 6120 §8.2.3, RFC 6121 §4.7.1. A message of a type that is not known is a normal one (RFC 6121 §5.2.2).
bool has_known_type(const jabberd_packet &stanza)
{
    const std::string_view name = text(stanza.name), type = text(stanza.type);
    if (name == "iq")
        return is_request(stanza) || type == "result" || type == "error";
    return name != "presence" || type.empty() || type == "available" || type == "unavailable" || type == "probe" ||
           type == "error" || subscription_of(type).has_value();
}

// jabberd 1.4 takes presence of type "available" for what has none.
jabberd_packet with_usual_type(jabberd_packet stanza)
{
    if (text(stanza.name) == "presence" && text(stanza.type) == "available")
        stanza.type = {};
    return stanza;
}

// An iq for a session of the user. A Core::Receive.
void receive_iq(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &iq)
{
    Session *session = user.blocks(text(iq.from)) ? nullptr : locked.addressed_session(user, iq);
    if (session != nullptr)
        return locked.give(*session, iq);
    core.refuse(locked, iq, Condition::ServiceUnavailable);
}

} // namespace

jabberd_result Router::handle(const jabberd_packet &packet)
{
    if (!is_stanza(packet) && !(is_sasl(packet) && present(packet.sto)))
        return JABBERD_PASS;
    if (take_fast_path(packet))
        return core_.done_or_congested();
    try {
        if (present(packet.sto))
            from_connection(packet);
        else
            from_elsewhere(packet);
    } catch (const std::bad_alloc &problem) { // it ends the request, not the process
        core_.failed(problem);
        refuse_without_memory(packet);
    }
    return core_.done_or_congested();
}

void Router::refuse_without_memory(const jabberd_packet &packet)
{
    jabberd_packet refused = packet;
    const bool of_a_session = !split_address(text(packet.sto)).resource.empty();
    if (is_sasl(packet))
        return refuse_sasl(core_, packet);
    if (present(packet.sto) && !of_a_session)
        return LoginAnswer{core_, packet, {}}.error(Condition::ResourceConstraint);
    if (of_a_session)
        refused.from = packet.sto;
    refused.body = {}; // what was too much
    LockedDirectory locked{core_.directory};
    core_.refuse(locked, refused, Condition::ResourceConstraint);
}

void Router::from_elsewhere(const jabberd_packet &packet)
{
    if (!has_known_type(packet)) {
        LockedDirectory locked{core_.directory};
        return core_.refuse(locked, packet, Condition::BadRequest);
    }
    to_anywhere(with_usual_type(packet), Origin::Elsewhere);
}

// A message between two users who have sessions: nine of ten packets on a busy server. One lock, no copy, no tree.
bool Router::take_fast_path(const jabberd_packet &packet)
{
    if (text(packet.name) != "message" || text(packet.type) == "error" || carbons::may_concern(packet))
        return false;
    std::shared_ptr<const Session> target;
    {
        LockedDirectory locked{core_.directory};
        if (present(packet.sto)) {
            const Session *sender = locked.session_of(text(packet.sto), text(packet.sfrom));
            if (sender == nullptr || sender->user->changes || !sender->user->blocklist.empty() ||
                sender->user->copies_beside(*sender))
                return false;
        }
        target = locked.fast_path_target(packet);
    }
    if (target == nullptr)
        return false;
    jabberd_packet stanza = packet;
    if (present(packet.sto))
        stanza.from = packet.sto;
    stanza.sto = view(target->connection);
    stanza.sfrom = view(target->address);
    core_.outlet.deliver(stanza);
    return true;
}

void Router::from_connection(const jabberd_packet &packet)
{
    const std::string_view id = text(packet.sto), connection = text(packet.sfrom);
    if (text(packet.type) == "error" && packet::is_disconnected(packet))
        return take_returned(core_, packet);
    if (id.find('@') == std::string_view::npos)
        return before_login(core_, packet);
    if (id.find('/') == std::string_view::npos)
        return before_binding(core_, packet);
    {
        LockedDirectory locked{core_.directory};
        const Session *session = locked.session_of(id, connection);
        if (session == nullptr)
            return locked.post(
                packet::EndNotice{connection, id, {"reset", "There is no such session any more"}}.packet());
        if (session->user->changes && waits_for_change(locked, *session->user, packet))
            return;
    }
    from_session_in_order(packet);
}

// What goes to a contact stays behind what the same user has begun to change between the two.
bool Router::waits_for_change(LockedDirectory &locked, User &user, const jabberd_packet &packet)
{
    const auto to = prepare_jid(text(packet.to));
    const bool is_subscription = text(packet.name) == "presence" && subscription_of(text(packet.type));
    if (!to || is_subscription || !user.is_changing(to->bare()))
        return false;
    OwnedPacket owned{packet};
    Work work = core_.take_work(locked, core_.causer_of(text(packet.sto)), owned.bytes());
    if (!work) {
        jabberd_packet refused = packet;
        refused.from = packet.sto;
        core_.refuse(locked, refused, Condition::ResourceConstraint);
        return true;
    }
    locked.change(user, to->bare(),
                  [this, kept = std::move(owned), held = std::move(work)](LockedDirectory &later, User &same) mutable {
                      later.keep_changing(same);
                      later.at_last([this, &same, last = std::move(kept), still = std::move(held)] {
                          from_session_in_order(last.packet());
                          LockedDirectory{core_.directory}.changed(same);
                      });
                  });
    return true;
}

void Router::from_session_in_order(const jabberd_packet &packet)
{
    if (!is_stanza(packet))
        return; // SASL, and the session has logged in already
    if (asks_features(packet))
        return LoginAnswer{core_, packet, {}}.result(features_of_a_session());
    jabberd_packet stamped = with_usual_type(packet);
    stamped.from = packet.sto;
    stamped.sto = stamped.sfrom = {};
    if (has_known_type(stamped))
        return from_session(stamped);
    LockedDirectory locked{core_.directory};
    core_.refuse(locked, stamped, Condition::BadRequest);
}

// XEP-0191 §3.3: the sender has blocked the receiver, and learns it.
bool Router::is_for_blocked(const jabberd_packet &stamped)
{
    LockedDirectory locked{core_.directory};
    const Session *session = locked.session(text(stamped.from));
    if (session == nullptr || !session->user->blocks(text(stamped.to)))
        return false;
    core_.refuse(locked, stamped, Condition::Blocked);
    return true;
}

void Router::from_session(const jabberd_packet &stamped)
{
    const bool addressed = !text(stamped.to).empty();
    if (addressed && is_for_blocked(stamped))
        return;
    if (text(stamped.name) == "presence")
        return presence_from_session(stamped);
    if (addressed)
        return to_anywhere(stamped, Origin::Session);
    jabberd_packet own = stamped;
    if (text(stamped.name) == "iq") {
        if (!is_request(stamped))
            return;
        const auto self = prepare_jid(text(stamped.from));
        if (!self)
            return;
        own.to = {};
        return iq::dispatch(core_, own, iq::OwnScope, *self, *self);
    }
    own.to = view(bare_address(text(stamped.from))); // RFC 6120 §10.3.1
    to_anywhere(own, Origin::Session);
}

void Router::presence_from_session(const jabberd_packet &stamped)
{
    const std::string_view type = text(stamped.type);
    const std::string id{text(stamped.from)};
    const int priority = priority_of(stamped);
    const bool notifies = type.empty() || type == "unavailable";
    const auto subscription = subscription_of(type);

    if (text(stamped.to).empty()) {
        LockedDirectory locked{core_.directory};
        if (!notifies) {
            if (subscription) // RFC 6121 §3.1.1: to a contact
                core_.refuse(locked, stamped, Condition::BadRequest);
            return;
        }
        jabberd_packet undirected = stamped;
        undirected.to = {};
        Session *session = locked.session(id);
        if (session == nullptr)
            return;
        return type.empty() ? presence::announce(core_, locked, *session, undirected, priority)
                            : presence::withdraw(core_, locked, *session, undirected);
    }

    const auto to = prepare_jid(text(stamped.to));
    LockedDirectory locked{core_.directory};
    Session *session = locked.session(id);
    if (session == nullptr)
        return;
    if (!to)
        return core_.refuse(locked, stamped, Condition::JidMalformed);
    if (subscription)
        return subscriptions::send(core_, locked, *session->user, stamped, *subscription, to->bare());
    if (notifies)
        return presence::direct(core_, locked, *session, stamped, to->full());
    // What is left are errors, which no contact has asked for, and probes, which only servers send (RFC 6121 §4.3).
}

void Router::to_anywhere(const jabberd_packet &packet, Origin origin)
{
    const auto to = prepare_jid(text(packet.to));
    if (to && origin == Origin::Session && text(packet.name) == "message" &&
        to->bare() != bare_address(text(packet.from))) // who writes to their own account receives it there
        carbons::copy_sent(core_, packet);
    if (to && origin == Origin::Elsewhere)
        return to_local(packet, *to, origin); // the host has decided that it is ours
    if (to && core_.is_local(to->host))
        return to_local(packet, *to, origin);
    LockedDirectory locked{core_.directory};
    if (!to)
        return core_.refuse(locked, packet, Condition::JidMalformed);
    locked.post(packet);
}

void Router::to_local(const jabberd_packet &packet, const Jid &to, Origin origin)
{
    const std::string_view name = text(packet.name);
    if (name == "iq" && (to.resource.empty() || to.user.empty()))
        return request_for_us(packet, to, origin);

    const std::string address = to.bare();
    if (name == "message" && !to.user.empty())
        return message_for_account(packet, address);

    LockedDirectory locked{core_.directory};
    if (to.user.empty())
        return name == "message" ? core_.refuse(locked, packet, Condition::ServiceUnavailable)
                                 : void(); // presence for the host itself has no effect

    const bool here = locked.user(address) != nullptr;
    const std::string_view type = text(packet.type);
    if (name == "iq")
        return here ? core_.pass(locked, address, packet, receive_iq)
                    : core_.refuse(locked, packet, Condition::ServiceUnavailable);
    if (here || type == "probe" || subscription_of(type)) // any other presence has no effect without a session
        core_.pass(locked, address, packet, presence::receive);
}

void Router::message_for_account(const jabberd_packet &packet, std::string_view address)
{
    jabberd_packet message = packet;
    const auto receive =
        carbons::is_copied(packet, carbons::Side::Received) ? messages::receive_and_copy : messages::receive;
    const auto body = carbons::without_private(packet);
    if (body)
        message.body = view(*body);
    LockedDirectory locked{core_.directory};
    core_.pass(locked, address, message, receive);
}

// To the host, or to an account: no client sees it.
void Router::request_for_us(const jabberd_packet &packet, const Jid &to, Origin origin)
{
    const auto from = prepare_jid(text(packet.from));
    if (!from || !is_request(packet))
        return;
    if (to.user.empty())
        return iq::dispatch(core_, packet, iq::HostScope, *from, to);
    const bool own = origin == Origin::Session && from->bare() == to.bare();
    iq::dispatch(core_, packet, own ? iq::OwnScope : iq::OtherScope, *from, to);
}

} // namespace jabberd::session_manager
