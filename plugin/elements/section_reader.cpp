// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/section_reader.h"

#include "elements/path.h"

#include <charconv>

namespace jabberd::elements {

void SectionReader::error(const jabberd_config &at, const std::string &message)
{
    ++errors_;
    host_.report(&host_, &at, JABBERD_LOG_ERROR, message.c_str());
}

void SectionReader::warning(const jabberd_config &at, const std::string &message)
{
    host_.report(&host_, &at, JABBERD_LOG_WARNING, (message + ", ignoring").c_str());
}

void SectionReader::tell_unread(const jabberd_config &section, const Asked &asked, const std::string &component)
{
    asked.tell_unread(section, [&](const jabberd_config &at, const std::string &message) { warning(at, message); });
    for (const jabberd_config *other = section.next; other != nullptr; other = other->next) {
        if (std::string_view{other->xmlns} == section.xmlns)
            warning(*other, "one more section for " + component + ", beside that in line " +
                                std::to_string(section.line) + ", which is the one that is read");
    }
}

std::string SectionReader::path(const Element &element, std::string_view text)
{
    std::string why;
    const auto found = path_in(element.at(), text, why);
    if (!found)
        error(element.at(), why);
    return found.value_or("");
}

void SectionReader::yes_or_no(const Element &element, bool &value)
{
    const std::string_view text = element.text();
    if (text != "yes" && text != "no")
        return error(element.at(),
                     "<" + std::string{element.name()} + "> must be 'yes' or 'no', not '" + std::string{text} + "'");
    value = text == "yes";
}

std::optional<std::uint64_t> SectionReader::number_of(const Element &element, std::string_view attribute,
                                                      std::string_view text, std::uint64_t min, std::uint64_t max)
{
    std::uint64_t parsed = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (problem == std::errc{} && end == text.data() + text.size() && parsed >= min && parsed <= max)
        return parsed;
    const std::string place = std::string{element.name()} + (attribute.empty() ? "" : " ") + std::string{attribute};
    error(element.at(), "<" + place + "> needs a number from " + std::to_string(min) + " to " + std::to_string(max) +
                            ", not '" + std::string{text} + "'");
    return std::nullopt;
}

} // namespace jabberd::elements
