// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/commands/offered.h"

#include "base/view.h"
#include "host/control/words.h"
#include "host/text/json.h"

#include <algorithm>

namespace jabberd::host {

namespace {

const jabberd_commands *commands_of(const Service &service)
{
    if (service.instance() == nullptr)
        return nullptr;
    const auto *commands = static_cast<const jabberd_commands *>(service.extension(JABBERD_COMMANDS));
    return commands != nullptr && JABBERD_HAS(commands, run) ? commands : nullptr;
}

bool is_name(std::string_view name)
{
    return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::string full_word(const OfferedCommand &command)
{
    return command.service + ':' + command.name;
}

struct CommandSink {
    std::vector<OfferedCommand> &offered;
    const std::string &service;

    static void take(void *data, const jabberd_command *command)
    {
        auto &[offered, service] = *static_cast<CommandSink *>(data);
        if (is_name(text(command->name)))
            offered.push_back({service,
                               std::string{text(command->name)},
                               {},
                               std::string{text(command->arguments)},
                               std::string{text(command->summary)},
                               std::string{text(command->usage)}});
    }
};

} // namespace

std::vector<OfferedCommand> offered_commands(const Host &host)
{
    std::vector<OfferedCommand> offered;
    for (const LoadedService &loaded : host.services()) {
        const jabberd_commands *commands = commands_of(loaded.service);
        if (commands == nullptr)
            continue;
        CommandSink sink{offered, loaded.config.id};
        commands->list(loaded.service.instance(), CommandSink::take, &sink);
    }
    for (OfferedCommand &command : offered) {
        const bool is_ambiguous =
            is_control_word(command.name) || std::ranges::count(offered, command.name, &OfferedCommand::name) > 1;
        command.word = is_ambiguous ? full_word(command) : command.name;
    }
    return offered;
}

const OfferedCommand *find_command(const std::vector<OfferedCommand> &offered, std::string_view word)
{
    const auto found = std::ranges::find_if(
        offered, [&](const OfferedCommand &command) { return command.word == word || full_word(command) == word; });
    return found == offered.end() ? nullptr : &*found;
}

std::shared_ptr<CommandTalk> begin_command(Host &host, const OfferedCommand &command,
                                           std::vector<std::string> arguments, CommandLine::Purpose purpose)
{
    Service *service = host.service(command.service);
    const jabberd_commands *commands = service == nullptr ? nullptr : commands_of(*service);
    if (commands == nullptr)
        return nullptr;
    return service->commands().begin(*commands, service->instance(), {command.name, std::move(arguments), purpose});
}

std::vector<Advice> advice_of(const Host &host)
{
    std::vector<Advice> all;
    const auto offered = offered_commands(host);
    for (const LoadedService &loaded : host.services()) {
        const jabberd_commands *commands = commands_of(loaded.service);
        if (commands == nullptr || !JABBERD_HAS(commands, advise) || commands->advise == nullptr)
            continue;
        const std::size_t before = all.size();
        commands->advise(
            loaded.service.instance(),
            [](void *data, jabberd_view command, jabberd_view purpose) {
                static_cast<std::vector<Advice> *>(data)->push_back(
                    {std::string{text(command)}, std::string{text(purpose)}});
            },
            &all);
        for (std::size_t i = before; i < all.size(); ++i) { // by the word that the command has here
            const auto end = std::min(all[i].command.find(' '), all[i].command.size());
            if (const OfferedCommand *command =
                    find_command(offered, loaded.config.id + ':' + all[i].command.substr(0, end)))
                all[i].command.replace(0, end, command->word);
        }
    }
    return all;
}

std::string offered_report(const std::vector<OfferedCommand> &offered)
{
    JsonWriter json;
    json.object().name("commands").array();
    for (const OfferedCommand &command : offered) {
        json.object().name("word").text(command.word).name("service").text(command.service);
        json.name("arguments").text(command.arguments).name("summary").text(command.summary);
        json.name("usage").text(command.usage).end_object();
    }
    return json.end_array().end_object().line();
}

} // namespace jabberd::host
