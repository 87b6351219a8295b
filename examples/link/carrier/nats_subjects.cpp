// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/carrier/nats_subjects.h"

#include <algorithm>

namespace jabberd::link {

namespace {

bool is_plain(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

} // namespace

bool is_subject(std::string_view text)
{
    const auto allowed = [](char c) { return is_plain(c) || c == '.'; };
    return !text.empty() && text.size() <= max_subject && std::ranges::all_of(text, allowed) && text.front() != '.' &&
           text.back() != '.' && text.find("..") == std::string_view::npos;
}

std::string subject_token(std::string_view name)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string token;
    for (const char c : name) {
        if (is_plain(c)) {
            token += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        token += '%';
        token += digits[byte >> 4];
        token += digits[byte & 15];
    }
    return token;
}

} // namespace jabberd::link
