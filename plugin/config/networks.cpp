// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/networks.h"

#include <array>
#include <string>
#include <string_view>

namespace jabberd::config {

std::optional<net::Network> read_network(const elements::Element &element, MistakeReport &mistakes)
{
    const std::string_view text = element.text();
    const auto slash = text.find('/');
    std::string_view ip = text.substr(0, slash);
    std::string_view mask = slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
    element.read(std::array<elements::Option, 2>{{
        {"ip", [&](const elements::Element &part) { ip = part.text(); }},
        {"mask", [&](const elements::Element &part) { mask = part.text(); }},
    }});
    const bool is_cut = slash != std::string_view::npos && mask.empty(); // "192.0.2.0/" is no single address
    const auto network = is_cut ? std::nullopt : net::Network::parse(ip, mask);
    // An error, though jabberd overlooks it: this is no place to guess who was meant.
    if (!network)
        mistakes.error(element.at(), tag(element.at()) + " has the address '" + std::string{ip} + "' and the mask '" +
                                         std::string{mask} +
                                         "'; write 192.0.2.0/24 or 192.0.2.7, or "
                                         "<ip>192.0.2.0</ip><mask>255.255.255.0</mask>, or an <ip/> alone");
    return network;
}

} // namespace jabberd::config
