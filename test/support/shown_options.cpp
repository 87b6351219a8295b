// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/shown_options.h"

#include <algorithm>
#include <string_view>

namespace jabberd::test {

namespace {

// Tags, and the text between a start tag and its own end tag.
std::string elements_in(std::string_view comment)
{
    std::string out;
    int depth = 0;
    for (auto at = comment.find('<'); at != std::string_view::npos;) {
        const auto end = comment.find('>', at);
        const auto next = comment.find('<', end);
        const std::string_view tag = comment.substr(at, end - at + 1);
        const std::string_view line = comment.substr(0, at).substr(comment.substr(0, at).rfind('\n') + 1);
        if (depth == 0 && line.find_first_not_of(' ') != std::string_view::npos) { // one that words speak of
            at = next;
            continue;
        }
        out += tag;
        const bool opens = !tag.starts_with("</") && !tag.ends_with("/>");
        depth += opens ? 1 : tag.starts_with("</") ? -1 : 0;
        if (opens && next != std::string_view::npos && comment.substr(next).starts_with("</"))
            out += comment.substr(end + 1, next - end - 1);
        else
            out += '\n';
        at = next;
    }
    return out;
}

} // namespace

std::string with_shown_options(const std::string &xml)
{
    constexpr std::string_view begin = "<!--", end = "-->";
    std::string out;
    std::size_t at = 0;
    for (auto comment = xml.find(begin); comment != std::string::npos; comment = xml.find(begin, at)) {
        out += xml.substr(at, comment - at);
        at = xml.find(end, comment) + end.size();
        const std::string_view inside =
            std::string_view{xml}.substr(comment + begin.size(), at - end.size() - comment - begin.size());
        const std::string_view words = inside.substr(std::min(inside.find_first_not_of(" \n"), inside.size()));
        if (words.starts_with("<") || words.starts_with("What "))
            out += elements_in(words);
    }
    return out + xml.substr(at);
}

} // namespace jabberd::test
