// SPDX-License-Identifier: LGPL-2.1-or-later
#include "swap/server.h"

#include "load/usage.h"
#include "support/spawn.h"
#include "swap/control.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <stdexcept>

namespace jabberd::bench {

namespace fs = std::filesystem;

Server::Server(const Options &options) : options_(options)
{
    std::string pattern = (fs::temp_directory_path() / "jabberd-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error("no temporary directory");
    directory_ = pattern;
    for (const unsigned number : {0u, 1u, 2u})
        fs::copy_file(options.socket_manager, copy(number));
    configure(0, "");
    launch();
}

Server::~Server()
{
    if (pid_ > 0)
        stop();
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
}

std::string Server::copy(unsigned number) const
{
    return (directory_ / ("socket_manager_" + std::to_string(number) + ".so")).string();
}

namespace {

// No caps and no rates: the generator is one address.
std::string section(const std::string &more)
{
    return "<c2s xmlns='jabber:config:socket-manager'><listen port='0' tls='direct'>127.0.0.1</listen>\n"
           "<tls><certificate file='test.pem' self-signed='localhost'/></tls>" +
           more +
           "<limits><queue>67108864</queue><memory>1073741824</memory><connections-per-address>0"
           "</connections-per-address><attempts-per-second>0</attempts-per-second><bytes-per-second>0"
           "</bytes-per-second><stanzas-per-second>0</stanzas-per-second></limits></c2s>\n";
}

} // namespace

// The section of the fixtures lets them be tried.
std::string Server::native_configuration(unsigned number, const std::string &more) const
{
    return "<jabber>\n<control>control</control>\n<log level='warning'/>\n"
           "<service id='sessions'><host>localhost</host><load><session_manager>" +
           options_.session_manager +
           "</session_manager></load><sessions xmlns='jabber:config:session-manager'><database>db</database>"
           "<register>yes</register><registrations per-hour='0'/><iterations>4096</iterations></sessions></service>\n"
           "<service id='c2s'><load><socket_manager>" +
           copy(number) + "</socket_manager></load>\n" + section(more) +
           (options_.failing ? "<collector xmlns='test:collector'/>" : "") + "</service>\n</jabber>\n";
}

std::string Server::classic_configuration(unsigned number, const std::string &more) const
{
    return "<jabber>\n<service id='sessions'><host>localhost</host><session_manager kind='simple'/></service>\n"
           "<service id='c2s'><host>c2s</host><load><pthsock_client>" +
           copy(number) + "</pthsock_client></load>\n" + section("<control>control</control>" + more) +
           (options_.failing ? "<collector xmlns='test:collector'/>" : "") + "</service>\n</jabber>\n";
}

void Server::configure(unsigned number, const std::string &more) const
{
    std::ofstream{directory_ / "jabber.xml"}
        << (options_.classic.empty() ? native_configuration(number, more) : classic_configuration(number, more));
}

std::string Server::ask_status() const
{
    Control status{control(), "status"};
    while (!status.is_answered())
        status.on_ready();
    return status.answer();
}

namespace {

// 0: `before` is not there.
std::uint64_t number_behind(const std::string &before, const std::string &text)
{
    const auto at = text.find(before);
    return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + before.size(), nullptr, 10);
}

} // namespace

// A classic host does not print where its components listen.
std::uint16_t Server::ask_port() const
{
    return static_cast<std::uint16_t>(number_behind("127.0.0.1:", ask_status()));
}

std::uint64_t Server::counter(const std::string &name) const
{
    return number_behind("\"" + name + "\":\"", ask_status());
}

void Server::launch()
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe");
    output_.reset(ends[0]);
    const std::string log = (directory_ / "log").string(), configuration = (directory_ / "jabber.xml").string();
    const int log_file = open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    const std::string &program = options_.classic.empty() ? options_.host : options_.classic;
    if (!options_.preload.empty())
        setenv("LD_PRELOAD", options_.preload.c_str(), 1);
    pid_ = test::spawn({program, "-c", configuration}, -1, ends[1], log_file);
    unsetenv("LD_PRELOAD");
    close(log_file);
    close(ends[1]);
    if (pid_ < 0)
        throw std::runtime_error("cannot start " + program);
    std::string said;
    char bytes[4096];
    const char *const ready = options_.classic.empty() ? "ready:" : "stub: ready";
    while (said.find(ready) == std::string::npos) {
        const ssize_t size = ::read(output_.get(), bytes, sizeof bytes);
        if (size <= 0) {
            show_log();
            throw std::runtime_error("the server did not start: " + said);
        }
        said.append(bytes, static_cast<std::size_t>(size));
    }
    port_ = options_.classic.empty() ? static_cast<std::uint16_t>(number_behind("127.0.0.1:", said)) : ask_port();
}

Footprint Server::footprint() const
{
    const fs::path process = "/proc/" + std::to_string(pid_);
    Footprint found;
    found.resident = memory(std::span{&pid_, 1}).resident;
    for ([[maybe_unused]] const auto &entry : fs::directory_iterator{process / "fd"})
        ++found.descriptors;
    std::set<std::string> images;
    std::ifstream maps{process / "maps"};
    for (std::string line; std::getline(maps, line);) {
        const auto at = line.find("/socket_manager_");
        if (at == std::string::npos)
            continue;
        ++found.mappings;
        images.insert(line.substr(at));
    }
    found.images = images.size();
    return found;
}

void Server::show_log() const
{
    std::ifstream log{directory_ / "log"};
    for (std::string line; std::getline(log, line);)
        std::fprintf(stderr, "%s\n", line.c_str());
}

bool Server::stop()
{
    kill(pid_, SIGTERM);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    const bool in_order = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!in_order)
        show_log();
    return in_order;
}

} // namespace jabberd::bench
