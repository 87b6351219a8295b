// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/base/delay.h"

#include "xml/document.h"
#include "xml/escape.h"

namespace jabberd::session_manager {

namespace {

constexpr const char *delay_xmlns = "urn:xmpp:delay";

std::string formatted(const char *format, std::time_t time)
{
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, format, &parts)};
}

void append_element(std::string &body, std::string_view name, std::string_view xmlns, std::string_view host,
                    std::string_view stamp)
{
    body += '<';
    body += name;
    xml::append_attribute(body, "xmlns", xmlns);
    xml::append_attribute(body, "from", host);
    xml::append_attribute(body, "stamp", stamp);
    body += "/>";
}

} // namespace

std::string date_time(std::time_t time)
{
    return formatted("%Y-%m-%dT%H:%M:%SZ", time);
}

std::string legacy_date_time(std::time_t time)
{
    return formatted("%Y%m%dT%H:%M:%S", time);
}

void append_delay(std::string &body, std::string_view host, std::time_t time)
{
    append_element(body, "delay", delay_xmlns, host, date_time(time));
    append_element(body, "x", "jabber:x:delay", host, legacy_date_time(time));
}

bool has_delay(const xmlNode *packet, std::string_view host)
{
    for (const xmlNode *node = packet->children; node != nullptr; node = node->next) {
        if (xml::is_element(node, "delay", delay_xmlns) && xml::attribute(node, "from") == host)
            return true;
    }
    return false;
}

} // namespace jabberd::session_manager
