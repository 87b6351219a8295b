// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/running_host.h"

#include "support/environment.h"
#include "support/passwords.h"
#include "support/patience.h"

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace jabberd::test {

namespace {

// The number behind `key` in a text; 0 when there is none.
std::uint64_t number_after(const std::string &text, const std::string &key)
{
    std::uint64_t number = 0;
    if (const auto at = text.find(key); at != std::string::npos)
        std::from_chars(text.data() + at + key.size(), text.data() + text.size(), number);
    return number;
}

// Fewest iterations that are allowed: every test logs in, and under a sanitizer that is slow.
std::string session_manager(const RunningHost::Settings &settings)
{
    return "<load><session_manager>" + needed_environment("SESSION_MANAGER") +
           "</session_manager></load>\n"
           "<sessions xmlns='jabber:config:session-manager'><database>db</database><register>yes</register>"
           "<registrations per-hour='0'/><iterations>4096</iterations><digest>" +
           (settings.digest ? "yes" : "no") + "</digest>" + settings.sessions + "</sessions>\n";
}

std::string upstream(const RunningHost::Settings &settings)
{
    return "<load><upstream>" + needed_environment("UPSTREAM") +
           "</upstream></load>\n<upstream xmlns='jabber:config:upstream'>" + settings.upstream + "</upstream>\n";
}

std::string configuration(const RunningHost::Settings &settings)
{
    return "<jabber>\n"
           "<control>control</control>\n"
           "<service id='sessions'><host>localhost</host>" +
           (settings.upstream.empty() ? session_manager(settings) : upstream(settings)) +
           "</service>\n"
           "<service id='c2s'><load><socket_manager>" +
           needed_environment("SOCKET_MANAGER") +
           "</socket_manager></load>\n"
           "  <c2s xmlns='jabber:config:socket-manager'><listen port='0'>127.0.0.1</listen>" +
           settings.sockets +
           "</c2s>\n"
           "</service>\n" +
           settings.services + "</jabber>\n";
}

} // namespace

RunningHost::RunningHost(const Settings &settings)
    : before_(settings.before), config_(directory_.write("jabber.xml", configuration(settings)))
{
    start();
}

void RunningHost::start()
{
    // Its log goes to a file: a pipe that nobody reads would fill up.
    process_ = std::make_unique<Process>(
        std::vector<std::string>{"sh", "-c", before_ + "exec \"$0\" -c \"$1\" 2>>\"$2\"",
                                 needed_environment("JABBERD_HOST"), config_, directory_.path("log")});
    if (!process_->wait_for("\nready"))
        return;
    // "connect an XMPP client to 127.0.0.1:40001, 127.0.0.1:40002 (TLS)": the first is ours, the other one of
    // `sockets`.
    const std::string &output = process_->output();
    port_ = static_cast<std::uint16_t>(number_after(output, "connect an XMPP client to 127.0.0.1:"));
    if (const auto end = output.find(" (TLS)"); end != std::string::npos)
        direct_tls_port_ =
            static_cast<std::uint16_t>(number_after(output.substr(output.rfind("127.0.0.1:", end)), "127.0.0.1:"));
}

void RunningHost::pull_the_plug()
{
    process_->signal(SIGKILL);
    process_->wait();
    process_.reset();
}

void RunningHost::stop()
{
    if (!process_)
        return;
    process_->signal(SIGTERM);
    const int status = process_->wait();
    process_.reset();
    std::stringstream log;
    if (std::filesystem::is_regular_file(path("log"))) // a test may have made a pipe of it
        log << std::ifstream{path("log")}.rdbuf();
    const std::string text = log.str();
    expect_no_password_in(text);
    if (status == 0)
        return;
    ADD_FAILURE() << "jabberd-host ended with " << status << "; the end of its log:\n"
                  << text.substr(text.size() - std::min<std::size_t>(text.size(), 10000));
}

std::size_t RunningHost::open_files() const
{
    std::size_t count = 0;
    for ([[maybe_unused]] const auto &entry :
         std::filesystem::directory_iterator{"/proc/" + std::to_string(pid()) + "/fd"})
        ++count;
    return count;
}

std::vector<std::string> RunningHost::ctl(const std::vector<std::string> &arguments) const
{
    std::vector<std::string> command{needed_environment("JABBERD_CTL"), "--socket", directory_.path("control")};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

std::uint64_t RunningHost::counter(std::string_view name) const
{
    return number_after(run(ctl({"status", "--json"})).output, "\"" + std::string{name} + "\":\"");
}

bool RunningHost::wait_for_counter(std::string_view name, std::uint64_t value) const
{
    const auto deadline = soon();
    std::uint64_t now = counter(name);
    while (now != value && Clock::now() < deadline)
        now = counter(name);
    EXPECT_EQ(now, value) << name;
    return now == value;
}

} // namespace jabberd::test
