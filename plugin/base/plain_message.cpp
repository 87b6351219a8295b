// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/plain_message.h"

namespace jabberd {

std::optional<PlainMessage> split_plain(std::string_view message)
{
    const auto first = message.find('\0');
    const auto second = first == std::string_view::npos ? first : message.find('\0', first + 1);
    if (second == std::string_view::npos)
        return std::nullopt;
    const PlainMessage parts{message.substr(0, first), message.substr(first + 1, second - first - 1),
                             message.substr(second + 1)};
    if (parts.name.empty() || parts.password.empty() || parts.password.find('\0') != std::string_view::npos)
        return std::nullopt;
    return parts;
}

} // namespace jabberd
