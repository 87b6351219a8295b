// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/linked_host.h"
#include "support/environment.h"

#include "net/listener.h"
#include "support/log_file.h"
#include "support/patience.h"

#include <charconv>
#include <csignal>

namespace jabberd::test {

namespace {

std::string configuration(const LinkedHost::Settings &settings)
{
    std::string text = "<jabber>\n<control>control</control>\n";
    if (settings.role == LinkedHost::Role::Sockets)
        text += "<service id='c2s'><load><socket_manager>" + needed_environment("SOCKET_MANAGER") +
                "</socket_manager></load>\n"
                "<c2s xmlns='jabber:config:socket-manager'><listen port='0'>127.0.0.1</listen></c2s></service>\n";
    else
        text += "<service id='sessions'><host>" + settings.domain + "</host><load><session_manager>" +
                needed_environment("SESSION_MANAGER") +
                "</session_manager></load>\n"
                "<sessions xmlns='jabber:config:session-manager'><database>db</database><register>yes</register>"
                "<registrations per-hour='0'/><iterations>4096</iterations></sessions></service>\n";
    return text + "<service id='link'><load><link>" + needed_environment("LINK") +
           "</link></load>\n<link xmlns='jabber:config:link'><name>" + settings.name + "</name>" + settings.link +
           "</link></service>\n</jabber>\n";
}

} // namespace

std::uint16_t free_port()
{
    return net::Listener{*net::SocketAddress::parse("127.0.0.1", 0)}.address().port();
}

LinkedHost::LinkedHost(const Settings &settings) : config_(directory_.write("jabber.xml", configuration(settings)))
{
    start();
}

void LinkedHost::start()
{
    process_ = std::make_unique<Process>(std::vector<std::string>{"sh", "-c", "exec \"$0\" -c \"$1\" 2>>\"$2\"",
                                                                  needed_environment("JABBERD_HOST"), config_,
                                                                  directory_.path("log")});
    if (!process_->wait_for("\nready"))
        return;
    const std::string &output = process_->output(), key = "connect an XMPP client to 127.0.0.1:";
    if (const auto at = output.find(key); at != std::string::npos)
        std::from_chars(output.data() + at + key.size(), output.data() + output.size(), port_);
}

void LinkedHost::kill()
{
    process_->signal(SIGKILL);
    process_->wait();
    process_.reset();
}

void LinkedHost::stop()
{
    if (!process_)
        return;
    process_->signal(SIGTERM);
    const int status = process_->wait();
    process_.reset();
    if (status != 0)
        ADD_FAILURE() << "jabberd-host ended with " << status << "; its log:\n" << log();
}

std::string LinkedHost::log() const
{
    return contents_of(directory_.path("log"));
}

bool LinkedHost::wait_for_log(const std::string &part, unsigned times) const
{
    return test::wait_for_log(directory_.path("log"), part, times);
}

std::vector<std::string> LinkedHost::ctl_command(const std::vector<std::string> &arguments) const
{
    std::vector<std::string> command{needed_environment("JABBERD_CTL"), "--socket", directory_.path("control")};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

Result LinkedHost::ctl(const std::vector<std::string> &arguments) const
{
    return run(ctl_command(arguments));
}

bool LinkedHost::wait_for_status(const std::string &part) const
{
    const auto deadline = soon() + patience; // a peer that is gone is waited for a while
    std::string status;
    do
        status = ctl({"status"}).output;
    while (status.find(part) == std::string::npos && Clock::now() < deadline);
    EXPECT_NE(status.find(part), std::string::npos) << part << " is not in:\n" << status << "\nlog:\n" << log();
    return status.find(part) != std::string::npos;
}

} // namespace jabberd::test
