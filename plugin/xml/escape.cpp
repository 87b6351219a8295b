// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/escape.h"

#include <algorithm>
#include <array>

namespace jabberd::xml {

namespace {

// A table instead of find_first_of(): three times as fast on a chat message, which has hardly anything to escape.
class CharacterSet {
public:
    constexpr explicit CharacterSet(std::string_view members)
    {
        for (const char c : members)
            contains_[static_cast<unsigned char>(c)] = true;
    }

    bool contains(char c) const { return contains_[static_cast<unsigned char>(c)]; }

private:
    std::array<bool, 256> contains_{};
};

constexpr CharacterSet in_attribute_value{"&<>'\"\t\n\r"};
constexpr CharacterSet in_text{"&<>\r"};

std::string_view escaped(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '\'': return "&apos;";
    case '"': return "&quot;";
    case '\t': return "&#9;";
    case '\n': return "&#10;";
    default: return "&#13;";
    }
}

// Copies runs of ordinary characters at once.
void append_escaped(std::string &out, std::string_view plain, const CharacterSet &special)
{
    for (;;) {
        const auto stop = std::ranges::find_if(plain, [&](char c) { return special.contains(c); });
        out.append(plain.begin(), stop);
        if (stop == plain.end())
            return;
        out += escaped(*stop);
        plain = {stop + 1, plain.end()};
    }
}

} // namespace

void append_attribute_value(std::string &out, std::string_view plain)
{
    append_escaped(out, plain, in_attribute_value);
}

void append_text(std::string &out, std::string_view plain)
{
    append_escaped(out, plain, in_text);
}

void append_attribute(std::string &out, std::string_view name, std::string_view value)
{
    out += ' ';
    out += name;
    out += "='";
    append_attribute_value(out, value);
    out += '\'';
}

} // namespace jabberd::xml
