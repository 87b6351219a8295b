// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/completion.h"

#include "host/control/words.h"
#include "host/text/json.h"

#include <algorithm>

namespace jabberd::host {

namespace {

std::vector<std::string> all_commands(const std::vector<OfferedCommand> &offered)
{
    std::vector<std::string> words;
    for (const std::string_view word : control_words) {
        if (word != "run" && word != "commands") // the protocol's only
            words.emplace_back(word);
    }
    for (const OfferedCommand &command : offered)
        words.push_back(command.word);
    return words;
}

} // namespace

bool is_completed_by_host(const std::vector<std::string> &words)
{
    return words.size() < 2 || is_control_word(words.front());
}

std::vector<std::string> completions(const Host &host, const std::vector<OfferedCommand> &offered,
                                     const std::vector<std::string> &words)
{
    std::vector<std::string> found;
    if (words.size() == 1 || (words.size() == 2 && words.front() == "help")) {
        found = all_commands(offered);
    } else if (words.size() == 2 && words.front() == "swap") {
        for (const LoadedService &loaded : host.services())
            found.push_back(loaded.config.id);
    }
    std::erase_if(found, [&](const std::string &word) { return !word.starts_with(words.back()); });
    return found;
}

std::string completion_report(const std::vector<std::string> &words)
{
    std::string lines;
    for (const std::string &word : words)
        lines.append(word).append(1, '\n');
    return JsonWriter{}.object().name("out").text(lines).end_object().line() +
           JsonWriter{}.object().name("exit").number(0).end_object().line();
}

std::string unknown_command(const std::vector<OfferedCommand> &offered, std::string_view word)
{
    std::string message = "there is no command '" + std::string{word} + "'; there are " + words_for_people();
    const auto same = [&](const OfferedCommand &command) { return command.name == word; };
    std::string others;
    for (const OfferedCommand &command : offered)
        others.append(others.empty() ? "" : ", ").append(command.word);
    if (offered.empty())
        return message + "; no component here offers another";
    if (std::ranges::any_of(offered, same))
        message = "several components offer '" + std::string{word} + "'";
    return message + ", and of components " + others;
}

} // namespace jabberd::host
