// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/declaration_prefix.h"

#include "xml/characters.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace jabberd::xml {

namespace {

constexpr std::string_view target = "xml";

// In their order.
struct Item {
    std::string_view name;
    std::array<std::string_view, 2> values; // in lower case
};
constexpr std::array<Item, 3> items{
    {{"version", {"1.0", "1.0"}}, {"encoding", {"utf-8", "utf-8"}}, {"standalone", {"yes", "no"}}}};
constexpr std::uint8_t version = 0, encoding = 1;

bool is_next(std::string_view word, std::size_t index, char32_t c)
{
    return c == static_cast<unsigned char>(word[index]);
}

} // namespace

Fault DeclarationPrefix::to(State state)
{
    state_ = state;
    matched_ = 0;
    return Fault::None;
}

Fault DeclarationPrefix::next(char32_t c)
{
    switch (state_) {
    case State::Target:
        if (matched_ < target.size())
            return is_next(target, matched_, c) ? (++matched_, Fault::None) : Fault::RestrictedXml;
        return is_space(c) ? to(State::Space) : Fault::RestrictedXml;
    case State::AfterValue:
    case State::Space:
        if (is_space(c))
            return to(State::Space);
        if (c == '?' && item_ != version)
            return to(State::End);
        if (state_ == State::AfterValue)
            return Fault::NotWellFormed;
        if (item_ == encoding && c == 's')
            ++item_; // there may be no encoding
        if (item_ == items.size())
            return Fault::NotWellFormed;
        to(State::Name);
        [[fallthrough]];
    case State::Name:
        if (matched_ < items[item_].name.size())
            return is_next(items[item_].name, matched_, c) ? (++matched_, Fault::None) : Fault::NotWellFormed;
        [[fallthrough]];
    case State::Equals:
        if (c == '=')
            return to(State::Quote);
        return is_space(c) ? to(State::Equals) : Fault::NotWellFormed;
    case State::Quote:
        if (c != '\'' && c != '"')
            return is_space(c) ? Fault::None : Fault::NotWellFormed;
        quote_ = c;
        value_.clear();
        return to(State::Value);
    case State::Value: return value(c);
    case State::End: return c == '>' ? to(State::Complete) : Fault::NotWellFormed;
    case State::Complete: break;
    }
    return Fault::None;
}

Fault DeclarationPrefix::value(char32_t c)
{
    const char32_t letter = lower(c);
    const auto fits = [&](std::string_view expected) {
        if (!expected.starts_with(value_))
            return false;
        const std::string_view rest = expected.substr(value_.size());
        return c == quote_ ? rest.empty() : !rest.empty() && is_next(rest, 0, letter);
    };
    if (std::ranges::none_of(items[item_].values, fits)) {
        const bool other_name =
            (letter >= 'a' && letter <= 'z') ||
            (!value_.empty() && (c == quote_ || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'));
        return item_ == encoding && other_name ? Fault::UnsupportedEncoding : Fault::NotWellFormed;
    }
    if (c == quote_) {
        ++item_;
        return to(State::AfterValue);
    }
    // Only the name of an encoding may be written in capitals.
    if (item_ != encoding && letter != c)
        return Fault::NotWellFormed;
    value_ += static_cast<char>(letter);
    return Fault::None;
}

} // namespace jabberd::xml
