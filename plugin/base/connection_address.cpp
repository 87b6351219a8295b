// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/connection_address.h"

#include "base/address.h"
#include "base/random.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace jabberd {

namespace {

constexpr std::size_t epoch_digits = 16, longest_epoch = 32;

template <int base>
std::optional<std::uint32_t> read_number(std::string_view digits)
{
    const bool upper = digits.find_first_of("ABCDEF") != std::string_view::npos;
    if (upper || (digits.size() > 1 && digits.front() == '0'))
        return std::nullopt;
    std::uint32_t number = 0;
    const char *const end = digits.data() + digits.size();
    const auto [at, problem] = std::from_chars(digits.data(), end, number, base);
    if (problem != std::errc{} || at != end)
        return std::nullopt;
    return number;
}

} // namespace

std::string to_string(const ConnectionAddress &address)
{
    std::array<char, 8> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), address.number, 16).ptr;
    std::string text = std::to_string(address.id).append("@").append(address.host).append("/");
    text.append(digits.data(), end);
    if (!address.epoch.empty())
        text.append("-").append(address.epoch);
    return text;
}

std::optional<ConnectionAddress> parse_connection_address(std::string_view text)
{
    const auto [user, host, token] = split_address(text);
    const auto id = read_number<10>(user);
    const auto dash = token.find('-');
    const auto number = read_number<16>(token.substr(0, dash));
    const std::string_view epoch = dash == std::string_view::npos ? std::string_view{} : token.substr(dash + 1);
    if (!id || !number || host.empty() || (dash != std::string_view::npos && !is_epoch(epoch)))
        return std::nullopt;
    return ConnectionAddress{*id, host, *number, epoch};
}

std::string new_epoch()
{
    return random_id().substr(0, epoch_digits);
}

bool is_epoch(std::string_view text)
{
    const auto allowed = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); };
    return !text.empty() && text.size() <= longest_epoch && std::ranges::all_of(text, allowed);
}

} // namespace jabberd
