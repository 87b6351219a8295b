// SPDX-License-Identifier: LGPL-2.1-or-later
#include "address.h"

#include "abi.h"

#include <algorithm>
#include <cctype>

namespace stub {

namespace {

constexpr std::size_t longest_user = 64; // what is longer is cut
constexpr std::size_t longest_server = 255;

bool is_forbidden(char byte)
{
    return (static_cast<unsigned char>(byte) <= ' ') || std::string_view{":@<>'\"&"}.find(byte) != std::string::npos;
}

bool is_control(char byte)
{
    return (static_cast<unsigned char>(byte) < ' ') || byte == '\x7f';
}

// Up to 1.4.3; later versions have nameprep say so, which takes a space.
bool is_server_of_1_1(std::string_view server)
{
    return server.size() <= longest_server && std::all_of(server.begin(), server.end(), [](unsigned char byte) {
               return std::isalnum(byte) != 0 || byte == '.' || byte == '-' || byte == '_';
           });
}

} // namespace

std::string lower(std::string_view text)
{
    std::string out{text};
    for (char &byte : out)
        if (byte >= 'A' && byte <= 'Z')
            byte = static_cast<char>(byte - 'A' + 'a');
    return out;
}

std::optional<Address> read_address(const char *text)
{
    if (text == nullptr)
        return {};
    Address address;
    std::string_view rest{text};
    if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
        address.resource = rest.substr(slash + 1);
        rest = rest.substr(0, slash);
    }
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
        address.user = lower(rest.substr(0, std::min(at, longest_user)));
        rest = rest.substr(at + 1);
    }
    address.server = lower(rest);
    if (address.server.empty() || std::any_of(address.user.begin(), address.user.end(), is_forbidden))
        return {};
    if (!has_routes && !is_server_of_1_1(address.server))
        return {};
    if (has_routes && std::any_of(address.resource.begin(), address.resource.end(), is_control)) // since 1.4.4
        return {};
    return address;
}

} // namespace stub
