// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/words.h"

#include <glib.h>

#include <algorithm>

namespace jabberd::host {

bool is_control_word(std::string_view word)
{
    return std::ranges::find(control_words, word) != control_words.end();
}

std::string words_for_people()
{
    return "status, sessions, top, metrics, trace, reload, reopen, swap, stop and help";
}

std::string joined_words(const std::vector<std::string> &words)
{
    std::string line;
    for (std::size_t i = 0; i < words.size(); ++i) {
        g_autofree char *escaped = g_uri_escape_string(words[i].c_str(), nullptr, FALSE);
        line.append(i == 0 ? "" : " ").append(escaped);
    }
    return line;
}

std::optional<std::vector<std::string>> split_words(std::string_view line)
{
    std::vector<std::string> words;
    for (bool is_last = false; !is_last;) {
        const auto blank = line.find(' ');
        is_last = blank == std::string_view::npos;
        const std::string_view escaped = line.substr(0, blank);
        g_autofree char *word = g_uri_unescape_segment(escaped.data(), escaped.data() + escaped.size(), nullptr);
        if (word == nullptr)
            return std::nullopt;
        words.emplace_back(word);
        line.remove_prefix(is_last ? line.size() : blank + 1);
    }
    return words;
}

} // namespace jabberd::host
