// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/log/privacy.h"

#include <arpa/inet.h>
#include <glib.h>

#include <algorithm>
#include <optional>

namespace jabberd::host::log {

namespace {

constexpr std::string_view somebody = "…";
constexpr std::size_t longest_address = INET6_ADDRSTRLEN;
constexpr std::size_t bytes_of_mapped_prefix = 12; // ::ffff:192.0.2.1

// As the text of `family` that it is, without its host part; nothing when it is none.
std::optional<std::string> network_of(std::string_view text, int family)
{
    unsigned char bytes[sizeof(in6_addr)] = {};
    if (text.size() > longest_address || inet_pton(family, std::string{text}.c_str(), bytes) != 1)
        return std::nullopt;
    const bool is_mapped = family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(reinterpret_cast<const in6_addr *>(bytes));
    if (family == AF_INET)
        bytes[3] = 0;
    else if (is_mapped)
        bytes[bytes_of_mapped_prefix + 3] = 0;
    else
        std::fill(bytes + 6, std::end(bytes), 0);
    char out[INET6_ADDRSTRLEN];
    return inet_ntop(family, bytes, out, sizeof out);
}

bool is_of_number(char c)
{
    return g_ascii_isxdigit(c) || c == '.' || c == ':';
}

// What goes on in a word: a letter or digit of any script.
bool is_of_word(char c)
{
    return g_ascii_isalnum(c) || static_cast<unsigned char>(c) >= 0x80;
}

// `text`, which may end with what belongs to the sentence around it; nothing when there is no address in it.
std::optional<std::string> hide_address(std::string_view text, int family)
{
    for (std::string_view address = text; !address.empty(); address.remove_suffix(1)) {
        if (const auto network = network_of(address, family))
            return *network + std::string{text.substr(address.size())};
        if (address.back() != '.' && address.back() != ':')
            break;
    }
    return std::nullopt;
}

// 192.0.2.1 and 192.0.2.1:5222, and "from:192.0.2.1", whose letters may be digits.
std::string hide_between_colons(std::string_view run)
{
    std::string out;
    for (;;) {
        const std::size_t end = std::min(run.find(':'), run.size());
        const std::string_view piece = run.substr(0, end);
        out += hide_address(piece, AF_INET).value_or(std::string{piece});
        if (end == run.size())
            return out;
        out += ':';
        run.remove_prefix(end + 1);
    }
}

std::string hide_number(std::string_view run)
{
    if (const auto hidden = hide_address(run, AF_INET6))
        return *hidden;
    if (run.front() == ':') {
        if (const auto hidden = hide_address(run.substr(1), AF_INET6))
            return ':' + *hidden;
    }
    return hide_between_colons(run);
}

std::string hide_numbers(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const auto *end = std::find_if_not(text.begin(), text.end(), is_of_number);
        const std::string_view run = text.substr(0, static_cast<std::size_t>(end - text.begin()));
        // Not the "de" in "under".
        const bool is_whole = !run.empty() && (out.empty() || !is_of_word(out.back()) || run.front() == ':') &&
                              (end == text.end() || !is_of_word(*end) || run.find(':') != std::string_view::npos);
        if (is_whole)
            out += hide_number(run);
        else
            out += text.substr(0, std::max<std::size_t>(run.size(), 1));
        text.remove_prefix(std::max<std::size_t>(run.size(), 1));
    }
    return out;
}

// What no local part has (RFC 7622 §3.3.1), and what stands around an address in a sentence. A ':' may be in the one
// as in the other: "from:alice@foo.com".
bool ends_local_part(char c)
{
    return static_cast<unsigned char>(c) <= ' ' ||
           std::string_view{"\"&'/<>@,;()[]="}.find(c) != std::string_view::npos;
}

std::string hide_local_parts(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '@') {
            const auto begin = std::find_if(out.rbegin(), out.rend(), ends_local_part);
            const auto length = static_cast<std::size_t>(begin - out.rbegin());
            if (length > 0) {
                out.resize(out.size() - length);
                out += somebody;
            }
        }
        out += c;
    }
    return out;
}

} // namespace

std::string hide_people(std::string_view text)
{
    return hide_numbers(hide_local_parts(text));
}

std::string hide_people(std::string_view name, std::string_view value)
{
    if (name == "CONNECTION" || value.empty())
        return std::string{value};
    if (name == "USER" && value.find('@') == std::string_view::npos)
        return std::string{somebody};
    return hide_people(value);
}

} // namespace jabberd::host::log
