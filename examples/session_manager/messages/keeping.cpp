// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/messages/keeping.h"

#include "xml/document.h"

#include <string_view>

namespace jabberd::session_manager {

namespace {

constexpr std::string_view hints = "urn:xmpp:hints";
constexpr std::string_view chat_states = "http://jabber.org/protocol/chatstates";

bool is_of(const xmlNode *element, std::string_view xmlns)
{
    return element->ns != nullptr && reinterpret_cast<const char *>(element->ns->href) == xmlns;
}

// What goes along with a chat state and says nothing by itself.
bool is_envelope(const xmlNode *element)
{
    return is_of(element, hints) || is_of(element, "urn:xmpp:sid:0") ||
           xml::is_element(element, "thread", "jabber:client");
}

bool holds_chat_states_only(const xmlNode *message)
{
    bool any = false;
    for (const xmlNode *node = message->children; node != nullptr; node = node->next) {
        if (node->type != XML_ELEMENT_NODE || is_envelope(node))
            continue;
        if (!is_of(node, chat_states))
            return false;
        any = true;
    }
    return any;
}

} // namespace

Keeping keeping_of(const xmlNode *message)
{
    if (message == nullptr)
        return Keeping::Refuse;
    const bool state = holds_chat_states_only(message);
    // <no-permanent-store/> is about archives. What waits here is gone when it is delivered (XEP-0334 §4.1, §4.2).
    if (xml::child(message, "no-store", hints) != nullptr)
        return state ? Keeping::Drop : Keeping::Refuse;
    return state && xml::child(message, "store", hints) == nullptr ? Keeping::Drop : Keeping::Store;
}

} // namespace jabberd::session_manager
