// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/resumption.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace jabberd::connection {

namespace {

constexpr int hexadecimal = 16;

void append_number(std::string &out, std::uint32_t number)
{
    std::array<char, 8> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, hexadecimal).ptr;
    out.append(digits.data(), end).append("-");
}

// In the one spelling that append_number() has.
std::optional<std::uint32_t> take_number(std::string_view &text)
{
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal);
    const auto size = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || !text.substr(size).starts_with('-'))
        return std::nullopt;
    text.remove_prefix(size + 1);
    return number;
}

std::optional<ResumptionKey> key_of(std::string_view digits)
{
    ResumptionKey key;
    if (digits.size() != 2 * key.size())
        return std::nullopt;
    for (std::size_t i = 0; i < key.size(); ++i) {
        std::uint8_t byte = 0;
        const char *begin = digits.data() + 2 * i;
        const auto [end, error] = std::from_chars(begin, begin + 2, byte, hexadecimal);
        if (error != std::errc{} || end != begin + 2)
            return std::nullopt;
        key[i] = std::byte{byte};
    }
    return key;
}

} // namespace

bool same_key(const ResumptionKey &one, const ResumptionKey &other)
{
    return CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string bytes_of(const ResumptionKey &key)
{
    return {reinterpret_cast<const char *>(key.data()), key.size()};
}

ResumptionKey key_of_bytes(std::string_view bytes)
{
    ResumptionKey key{};
    std::memcpy(key.data(), bytes.data(), std::min(key.size(), bytes.size()));
    return key;
}

std::string to_string(const ResumptionId &id)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    append_number(out, id.id);
    append_number(out, id.number);
    for (const std::byte byte : id.key) {
        out += digits[std::to_integer<unsigned>(byte) >> 4];
        out += digits[std::to_integer<unsigned>(byte) & 15];
    }
    return out;
}

std::optional<ResumptionId> parse_resumption_id(std::string_view text)
{
    const auto id = take_number(text), number = take_number(text);
    const auto key = key_of(text);
    if (!id || !number || !key)
        return std::nullopt;
    return ResumptionId{*id, *number, *key};
}

} // namespace jabberd::connection
