// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/unicode/precis.h"

#include "session_manager/unicode/precis_class.h"

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace jabberd::session_manager::precis {

namespace {

using Owned = std::unique_ptr<std::uint32_t, decltype(&std::free)>;

const std::uint32_t *units(TextView text)
{
    return reinterpret_cast<const std::uint32_t *>(text.data());
}

Text done_or_congested(std::uint32_t *result, std::size_t length)
{
    const Owned owned{result, std::free};
    if (!owned)
        throw std::bad_alloc{};
    return {reinterpret_cast<const char32_t *>(owned.get()), length};
}

std::optional<Text> decoded(std::string_view utf8)
{
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(utf8.data());
    if (utf8.empty() || u8_check(bytes, utf8.size()) != nullptr)
        return std::nullopt;
    std::size_t length = 0;
    std::uint32_t *result = u8_to_u32(bytes, utf8.size(), nullptr, &length);
    return done_or_congested(result, length);
}

std::string encoded(TextView text)
{
    std::size_t length = 0;
    const std::unique_ptr<std::uint8_t, decltype(&std::free)> result{
        u32_to_u8(units(text), text.size(), nullptr, &length), std::free};
    if (!result)
        throw std::bad_alloc{};
    return {reinterpret_cast<const char *>(result.get()), length};
}

// RFC 8265 §3.3.2: full-width and half-width characters become the usual ones.
Text mapped_by_width(TextView text)
{
    Text out;
    for (const char32_t c : text) {
        int tag = 0;
        ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
        const int count = uc_decomposition(c, &tag, parts);
        if (count > 0 && (tag == UC_DECOMP_WIDE || tag == UC_DECOMP_NARROW))
            out.append(parts, parts + count);
        else
            out += c;
    }
    return out;
}

Text folded(TextView text)
{
    std::size_t length = 0;
    std::uint32_t *result = u32_casefold(units(text), text.size(), nullptr, UNINORM_NFC, nullptr, &length);
    return done_or_congested(result, length);
}

Text composed(TextView text)
{
    std::size_t length = 0;
    std::uint32_t *result = u32_normalize(UNINORM_NFC, units(text), text.size(), nullptr, &length);
    return done_or_congested(result, length);
}

} // namespace

std::optional<std::string> username(std::string_view given)
{
    const auto text = decoded(given);
    if (!text)
        return std::nullopt;
    const Text usual = mapped_by_width(*text);
    if (!allows(StringClass::Identifier, usual))
        return std::nullopt;
    const Text name = folded(usual);
    // Folded and composed it may be another text, which has to keep the rules as well, and stay what it is.
    if (!allows(StringClass::Identifier, name) || !keeps_bidi_rule(name) || folded(mapped_by_width(name)) != name)
        return std::nullopt;
    return encoded(name);
}

std::optional<std::string> opaque_string(std::string_view given)
{
    auto text = decoded(given);
    if (!text)
        return std::nullopt;
    std::ranges::replace_if(
        *text, [](char32_t c) { return uc_is_general_category(c, UC_SPACE_SEPARATOR); }, U' ');
    if (!allows(StringClass::Freeform, *text))
        return std::nullopt;
    return encoded(composed(*text));
}

bool has_invisible(std::string_view given)
{
    const auto text = decoded(given);
    return text && std::ranges::any_of(*text, [](char32_t c) {
               return uc_is_general_category(c, UC_UNASSIGNED) || uc_is_property_default_ignorable_code_point(c) ||
                      uc_is_property_not_a_character(c);
           });
}

std::optional<std::string> compatible(std::string_view given)
{
    const auto text = decoded(given);
    return text ? std::optional{encoded(compatible(TextView{*text}))} : std::nullopt;
}

} // namespace jabberd::session_manager::precis
