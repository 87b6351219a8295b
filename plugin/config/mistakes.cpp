// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/mistakes.h"

#include <charconv>

namespace jabberd::config {

void Mistakes::error(const jabberd_config &at, const std::string &message)
{
    host_.report(&host_, &at, JABBERD_LOG_ERROR, message.c_str());
    none_ = false;
}

void Mistakes::warning(const jabberd_config &at, const std::string &message)
{
    host_.report(&host_, &at, JABBERD_LOG_WARNING, (message + ", ignoring").c_str());
}

void Mistakes::unknown(const jabberd_config &element, std::string_view parent)
{
    warning(element, "unknown option <" + std::string{element.name} + "/> in <" + std::string{parent} + "/>");
}

std::optional<std::uint32_t> Mistakes::number(const jabberd_config &at, const std::string &what, std::string_view text,
                                              std::uint32_t minimum, std::uint32_t maximum)
{
    std::uint32_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem == std::errc{} && end == text.data() + text.size() && value >= minimum && value <= maximum)
        return value;
    error(at, what + " is '" + std::string{text} + "'; it must be a number from " + std::to_string(minimum) + " to " +
                  std::to_string(maximum));
    return std::nullopt;
}

} // namespace jabberd::config
