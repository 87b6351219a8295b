// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/answer.h"
#include "ctl/views.h"
#include "host/text/printable.h"

namespace jabberd::ctl {

namespace {

constexpr std::string_view reset = "\033[0m";
constexpr std::string_view dim = "\033[2m";
constexpr std::string_view bold = "\033[1m";
constexpr std::string_view sto_colour = "\033[1;36m";
constexpr std::string_view sfrom_colour = "\033[1;35m";

// 2026-11-22T13:08:53.123456+00:00 → 13:08:53.123
std::string clock_time(const std::string &time)
{
    constexpr std::size_t date = 11;
    return time.size() < date ? time : time.substr(date, 12);
}

// Our host has written out what does not print already; another host may not have.
std::string printable(const std::string &text)
{
    std::string out;
    host::append_printable(out, text);
    return out;
}

std::string service_name(JsonObject *line, const char *member, const char *otherwise)
{
    const std::string name = text(line, member);
    return name.empty() ? otherwise : printable(name);
}

// Wraps ` name='value'` of the start tag in a colour. Values hold no ' and the tag ends at the first >, for both are
// escaped inside values.
void highlight(std::string &xml, const std::string &name, std::string_view colour)
{
    const auto end_of_tag = xml.find('>');
    const auto begin = xml.find(" " + name + "='");
    if (begin == std::string::npos || begin > end_of_tag)
        return;
    const auto end = xml.find('\'', begin + name.size() + 3);
    if (end == std::string::npos)
        return;
    xml.insert(end + 1, reset);
    xml.insert(begin + 1, colour);
}

} // namespace

std::string trace_view(JsonObject *line, bool colour)
{
    const auto styled = [&](std::string_view style, const std::string &text) {
        return colour ? std::string{style} + text + std::string{reset} : text;
    };
    if (has(line, "lost"))
        return styled(bold,
                      "… " + std::to_string(number(line, "lost")) + " packets not shown, this terminal was too slow") +
               "\n";
    std::string xml = printable(text(line, "packet"));
    if (colour) {
        highlight(xml, "sto", sto_colour);
        highlight(xml, "sfrom", sfrom_colour);
    }
    const std::string route = service_name(line, "from", "host") + " → " + service_name(line, "to", "nobody");
    return styled(dim, clock_time(text(line, "time"))) + " " + styled(bold, route) + " " + xml + "\n";
}

} // namespace jabberd::ctl
