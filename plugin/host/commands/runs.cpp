// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/commands/runs.h"

#include "base/view.h"

#include <system_error>

namespace jabberd::host {

namespace {

CommandTalk &talk_of(const jabberd_command_call *call)
{
    return *static_cast<CommandTalk *>(call->host_data);
}

bool output(const jabberd_command_call *call, jabberd_view said)
{
    return talk_of(call).say("out", text(said));
}

bool error(const jabberd_command_call *call, jabberd_view said)
{
    return talk_of(call).say("err", text(said));
}

ptrdiff_t read(const jabberd_command_call *call, char *buffer, std::size_t capacity)
{
    return talk_of(call).read(buffer, capacity);
}

ptrdiff_t secret(const jabberd_command_call *call, jabberd_view prompt, bool twice, char *buffer, std::size_t capacity)
{
    return talk_of(call).secret(text(prompt), twice, buffer, capacity);
}

jabberd_command_result run(const jabberd_commands &commands, jabberd_instance *instance, const CommandLine &line,
                           CommandTalk &talk)
{
    std::vector<jabberd_view> arguments;
    for (const std::string &argument : line.arguments)
        arguments.push_back(view(argument));
    const jabberd_command_call call{
        sizeof call, view(line.command), arguments.data(), arguments.size(), &talk, output, error, read, secret};
    if (line.purpose == CommandLine::Purpose::Run)
        return commands.run(instance, &call);
    if (JABBERD_HAS(&commands, complete) && commands.complete != nullptr)
        commands.complete(instance, &call);
    return JABBERD_COMMAND_DONE;
}

} // namespace

std::shared_ptr<CommandTalk> CommandRuns::begin(const jabberd_commands &commands, jabberd_instance *instance,
                                                CommandLine line)
{
    collect();
    auto talk = std::make_shared<CommandTalk>();
    Run &added = runs_.emplace_back(Run{talk, {}});
    try {
        added.thread = std::thread{
            [&commands, instance, line = std::move(line), talk] { talk->end(run(commands, instance, line, *talk)); }};
    } catch (const std::system_error &) {
        runs_.pop_back();
        return nullptr;
    }
    return talk;
}

bool CommandRuns::end_by(std::chrono::steady_clock::time_point deadline)
{
    for (const Run &run : runs_)
        run.talk->interrupt();
    for (const Run &run : runs_) {
        if (!run.talk->wait_for_end(deadline))
            return false;
    }
    collect();
    return true;
}

void CommandRuns::end()
{
    for (const Run &run : runs_)
        run.talk->interrupt();
    for (Run &run : runs_)
        run.thread.join();
    runs_.clear();
}

void CommandRuns::collect()
{
    runs_.remove_if([](Run &run) {
        if (!run.talk->has_ended())
            return false;
        run.thread.join();
        return true;
    });
}

} // namespace jabberd::host
