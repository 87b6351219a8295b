// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/classic_host.h"

#include "support/passwords.h"
#include "support/patience.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

namespace jabberd::test {

namespace {

constexpr const char *name_of(ClassicHost::Flavour flavour)
{
    switch (flavour) {
    case ClassicHost::Flavour::Jabberd11: return "1_1";
    case ClassicHost::Flavour::Jabberd14: return "1_4";
    case ClassicHost::Flavour::Jabberd16: return "1_6";
    case ClassicHost::Flavour::Jabberd16Of2019: return "1_6_2019";
    }
    return "";
}

std::string program(ClassicHost::Flavour flavour)
{
    const std::string variable = std::string{"STUB_JABBERD_"} + name_of(flavour);
    const char *value = std::getenv(variable.c_str());
    if (value == nullptr)
        ADD_FAILURE() << variable << " is not set; run the tests through meson";
    return value == nullptr ? "false" : value;
}

std::string script_element(const std::string &path)
{
    return "<session_manager kind='scripted' socket='" + path + "'/>";
}

// "socket:[12345]" of every descriptor.
std::set<std::string> socket_inodes(pid_t pid)
{
    std::set<std::string> inodes;
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/fd", error}) {
        const std::string target = std::filesystem::read_symlink(entry, error).string();
        if (target.starts_with("socket:["))
            inodes.insert(target.substr(8, target.size() - 9));
    }
    return inodes;
}

std::vector<std::uint16_t> listening_ports(pid_t pid)
{
    const auto inodes = socket_inodes(pid);
    std::set<std::uint16_t> ports;
    for (const char *table : {"tcp", "tcp6"}) {
        std::ifstream file{"/proc/" + std::to_string(pid) + "/net/" + table};
        for (std::string line; std::getline(file, line);) {
            std::istringstream words{line};
            std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
            words >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >> inode;
            if (state == "0A" && inodes.contains(inode)) // TCP_LISTEN
                ports.insert(static_cast<std::uint16_t>(std::stoul(local.substr(local.rfind(':') + 1), nullptr, 16)));
        }
    }
    return {ports.begin(), ports.end()};
}

} // namespace

std::string ClassicHost::configuration(const Settings &settings) const
{
    const bool old = settings.flavour == Flavour::Jabberd11;
    const bool is_16 = settings.flavour == Flavour::Jabberd16 || settings.flavour == Flavour::Jabberd16Of2019;
    std::string listen = settings.listen;
    if (listen == "default")
        listen = old ? "<listen>127.0.0.1:0</listen>" : "<ip port='0'>127.0.0.1</ip>";

    std::string text = is_16 ? "<jabber xmlns='http://jabberd.org/ns/configfile'>\n" : "<jabber>\n";
    // First, so that what it delivers at once has nowhere to go yet.
    text += "<service id='" + settings.id + "'>" + std::string{old ? "<host>c2s</host>" : ""};
    if (settings.component.empty()) {
        text += script_element(directory_.path("sockets"));
    } else {
        text += "<load><" + settings.entry + ">" + settings.component + "</" + settings.entry + "></load>\n  ";
        text += old ? "<cfg xmlns='jabberd:pth-csock:config'><host>c2s</host>" + listen + settings.options + "</cfg>"
                    : "<pthcsock xmlns='jabber:config:pth-csock'>" + listen + settings.options + "</pthcsock>";
    }
    text += "</service>\n<service id='sessions'><host>localhost</host>";
    text += settings.sessions == Sessions::Simple ? "<session_manager kind='simple'/>"
                                                  : script_element(directory_.path("sessions"));
    return text + "</service>\n" + settings.sections + "\n</jabber>\n";
}

ClassicHost::ClassicHost(const Settings &settings)
{
    if (settings.sessions == Sessions::Scripted)
        sessions_ = std::make_unique<Script>(directory_.path("sessions"));
    if (settings.component.empty())
        sockets_ = std::make_unique<Script>(directory_.path("sockets"));
    std::vector<std::string> command = {"sh", "-c", "log=$1; shift; exec \"$@\" 2>\"$log\"", "sh",
                                        directory_.path("log")};
    command.insert(command.end(), settings.before.begin(), settings.before.end());
    for (const std::string &word :
         {program(settings.flavour), std::string{"-c"}, directory_.write("jabber.xml", configuration(settings)),
          std::string{"--grace"}, settings.grace})
        command.push_back(word);
    process_ = std::make_unique<Process>(command);
    if (settings.must_start && !process_->wait_for("stub: ready"))
        ADD_FAILURE() << output();
}

void ClassicHost::stop()
{
    if (!process_)
        return;
    process_->signal(SIGTERM);
    if (const int status = wait(); status != 0)
        ADD_FAILURE() << "the host ended with " << status << "; the end of its output:\n" << output();
}

void ClassicHost::kill()
{
    process_->signal(SIGKILL);
    wait();
}

int ClassicHost::wait()
{
    const int status = process_->wait();
    process_.reset();
    expect_no_password_in(output());
    return status;
}

std::string ClassicHost::output() const
{
    constexpr std::size_t enough = 100'000;
    std::stringstream log;
    log << std::ifstream{directory_.path("log")}.rdbuf();
    const std::string text = log.str();
    return text.substr(text.size() - std::min(text.size(), enough));
}

bool ClassicHost::wait_for_output(std::string_view text) const
{
    const auto deadline = soon();
    while (output().find(text) == std::string::npos) {
        if (Clock::now() > deadline) {
            ADD_FAILURE() << "waited in vain for \"" << text << "\" in:\n" << output();
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return true;
}

std::vector<std::uint16_t> ClassicHost::ports(std::size_t count) const
{
    const auto deadline = soon();
    auto ports = listening_ports(pid());
    while (ports.size() < count && Clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
        ports = listening_ports(pid());
    }
    EXPECT_GE(ports.size(), count) << "ports that it listens to; its output:\n" << output();
    return ports;
}

std::uint16_t ClassicHost::port() const
{
    const auto all = ports();
    return all.empty() ? std::uint16_t{0} : all.front();
}

void PrintTo(ClassicHost::Flavour flavour, std::ostream *out)
{
    *out << "jabberd_" << name_of(flavour);
}

} // namespace jabberd::test
