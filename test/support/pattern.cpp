// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/pattern.h"

#include "xml/escape.h"

#include <regex>
#include <stdexcept>

namespace jabberd::test {

namespace {

constexpr std::string_view anything = "{*}";
constexpr char further_attributes[] = "etc";

// The inside of a hole: "name", or "name:32 hex".
struct Hole {
    std::string name;
    std::optional<std::size_t> hex_digits;

    explicit Hole(std::string_view inside) : name{inside.substr(0, inside.find(':'))}
    {
        if (const auto colon = inside.find(':'); colon != std::string_view::npos)
            hex_digits = std::stoul(std::string{inside.substr(colon + 1)});
    }

    bool admits(std::string_view text) const
    {
        return !hex_digits ||
               (text.size() == *hex_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos);
    }
};

bool matches(std::string_view pattern, std::string_view actual, Captures &captures)
{
    const auto open = pattern.find('{');
    const auto close = pattern.find('}', open);
    if (open == std::string_view::npos || close == std::string_view::npos)
        return pattern == actual;
    if (actual.substr(0, open) != pattern.substr(0, open))
        return false;
    actual.remove_prefix(open);
    const Hole hole{pattern.substr(open + 1, close - open - 1)};
    const std::string_view rest = pattern.substr(close + 1);

    if (const auto known = captures.find(hole.name); known != captures.end())
        return actual.starts_with(known->second) && matches(rest, actual.substr(known->second.size()), captures);
    for (std::size_t size = rest.empty() ? actual.size() : 0; size <= actual.size(); ++size) {
        if (!hole.admits(actual.substr(0, size)))
            continue;
        Captures tried = captures;
        if (hole.name != "*")
            tried[hole.name] = actual.substr(0, size);
        if (matches(rest, actual.substr(size), tried)) {
            captures = std::move(tried);
            return true;
        }
    }
    return false;
}

std::string in_quotes(std::string_view text)
{
    constexpr std::size_t enough = 300;
    return "\"" + std::string{text.substr(0, enough)} + (text.size() > enough ? "…\"" : "\"");
}

std::string path_of(const std::string &path, const Element &element)
{
    return path + "<" + element.name + ">";
}

std::optional<std::string> attribute_difference(const Element &expected, const Element &actual, Captures &captures,
                                                const std::string &where)
{
    const bool open_ended = expected.attributes.contains(further_attributes);
    for (const auto &[name, value] : expected.attributes) {
        if (name == further_attributes)
            continue;
        const auto found = actual.attributes.find(name);
        if (found == actual.attributes.end())
            return where + " has no attribute " + name;
        if (!matches(value, found->second, captures))
            return where + " has " + name + "=" + in_quotes(found->second) + " instead of " + in_quotes(value);
    }
    for (const auto &[name, value] : actual.attributes) {
        if (!open_ended && !expected.attributes.contains(name))
            return where + " has an attribute too many: " + name + "=" + in_quotes(value);
    }
    return std::nullopt;
}

std::optional<std::string> node_difference(const Element &expected, const Element &actual, Captures &captures,
                                           const std::string &path)
{
    if (expected.is_text() != actual.is_text() || expected.name != actual.name || expected.xmlns != actual.xmlns)
        return path + " holds " + in_quotes(to_string(actual)) + " instead of " + in_quotes(to_string(expected));
    if (expected.is_text()) {
        if (matches(expected.text, actual.text, captures))
            return std::nullopt;
        return path + " holds the text " + in_quotes(actual.text) + " instead of " + in_quotes(expected.text);
    }
    const std::string where = path_of(path, expected);
    if (auto wrong = attribute_difference(expected, actual, captures, where))
        return wrong;
    if (expected.children.size() == 1 && expected.children[0].text == anything)
        return std::nullopt;
    for (std::size_t i = 0; i < expected.children.size() && i < actual.children.size(); ++i) {
        if (auto wrong = node_difference(expected.children[i], actual.children[i], captures, where))
            return wrong;
    }
    if (expected.children.size() > actual.children.size())
        return where + " does not hold " + in_quotes(to_string(expected.children[actual.children.size()]));
    if (expected.children.size() < actual.children.size())
        return where + " also holds " + in_quotes(to_string(actual.children[expected.children.size()]));
    return std::nullopt;
}

} // namespace

std::string expand_repeats(std::string_view text)
{
    static const std::regex repeat{R"(\{([^{}]+)\*([0-9]+)\})"};
    std::string rest{text}, out;
    for (std::smatch found; std::regex_search(rest, found, repeat);) {
        out += found.prefix();
        for (unsigned long n = std::stoul(found[2]); n > 0; --n)
            out += found[1];
        rest = std::string{found.suffix()};
    }
    return out + rest;
}

std::string fill(std::string_view text, const Captures &captures, Filling filling)
{
    std::string out;
    for (;;) {
        const auto open = text.find('{');
        const auto close = text.find('}', open);
        if (open == std::string_view::npos || close == std::string_view::npos)
            return out += text;
        const auto found = captures.find(std::string{text.substr(open + 1, close - open - 1)});
        if (found == captures.end())
            throw std::invalid_argument("nothing has been captured as " +
                                        std::string{text.substr(open, close - open + 1)});
        out += text.substr(0, open);
        if (filling == Filling::Xml)
            xml::append_attribute_value(out, found->second);
        else
            out += found->second;
        text.remove_prefix(close + 1);
    }
}

std::optional<std::string> difference(const Element &expected, const Element &actual, Captures &captures)
{
    Captures tried = captures;
    auto wrong = node_difference(expected, actual, tried, "");
    if (!wrong)
        captures = std::move(tried);
    return wrong;
}

} // namespace jabberd::test
