// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/mistake_report.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace jabberd::config {

std::string tag(const jabberd_config &element)
{
    return std::string{"<"} + element.name + "/>";
}

Place place_of(const jabberd_config &element)
{
    return {element.name, element.file, element.line};
}

MistakeReport::~MistakeReport()
{
    std::ranges::stable_sort(all_, [](const Mistake &a, const Mistake &b) {
        const int files = std::strcmp(a.at->file, b.at->file);
        return files != 0 ? files < 0 : a.at->line < b.at->line;
    });
    for (const Mistake &mistake : all_)
        host_.report(&host_, mistake.at, mistake.level, mistake.message.c_str());
}

void MistakeReport::error(const jabberd_config &at, const std::string &message)
{
    all_.push_back({&at, JABBERD_LOG_ERROR, message});
    none_ = false;
}

void MistakeReport::warning(const jabberd_config &at, const std::string &message)
{
    all_.push_back({&at, JABBERD_LOG_WARNING, message + ", ignoring"});
}

std::optional<std::uint32_t> MistakeReport::number(const jabberd_config &at, const std::string &what,
                                                   std::string_view text, std::uint32_t minimum, std::uint32_t maximum)
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
