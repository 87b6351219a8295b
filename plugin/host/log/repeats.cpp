// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/log/repeats.h"

#include <glib.h>

#include <algorithm>

namespace jabberd::host::log {

namespace {

constexpr std::chrono::minutes one_minute{1};
constexpr std::size_t longest_kept = 2000; // of a message

bool is_of_a_word(std::string_view text, std::size_t at)
{
    return at < text.size() && g_ascii_isalnum(text[at]);
}

// An apostrophe inside a word, as in "isn't", begins no quotation.
bool begins_quotation(std::string_view text, std::size_t at)
{
    return text[at] == '"' || (text[at] == '\'' && (at == 0 || !is_of_a_word(text, at - 1)));
}

// Behind the quotation that begins at `at`; of one without an end, behind its first character.
std::size_t end_of_quotation(std::string_view text, std::size_t at)
{
    const char quote = text[at];
    for (std::size_t end = text.find(quote, at + 1); end != std::string_view::npos; end = text.find(quote, end + 1)) {
        if (quote == '"' || !is_of_a_word(text, end + 1))
            return end + 1;
    }
    return at + 1;
}

// What two messages of one kind share.
std::string without_details(std::string_view text)
{
    text = text.substr(0, longest_kept);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (begins_quotation(text, at)) {
            out += '\'';
            at = end_of_quotation(text, at);
        } else if (g_ascii_isdigit(text[at])) {
            out += '0';
            while (at < text.size() && g_ascii_isdigit(text[at]))
                ++at;
        } else {
            out += text[at++];
        }
    }
    return out;
}

} // namespace

bool Repeats::admit(jabberd_log_level level, std::string_view service, std::string_view message, Time now)
{
    Kind kind{level, service, without_details(message)};
    auto found = minutes_.find(kind);
    if (found == minutes_.end()) {
        if (minutes_.size() >= max_kinds)
            return true;
        const Time end = now + one_minute;
        found = minutes_.emplace(std::move(kind), Minute{end, std::string{message.substr(0, longest_kept)}}).first;
        first_end_ = std::min(first_end_, end);
    }
    return ++found->second.count <= max_a_minute;
}

std::vector<Repeats::Summary> Repeats::due(Time now)
{
    std::vector<Summary> all;
    if (now < first_end_)
        return all;
    first_end_ = Time::max();
    for (auto at = minutes_.begin(); at != minutes_.end();) {
        const auto &[kind, minute] = *at;
        if (now < minute.end) {
            first_end_ = std::min(first_end_, minute.end);
            ++at;
            continue;
        }
        if (minute.count > max_a_minute)
            all.push_back({std::get<jabberd_log_level>(kind), std::get<1>(kind),
                           std::to_string(minute.count - max_a_minute) +
                               " more like this in a minute were left out: " + minute.message});
        at = minutes_.erase(at);
    }
    return all;
}

} // namespace jabberd::host::log
