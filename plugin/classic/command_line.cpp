// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classic/command_line.h"

#include <fstream>
#include <iterator>
#include <utility>

namespace jabberd::classic {

namespace {

constexpr std::string_view without_value = "BDVv";

constexpr std::pair<std::string_view, std::string_view> long_names[] = {
    {"config", "c"}, {"host", "h"}, {"spooldir", "s"}, {"import", "I"}, {"define", "x"}};

// "" where it is none of those.
std::string_view letter_of(std::string_view name)
{
    for (const auto &[known, letter] : long_names) {
        if (known == name)
            return letter;
    }
    return {};
}

} // namespace

CommandLine::CommandLine(const std::vector<std::string> &words)
{
    for (auto word = words.begin(); word != words.end(); ++word) {
        std::string_view flags = *word, value;
        if (!flags.starts_with('-') || flags == "-")
            continue;
        flags.remove_prefix(1);
        if (flags.starts_with('-')) {
            const auto equals = flags.find('=');
            value = equals == std::string_view::npos ? value : flags.substr(equals + 1);
            flags = letter_of(flags.substr(1, equals == std::string_view::npos ? equals : equals - 1));
        } else {
            const auto first = flags.find_first_not_of(without_value);
            flags.remove_prefix(first == std::string_view::npos ? flags.size() : first);
            value = flags.substr(flags.empty() ? 0 : 1);
        }
        if (flags.empty())
            continue;
        if (value.empty() && std::next(word) != words.end())
            value = *++word;
        std::string flag{flags.substr(0, 1)};
        if (const auto colon = value.find(':'); flag == "x" && colon != std::string_view::npos) {
            flag = value.substr(0, colon);
            value = value.substr(colon + 1);
        }
        values_.insert_or_assign(std::move(flag), std::string{value});
    }
}

CommandLine CommandLine::of_this_process()
{
    std::ifstream in{"/proc/self/cmdline"};
    const std::string all{std::istreambuf_iterator<char>{in}, {}};
    std::vector<std::string> words;
    for (std::size_t begin = all.find('\0') + 1; begin != 0 && begin < all.size(); begin = all.find('\0', begin) + 1)
        words.emplace_back(all.c_str() + begin);
    return CommandLine{words};
}

const std::string *CommandLine::value(std::string_view flag) const
{
    const auto found = values_.find(flag);
    return found == values_.end() ? nullptr : &found->second;
}

std::filesystem::path CommandLine::configuration_file() const
{
    const std::string *file = value("c");
    return std::filesystem::absolute(file == nullptr ? "jabber.xml" : *file).lexically_normal();
}

} // namespace jabberd::classic
