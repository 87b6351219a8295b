// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/base64.h"

#include "base/secret.h"

#include <openssl/evp.h>

#include <climits>

namespace jabberd {

namespace {

const unsigned char *unsigned_data(std::string_view text)
{
    return reinterpret_cast<const unsigned char *>(text.data());
}

unsigned char *unsigned_data(std::string &text)
{
    return reinterpret_cast<unsigned char *>(text.data());
}

} // namespace

std::string base64_encode(std::string_view bytes)
{
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0'); // EVP terminates what it writes
    text.resize(static_cast<std::size_t>(
        EVP_EncodeBlock(unsigned_data(text), unsigned_data(bytes), static_cast<int>(bytes.size()))));
    return text;
}

std::optional<std::string> base64_decode(std::string_view text)
{
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    if (text.size() % 4 != 0 || text.size() > INT_MAX)
        return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    if (EVP_DecodeBlock(unsigned_data(bytes), unsigned_data(text), static_cast<int>(text.size())) < 0)
        return std::nullopt;
    bytes.resize(bytes.size() - padding);
    // EVP skips white space at both ends, takes '=' for a zero wherever it stands, and drops bits that are left over.
    std::string again = base64_encode(bytes);
    const bool same = again == text;
    wipe(again);
    return same ? std::optional{std::move(bytes)} : std::nullopt;
}

} // namespace jabberd
