// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/roster/version.h"

#include <openssl/evp.h>

namespace jabberd::session_manager {

RosterVersion::Sum RosterVersion::digest_of(const RosterItem &item)
{
    Sum sum{};
    if (!item.listed)
        return sum;
    std::string seen;
    append_item(seen, item);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(seen.data(), seen.size(), digest.data(), &size, EVP_sha256(), nullptr);
    for (std::size_t i = 0; i < sum.size() * sizeof sum[0]; ++i) // the same on every processor
        sum[i / sizeof sum[0]] = sum[i / sizeof sum[0]] << 8 | digest[i];
    return sum;
}

void RosterVersion::add(const RosterItem &item)
{
    const Sum digest = digest_of(item);
    for (std::size_t i = 0; i < digest.size(); ++i)
        sum_[i] += digest[i];
}

void RosterVersion::remove(const RosterItem &item)
{
    const Sum digest = digest_of(item);
    for (std::size_t i = 0; i < digest.size(); ++i)
        sum_[i] -= digest[i];
}

std::string RosterVersion::text() const
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const std::uint64_t part : sum_) {
        for (int shift = 60; shift >= 0; shift -= 4)
            out += digits[part >> shift & 15];
    }
    return out;
}

} // namespace jabberd::session_manager
