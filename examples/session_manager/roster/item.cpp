// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/roster/item.h"

#include "xml/escape.h"

namespace jabberd::session_manager {

namespace {

std::string_view subscription(const RosterItem &item)
{
    if (item.to)
        return item.from ? "both" : "to";
    return item.from ? "from" : "none";
}

constexpr std::size_t frame_bytes = 256; // the item itself, and its place in the roster

} // namespace

std::size_t RosterItem::bytes() const
{
    return frame_bytes + 2 * contact.size() + name.size() + groups.size() + (request ? request->size() : 0);
}

void append_item(std::string &out, const RosterItem &item)
{
    out += "<item";
    xml::append_attribute(out, "jid", item.contact);
    if (!item.name.empty())
        xml::append_attribute(out, "name", item.name);
    xml::append_attribute(out, "subscription", subscription(item));
    if (item.ask)
        xml::append_attribute(out, "ask", "subscribe");
    if (item.groups.empty()) {
        out += "/>";
        return;
    }
    out += '>';
    out += item.groups;
    out += "</item>";
}

void append_removed_item(std::string &out, std::string_view contact)
{
    out += "<item";
    xml::append_attribute(out, "jid", contact);
    out += " subscription='remove'/>";
}

} // namespace jabberd::session_manager
