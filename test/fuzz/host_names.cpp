// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/host_names.h"

#include "base/host_name.h"

#ifdef HAVE_ICU
#include <unicode/uidna.h>
#endif

#include <array>
#include <memory>
#include <optional>

namespace jabberd::fuzz {

namespace {

#ifdef HAVE_ICU
// The second opinion: UTS 46 by another library, of another version of Unicode, which lets symbols pass.
std::optional<std::string> in_ascii_by_icu(std::string_view name)
{
    UErrorCode error = U_ZERO_ERROR;
    static const std::unique_ptr<UIDNA, void (*)(UIDNA *)> rules{
        uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_CHECK_CONTEXTO,
                        &error),
        uidna_close};
    std::array<char, 4096> ascii{};
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    const auto size = uidna_nameToASCII_UTF8(rules.get(), name.data(), static_cast<std::int32_t>(name.size()),
                                             ascii.data(), ascii.size(), &info, &error);
    if (U_FAILURE(error) || info.errors != 0)
        return std::nullopt;
    return std::string{without_final_dot({ascii.data(), static_cast<std::size_t>(size)})};
}
#endif

Failure judge(std::string_view name)
{
    const auto ascii = host_in_ascii(name);
    const std::string shown = "'" + std::string{name} + "'";
    if (!same_host(name, name))
        return shown + " is not itself";
    if (!ascii)
        return {};
    const auto unicode = host_in_unicode(name);
    if (!unicode || host_in_ascii(*ascii) != ascii || host_in_ascii(*unicode) != ascii ||
        host_in_unicode(*unicode) != unicode)
        return shown + " has more than one spelling that stands for all: " + *ascii + ", " + unicode.value_or("none");
    if (!same_host(name, *ascii) || !same_host(*unicode, name) || !same_host(*ascii + '.', *unicode))
        return shown + " is not the host " + *ascii;
#ifdef HAVE_ICU
    const auto by_icu = in_ascii_by_icu(name);
    if (by_icu && by_icu != ascii)
        return shown + " is " + *ascii + ", and for ICU " + *by_icu;
#endif
    return {};
}

} // namespace

std::string some_host_name(Random &random)
{
    using namespace std::string_view_literals;
    // Spellings of one letter, a row each.
    static constexpr std::array<std::array<std::string_view, 4>, 14> letters{{
        {"a", "A", "\uFF21", "\uFF41"},
        {"ü", "Ü", "u\u0308", "U\u0308"},
        {"é", "É", "e\u0301", "E\u0301"},
        {"ß", "ß", "\u1E9E", "ss"},
        {"ς", "σ", "Σ", "ς"},
        {"б", "Б", "б", "Б"},
        {"字", "字", "字", "字"},
        {"한", "\u1112\u1161\u11AB", "한", "한"},
        {"א", "א", "א", "א"},
        {"1", "\u00B9", "\u2460", "\uFF11"},
        {"fi", "\uFB01", "FI", "Fi"},
        {"-", "-", "\uFF0D", "_"},
        {"x", "x\u00AD", "X", "x\u200B"},
        {"☃", " ", ":", "\u0301"},
    }};
    static constexpr std::array dots{"."sv, "."sv, "\u3002"sv, "\uFF0E"sv};
    std::string name;
    for (auto labels = 1 + random() % 3; labels > 0; --labels) {
        for (auto i = 1 + random() % 3; i > 0; --i)
            name += letters[random() % (random() % 10 == 0 ? letters.size() : 6)][random() % 4];
        if (labels > 1 || random() % 5 == 0)
            name += dots[random() % dots.size()];
    }
    if (random() % 3 == 0) {
        if (const auto ascii = host_in_ascii(name))
            return *ascii;
    }
    return name;
}

Failure one_host_by_one_rule(std::string_view a, std::string_view b)
{
    for (const std::string_view name : {a, b}) {
        if (auto failure = judge(name))
            return failure;
    }
    const auto first = host_in_ascii(a), second = host_in_ascii(b);
    const std::string both = "'" + std::string{a} + "' and '" + std::string{b} + "'";
    if (same_host(a, b) != same_host(b, a))
        return both + " are one host one way round";
    if (first && second && same_host(a, b) != (first == second))
        return both + " are one host against the rule";
#ifdef HAVE_ICU
    const auto ours = in_ascii_by_icu(a), theirs = in_ascii_by_icu(b);
    if (first && second && ours && theirs && same_host(a, b) != (ours == theirs))
        return both + ": ICU does not agree";
#endif
    return {};
}

} // namespace jabberd::fuzz
