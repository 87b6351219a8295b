// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/escape.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace jabberd::xml {

namespace {

// Which characters need escaping, asked of sixteen at a time: a chat message has hardly any. (A table asks one by one,
// and takes three times as long.)
template <char... members>
struct CharacterSet {
    using Block = char __attribute__((vector_size(16)));

    static bool contains(char c) { return ((c == members) || ...); }

    static bool meets(const char *sixteen)
    {
        Block block;
        std::memcpy(&block, sixteen, sizeof block);
        const auto found = ((block == members) | ...);
        std::array<std::uint64_t, 2> halves;
        std::memcpy(halves.data(), &found, sizeof found);
        return (halves[0] | halves[1]) != 0;
    }

    static const char *find(const char *begin, const char *end)
    {
        while (end - begin >= static_cast<std::ptrdiff_t>(sizeof(Block)) && !meets(begin))
            begin += sizeof(Block);
        const auto rest = static_cast<std::size_t>(end - begin);
        if (std::array<char, sizeof(Block)> last{}; rest < last.size()) {
            std::memcpy(last.data(), begin, rest);
            if (!meets(last.data()))
                return end;
        }
        return std::find_if(begin, end, contains);
    }
};

using InAttributeValue = CharacterSet<'&', '<', '>', '\'', '"', '\t', '\n', '\r'>;
using InText = CharacterSet<'&', '<', '>', '\r'>;

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
template <typename Special>
void append_escaped(std::string &out, std::string_view plain)
{
    const char *run = plain.data();
    const char *const end = run + plain.size();
    for (;;) {
        const char *stop = Special::find(run, end);
        out.append(run, static_cast<std::size_t>(stop - run));
        if (stop == end)
            return;
        out += escaped(*stop);
        run = stop + 1;
    }
}

} // namespace

void append_attribute_value(std::string &out, std::string_view plain)
{
    append_escaped<InAttributeValue>(out, plain);
}

void append_text(std::string &out, std::string_view plain)
{
    append_escaped<InText>(out, plain);
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
