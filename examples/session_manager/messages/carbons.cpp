// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/messages/carbons.h"

#include "base/view.h"
#include "xml/document.h"
#include "xml/packet_text.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace jabberd::session_manager::carbons {

namespace {

constexpr std::string_view forward_xmlns = "urn:xmpp:forward:0";
constexpr std::string_view hints_xmlns = "urn:xmpp:hints";
constexpr std::string_view room_xmlns = "http://jabber.org/protocol/muc#user";

std::string_view name_of(Side side)
{
    return side == Side::Sent ? "sent" : "received";
}

bool mentions(const jabberd_packet &message, std::string_view xmlns)
{
    return text(message.body).find(xmlns) != std::string_view::npos;
}

// What people write to each other, and what goes along with it: receipts, chat states, markers, invitations.
bool is_of_a_conversation(const xmlNode *element)
{
    if (element->type != XML_ELEMENT_NODE)
        return false;
    const std::string_view of = xml::namespace_of(*element);
    return xml::is_element(element, "body", "jabber:client") || of == "urn:xmpp:receipts" ||
           of == "http://jabber.org/protocol/chatstates" || of == "urn:xmpp:chat-markers:0" ||
           of == "jabber:x:conference" || of == room_xmlns;
}

bool holds_conversation(const xmlNode *message)
{
    for (const xmlNode *node = message->children; node != nullptr; node = node->next) {
        if (is_of_a_conversation(node))
            return true;
    }
    return false;
}

// A room gives what an occupant writes to another to all sessions that are in it, by itself.
bool comes_through_a_room(const xmlNode *message)
{
    const xmlNode *room = xml::child(message, "x", room_xmlns);
    return room != nullptr && xml::child(room, "invite", room_xmlns) == nullptr;
}

bool excludes_copies(const xmlNode *message)
{
    return xml::child(message, "private", xmlns) != nullptr || xml::child(message, "no-copy", hints_xmlns) != nullptr ||
           xml::child(message, "received", xmlns) != nullptr || xml::child(message, "sent", xmlns) != nullptr;
}

std::string wrapped(jabberd_packet message, Side side)
{
    message.sto = message.sfrom = {};
    message.xmlns = view("jabber:client");
    const std::string name{name_of(side)};
    std::string out = "<" + name + " xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>";
    xml::append_packet(out, message);
    return out + "</forwarded></" + name + ">";
}

OwnedPacket packet_of(const xmlNode *element)
{
    const std::string body = xml::children_text(element);
    const std::unique_ptr<xmlChar, decltype(xmlFree)> lang{
        xmlGetNsProp(const_cast<xmlNode *>(element), reinterpret_cast<const xmlChar *>("lang"), XML_XML_NAMESPACE),
        xmlFree};
    jabberd_packet packet = make_packet("message", xml::attribute(element, "type"), xml::attribute(element, "from"),
                                        xml::attribute(element, "to"), body);
    if (const std::string_view id = xml::attribute(element, "id"); !id.empty())
        packet.id = view(id);
    if (lang)
        packet.lang = view(reinterpret_cast<const char *>(lang.get()));
    return OwnedPacket{packet};
}

} // namespace

bool may_concern(const jabberd_packet &message)
{
    return mentions(message, xmlns);
}

bool is_copied(const jabberd_packet &message, Side side)
{
    const std::string_view type = text(message.type);
    if (type == "groupchat" || type == "headline")
        return false;
    const bool is_chat = type == "chat";
    if (is_chat && !may_concern(message) && !mentions(message, hints_xmlns) && !mentions(message, room_xmlns))
        return true;
    const auto document = xml::parse_body(text(message.body));
    if (!document)
        return false;
    const xmlNode *root = xmlDocGetRootElement(document.get());
    if (excludes_copies(root) || (side == Side::Received && comes_through_a_room(root)))
        return false;
    return is_chat || holds_conversation(root); // of an error, what it quotes
}

std::optional<std::string> without_private(const jabberd_packet &message)
{
    if (!may_concern(message))
        return std::nullopt;
    const auto document = xml::parse_body(text(message.body));
    const xmlNode *root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    const xmlNode *hint = root == nullptr ? nullptr : xml::child(root, "private", xmlns);
    if (hint == nullptr)
        return std::nullopt;
    return xml::children_text(root, hint);
}

void give(LockedDirectory &locked, Session &session, const jabberd_packet &message, Side side)
{
    locked.give(session, make_packet("message", text(message.type), session.address, session.id),
                [copied = OwnedPacket{message}, side](std::string &body) { body = wrapped(copied.packet(), side); });
}

void copy_sent(Core &core, const jabberd_packet &message)
{
    const std::string_view sender = text(message.from);
    const auto copies = [&](LockedDirectory &locked) {
        const Session *session = locked.session(sender);
        return session != nullptr && session->user->copies_beside(*session);
    };
    {
        LockedDirectory locked{core.directory};
        if (!copies(locked))
            return;
    }
    if (!is_copied(message, Side::Sent))
        return;
    LockedDirectory locked{core.directory};
    if (!copies(locked))
        return;
    for (const auto &session : locked.session(sender)->user->sessions) {
        if (session->carbons && session->id != sender)
            give(locked, *session, message, Side::Sent);
    }
}

std::optional<Carbon> carbon_in(const jabberd_packet &message, std::string_view user)
{
    if (text(message.from) != user || !may_concern(message))
        return std::nullopt;
    const auto document = xml::parse_body(text(message.body));
    const xmlNode *root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    for (const Side side : {Side::Received, Side::Sent}) {
        const xmlNode *wrapper = root == nullptr ? nullptr : xml::child(root, name_of(side), xmlns);
        const xmlNode *forwarded = wrapper == nullptr ? nullptr : xml::child(wrapper, "forwarded", forward_xmlns);
        const xmlNode *copied = forwarded == nullptr ? nullptr : xml::child(forwarded, "message", "jabber:client");
        if (copied != nullptr)
            return Carbon{side, packet_of(copied)};
    }
    return std::nullopt;
}

} // namespace jabberd::session_manager::carbons
