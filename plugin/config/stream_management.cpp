// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/stream_management.h"

#include <string>
#include <string_view>

namespace jabberd::config {

StreamManagement read_stream_management(const elements::Element &element, MistakeReport &mistakes)
{
    StreamManagement management;
    const auto number = [&](const char *name, std::uint32_t minimum, std::uint32_t maximum, auto set) {
        const char *text = element.attribute(name);
        if (text == nullptr)
            return;
        if (const auto value =
                mistakes.number(element.at(), std::string{name} + " of <stream-management/>", text, minimum, maximum))
            set(*value);
    };
    number("seconds", 0, 86400, [&](std::uint32_t n) { management.resumption = std::chrono::seconds{n}; });
    number("stanzas", 10, 1'000'000, [&](std::uint32_t n) { management.stanzas = n; });
    number("bytes", 10'000, 1u << 30, [&](std::uint32_t n) { management.bytes = n; });
    const std::string_view offered = element.text();
    if (!offered.empty() && offered != "yes" && offered != "no")
        mistakes.error(element.at(), "<stream-management> is '" + std::string{offered} + "'; it must be 'yes' or 'no'");
    management.offered = offered != "no";
    return management;
}

} // namespace jabberd::config
