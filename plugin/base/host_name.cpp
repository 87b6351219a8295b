// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/host_name.h"

#include "base/ascii.h"

#include <arpa/inet.h>
#include <idn2.h>

#include <algorithm>
#include <memory>

namespace jabberd {

namespace {

// RFC 7622 §3.2 and RFC 1035 §2.3.4, the latter of A-labels.
constexpr std::size_t max_name_bytes = 1023, max_ascii_name = 253, max_ascii_label = 63;

struct FreeIdn {
    void operator()(char *text) const { idn2_free(text); }
};
using IdnText = std::unique_ptr<char, FreeIdn>;

bool equal_but_for_case(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

bool is_ascii(std::string_view name)
{
    return std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// Of the characters that are ASCII: letters, digits and hyphens; and the underscore, which stands in names of the
// field.
bool belongs(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

bool is_ascii_name(std::string_view name)
{
    if (name.empty() || name.size() > max_ascii_name || !std::ranges::all_of(name, belongs))
        return false;
    for (std::size_t begin = 0; begin <= name.size();) {
        const std::size_t end = std::min(name.find('.', begin), name.size());
        if (end == begin || end - begin > max_ascii_label)
            return false;
        begin = end + 1;
    }
    return true;
}

// UTS 46 without its transitional mappings: what RFC 5895 maps, and ß and ς stay what they are.
constexpr int rules = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;

std::optional<std::string> by_idna(std::string_view name)
{
    // libidn2 passes on what else is ASCII, or drops it. Nor can it be told where the text ends.
    if (name.size() > max_name_bytes ||
        std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x80 && !belongs(c); }))
        return std::nullopt;
    char *converted = nullptr;
    if (idn2_to_ascii_8z(std::string{name}.c_str(), &converted, rules) != IDN2_OK)
        return std::nullopt;
    return std::string{IdnText{converted}.get()};
}

std::optional<std::string> in_letters(const std::string &ascii)
{
    char *converted = nullptr;
    if (idn2_to_unicode_8z8z(ascii.c_str(), &converted, rules) != IDN2_OK)
        return std::nullopt;
    return std::string{IdnText{converted}.get()};
}

std::string in_lower_case(std::string_view name)
{
    std::string text{name};
    std::ranges::transform(text, text.begin(), ascii_lower);
    return text;
}

bool needs_idna(std::string_view name)
{
    if (!is_ascii(name))
        return true;
    if (name.find("--") == std::string_view::npos) // as in "xn--"
        return false;
    for (std::size_t begin = 0; begin < name.size(); begin = std::min(name.find('.', begin), name.size() - 1) + 1) {
        if (equal_but_for_case(name.substr(begin, 4), "xn--"))
            return true;
    }
    return false;
}

} // namespace

std::string_view without_final_dot(std::string_view name)
{
    if (name.size() > 1 && name.ends_with('.'))
        name.remove_suffix(1);
    return name;
}

bool has_other_spellings(std::string_view name)
{
    return name.ends_with('.') || needs_idna(name);
}

std::optional<std::string> host_in_ascii(std::string_view name)
{
    auto converted = needs_idna(name) ? by_idna(name) : std::optional{std::string{name}};
    if (!converted)
        return std::nullopt;
    std::string ascii = in_lower_case(without_final_dot(*converted)); // a full stop of another script is a dot by now
    if (!is_ascii_name(ascii))
        return std::nullopt;
    // libidn2 takes any A-label for one, also of letters that no name can have (RFC 5891 §5.4).
    if (needs_idna(ascii)) {
        const auto letters = in_letters(ascii);
        const auto again = letters ? by_idna(*letters) : std::nullopt;
        if (!again || in_lower_case(*again) != ascii)
            return std::nullopt;
    }
    return ascii;
}

std::optional<std::string> host_in_unicode(std::string_view name)
{
    auto ascii = host_in_ascii(name);
    return ascii && needs_idna(*ascii) ? in_letters(*ascii) : ascii;
}

bool same_host(std::string_view a, std::string_view b)
{
    if (a == b || equal_but_for_case(a, b))
        return true;
    if (!has_other_spellings(a) && !has_other_spellings(b))
        return false;
    const auto first = host_in_ascii(a);
    return first && first == host_in_ascii(b);
}

bool is_host_name(std::string_view name)
{
    if (host_in_ascii(name))
        return true;
    if (name.size() < 2 || !name.starts_with('[') || !name.ends_with(']'))
        return false;
    in6_addr address;
    return inet_pton(AF_INET6, std::string{name.substr(1, name.size() - 2)}.c_str(), &address) == 1;
}

} // namespace jabberd
