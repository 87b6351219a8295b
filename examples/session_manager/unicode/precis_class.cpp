// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/unicode/precis_class.h"

#include <unictype.h>
#include <uninorm.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>

namespace jabberd::session_manager::precis {

namespace {

enum class Kind { Valid, FreeformOnly, InContext, Disallowed };

bool is_one_of(char32_t c, TextView list)
{
    return list.find(c) != TextView::npos;
}

bool in(char32_t c, char32_t first, char32_t last)
{
    return c >= first && c <= last;
}

// RFC 5892 §2.6.
std::optional<Kind> exception(char32_t c)
{
    if (is_one_of(c, U"\u00DF\u03C2\u06FD\u06FE\u0F0B\u3007"))
        return Kind::Valid;
    if (is_one_of(c, U"\u00B7\u0375\u05F3\u05F4\u30FB") || in(c, 0x0660, 0x0669) || in(c, 0x06F0, 0x06F9))
        return Kind::InContext;
    if (is_one_of(c, U"\u0640\u07FA\u302E\u302F\u3031\u3032\u3033\u3034\u3035\u303B"))
        return Kind::Disallowed;
    return std::nullopt;
}

bool is_old_hangul_jamo(char32_t c)
{
    return in(c, 0x1100, 0x11FF) || in(c, 0xA960, 0xA97F) || in(c, 0xD7B0, 0xD7FF);
}

bool has(char32_t c, std::uint32_t categories)
{
    return uc_is_general_category_withtable(c, categories);
}

// RFC 8264 §8, in its order.
Kind kind_of(char32_t c)
{
    constexpr std::uint32_t letters_and_digits = UC_CATEGORY_MASK_Ll | UC_CATEGORY_MASK_Lu | UC_CATEGORY_MASK_Lo |
                                                 UC_CATEGORY_MASK_Nd | UC_CATEGORY_MASK_Lm | UC_CATEGORY_MASK_Mn |
                                                 UC_CATEGORY_MASK_Mc;
    constexpr std::uint32_t freeform_only = UC_CATEGORY_MASK_Lt | UC_CATEGORY_MASK_Nl | UC_CATEGORY_MASK_No |
                                            UC_CATEGORY_MASK_Me | UC_CATEGORY_MASK_Zs | UC_CATEGORY_MASK_S |
                                            UC_CATEGORY_MASK_P;
    if (const auto known = exception(c))
        return *known;
    if (in(c, 0x21, 0x7E))
        return Kind::Valid;
    // Joiners are CONTEXTJ: letters that look the same with and without them would be two names.
    if (has(c, UC_CATEGORY_MASK_Cn) || uc_is_property_join_control(c) || is_old_hangul_jamo(c) ||
        uc_is_property_default_ignorable_code_point(c) || uc_is_property_not_a_character(c) ||
        has(c, UC_CATEGORY_MASK_Cc))
        return Kind::Disallowed;
    if (compatible(TextView{&c, 1}) != TextView{&c, 1})
        return Kind::FreeformOnly;
    if (has(c, letters_and_digits))
        return Kind::Valid;
    return has(c, freeform_only) ? Kind::FreeformOnly : Kind::Disallowed;
}

bool is_of_script(char32_t c, std::string_view name)
{
    const uc_script_t *script = uc_script(c);
    return script != nullptr && name == script->name;
}

// RFC 5892 A.3 to A.9.
bool fits_context(TextView text, std::size_t at)
{
    const char32_t c = text[at];
    const char32_t before = at == 0 ? 0 : text[at - 1], after = at + 1 == text.size() ? 0 : text[at + 1];
    const auto has_any = [&](char32_t first, char32_t last) {
        return std::ranges::any_of(text, [=](char32_t other) { return in(other, first, last); });
    };
    if (c == 0x00B7)
        return before == 'l' && after == 'l';
    if (c == 0x0375)
        return is_of_script(after, "Greek");
    if (c == 0x05F3 || c == 0x05F4)
        return is_of_script(before, "Hebrew");
    if (c == 0x30FB)
        return std::ranges::any_of(text, [](char32_t other) {
            return is_of_script(other, "Hiragana") || is_of_script(other, "Katakana") || is_of_script(other, "Han");
        });
    return in(c, 0x0660, 0x0669) ? !has_any(0x06F0, 0x06F9) : !has_any(0x0660, 0x0669);
}

} // namespace

bool allows(StringClass string_class, TextView text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        switch (kind_of(text[i])) {
        case Kind::Valid: break;
        case Kind::FreeformOnly:
            if (string_class != StringClass::Freeform)
                return false;
            break;
        case Kind::InContext:
            if (!fits_context(text, i))
                return false;
            break;
        case Kind::Disallowed: return false;
        }
    }
    return true;
}

bool keeps_bidi_rule(TextView text)
{
    const auto right_to_left = [](char32_t c) {
        const int bidi = uc_bidi_class(c);
        return bidi == UC_BIDI_R || bidi == UC_BIDI_AL || bidi == UC_BIDI_AN;
    };
    if (std::ranges::none_of(text, right_to_left))
        return true;
    // A label that begins from left to right has none of these (rule 5), so this one begins from right to left.
    const int first = uc_bidi_class(text.front());
    if (first != UC_BIDI_R && first != UC_BIDI_AL)
        return false;
    bool european = false, arabic = false;
    for (const char32_t c : text) {
        const int bidi = uc_bidi_class(c);
        if (bidi == UC_BIDI_L || bidi == UC_BIDI_B || bidi == UC_BIDI_S || bidi == UC_BIDI_WS)
            return false;
        european = european || bidi == UC_BIDI_EN;
        arabic = arabic || bidi == UC_BIDI_AN;
    }
    if (european && arabic)
        return false;
    const auto last =
        std::find_if(text.rbegin(), text.rend(), [](char32_t c) { return uc_bidi_class(c) != UC_BIDI_NSM; });
    const int end = uc_bidi_class(*last);
    return end == UC_BIDI_R || end == UC_BIDI_AL || end == UC_BIDI_EN || end == UC_BIDI_AN;
}

Text compatible(TextView text)
{
    std::size_t length = 0;
    const std::unique_ptr<std::uint32_t, decltype(&std::free)> composed{
        u32_normalize(UNINORM_NFKC, reinterpret_cast<const std::uint32_t *>(text.data()), text.size(), nullptr,
                      &length),
        std::free};
    if (!composed && length != 0)
        throw std::bad_alloc{};
    return {reinterpret_cast<const char32_t *>(composed.get()), length};
}

} // namespace jabberd::session_manager::precis
