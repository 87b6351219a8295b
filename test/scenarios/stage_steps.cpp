// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenarios/steps.h"

#include <thread>

namespace jabberd::test {

namespace {

jabberd_log_level level_named(const std::string &name)
{
    static const std::map<std::string, jabberd_log_level> levels{{"error", JABBERD_LOG_ERROR},
                                                                 {"warning", JABBERD_LOG_WARNING},
                                                                 {"notice", JABBERD_LOG_NOTICE},
                                                                 {"info", JABBERD_LOG_INFO},
                                                                 {"debug", JABBERD_LOG_DEBUG}};
    return levels.at(name);
}

void configures(Stage &stage, const std::smatch &parts)
{
    stage.configure(stage.filled(parts[1]));
}

void describes_service(Stage &stage, const std::smatch &parts)
{
    stage.set_service(stage.filled(parts[1]));
}

void component_is_refused(Stage &stage, const std::smatch &)
{
    if (stage.create())
        throw Mismatch("the component accepts this configuration");
}

void reports(Stage &stage, const std::smatch &parts)
{
    const jabberd_log_level level = level_named(parts[1]);
    const std::string words = parts[2];
    if (!stage.host().reports.wait_for(
            [&](const Reported &report) {
                return report.level == level && report.message.find(words) != std::string::npos;
            },
            Clock::now()))
        throw Mismatch("no such report");
}

void logs(Stage &stage, const std::smatch &parts)
{
    const jabberd_log_level level = stage.host().level_in_log(level_named(parts[1]));
    const std::string words = stage.filled(parts[2], Filling::Plain);
    if (!stage.host().log.wait_for([&](const Logged &logged) {
            return logged.level == level && (logged.message + logged.fields).find(words) != std::string::npos;
        }))
        throw Mismatch("nothing of the kind was logged");
}

// A status follows its cause by some turns of the component's loop; asking goes through that loop.
void has_status(Stage &stage, const std::smatch &parts)
{
    const auto deadline = soon();
    std::vector<std::string> values;
    do {
        values = stage.host().status(parts[1]);
        if (!values.empty() && values[0] == parts[2].str())
            return;
        std::this_thread::yield();
    } while (Clock::now() < deadline);
    throw Mismatch("the status " + parts[1].str() + " is " + (values.empty() ? "not there" : values[0]));
}

void is_not(Stage &stage, const std::smatch &parts)
{
    if (const std::string one = stage.filled(parts[1], Filling::Plain); one == stage.filled(parts[2], Filling::Plain))
        throw Mismatch("both are " + one);
}

void is_swapped(Stage &stage, const std::smatch &)
{
    stage.tell("component is swapped");
    stage.swap();
}

void dies(Stage &stage, const std::smatch &parts)
{
    stage.tell(parts[0]);
    stage.restart();
}

Stage::Successor successor_named(Stage &stage, const std::smatch &parts)
{
    Stage::Successor successor;
    if (parts[1].matched)
        successor.component = parts[1];
    if (parts[2].matched)
        successor.section = stage.filled(parts[2]);
    return successor;
}

void is_swapped_for(Stage &stage, const std::smatch &parts)
{
    stage.tell(parts[0]);
    stage.swap(successor_named(stage, parts));
}

void is_not_swapped_for(Stage &stage, const std::smatch &parts)
{
    stage.tell(parts[0]);
    if (!stage.try_swap(successor_named(stage, parts)))
        throw Mismatch("the swap was not refused");
}

void is_reloaded(Stage &stage, const std::smatch &parts)
{
    stage.tell(parts[0]);
    if (stage.reload(stage.filled(parts[2])) == parts[1].matched)
        throw Mismatch(parts[1].matched ? "the component accepts this configuration" : "the component refuses it");
}

void is_component(Stage &stage, const std::smatch &parts)
{
    stage.set_component(parts[1]);
}

void has_sessions_behind(Stage &stage, const std::smatch &)
{
    stage.put_sessions_behind();
}

void is_the_port(Stage &stage, const std::smatch &parts)
{
    stage.capture(parts[1], std::to_string(stage.port()));
}

void is_taken(Stage &stage, const std::smatch &parts)
{
    stage.capture(parts[1], stage.take_port());
}

void is_closed_port(Stage &stage, const std::smatch &parts)
{
    if (stage.listens(stage.filled(parts[1], Filling::Plain)))
        throw Mismatch("somebody listens there");
}

void is_for_native_hosts(Stage &, const std::smatch &parts)
{
    if (host_kind() != HostKind::Native)
        throw Skipped(parts[1]);
}

void is_not_for_routes(Stage &, const std::smatch &parts)
{
    if (host_kind() == HostKind::ClassicRoute)
        throw Skipped(parts[1]);
}

void is_for_tcp(Stage &, const std::smatch &parts)
{
    if (plays_over_websockets())
        throw Skipped(parts[1]);
}

void repeats(Stage &stage, const std::smatch &parts)
{
    const unsigned long times = std::stoul(parts[1]);
    for (unsigned long n = 1; n <= times; ++n) {
        stage.capture("n", std::to_string(n));
        play(stage, parts[2]);
    }
}

} // namespace

const std::vector<Sentence> &stage_sentences()
{
    static const std::vector<Sentence> sentences{
        {std::regex{"only in a native host: (.*)"}, is_for_native_hosts},
        {std::regex{"not over <route/>: (.*)"}, is_not_for_routes},
        {std::regex{"not over a websocket: (.*)"}, is_for_tcp},
        {std::regex{"config (.*)"}, configures},
        {std::regex{"service (.*)"}, describes_service},
        {std::regex{"component refused"}, component_is_refused},
        {std::regex{"component dies and starts again"}, dies},
        {std::regex{"component is swapped"}, is_swapped},
        {std::regex{"component is swapped(?: for (\\w+))?(?: with config (.*))?"}, is_swapped_for},
        {std::regex{"component is not swapped(?: for (\\w+))?(?: with config (.*))?"}, is_not_swapped_for},
        {std::regex{"component is (not )?reloaded with config (.*)"}, is_reloaded},
        {std::regex{"component is (\\w+)"}, is_component},
        {std::regex{"the embedded session manager answers"}, has_sessions_behind},
        {std::regex{R"(port is \{(\w+)\})"}, is_the_port},
        {std::regex{R"(port \{(\w+)\} is taken)"}, is_taken},
        {std::regex{R"(port (\S+) is closed)"}, is_closed_port},
        {std::regex{R"rx(report (error|warning) "(.*)")rx"}, reports},
        {std::regex{R"rx(log (error|warning|notice|info|debug) "(.*)")rx"}, logs},
        {std::regex{"status (.+) (\\S+)"}, has_status},
        {std::regex{"(\\S+) is not (\\S+)"}, is_not},
        {std::regex{"(\\d+) times (.*)"}, repeats},
    };
    return sentences;
}

} // namespace jabberd::test
