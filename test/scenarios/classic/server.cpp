// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenarios/classic/server.h"

#include "support/spawn.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace jabberd::test {

namespace {

// A stop includes the checks of a sanitizer, or of valgrind: only a failing test uses it up.
constexpr std::chrono::seconds patience_at_end{60};

} // namespace

Server::Server(const std::vector<std::string> &command, std::function<void(const std::string &line)> on_line)
    : on_line_{std::move(on_line)}
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe");
    pipe_.reset(ends[0]);
    const UniqueFd output{ends[1]};
    pid_ = spawn(command, -1, output.get(), output.get());
    if (pid_ < 0)
        throw std::runtime_error("cannot start " + command[0]);
    reader_ = std::thread{[this] { read(); }};
}

Server::~Server()
{
    if (pid_ > 0) {
        kill(-pid_, SIGKILL);
        reap();
    }
}

void Server::read()
{
    std::string rest;
    std::array<char, 4096> buffer;
    for (ssize_t count; (count = ::read(pipe_.get(), buffer.data(), buffer.size())) > 0;) {
        rest.append(buffer.data(), static_cast<std::size_t>(count));
        for (std::size_t end; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1)) {
            on_line_(rest.substr(0, end));
            const std::lock_guard lock{mutex_};
            lines_.push_back(rest.substr(0, end));
            printed_.notify_all();
        }
    }
    const std::lock_guard lock{mutex_};
    ended_ = true;
    printed_.notify_all();
}

bool Server::wait_for(const std::string &line, Clock::time_point deadline)
{
    std::unique_lock lock{mutex_};
    const auto is_there = [&] { return std::ranges::find(lines_, line) != lines_.end(); };
    printed_.wait_until(lock, deadline, [&] { return ended_ || is_there(); });
    return is_there();
}

int Server::stop()
{
    if (pid_ < 0)
        return 0;
    kill(pid_, SIGTERM);
    {
        std::unique_lock lock{mutex_};
        if (!printed_.wait_until(lock, Clock::now() + patience_at_end, [this] { return ended_; }))
            kill(-pid_, SIGKILL);
    }
    return reap();
}

int Server::reap()
{
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    reader_.join();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string Server::output() const
{
    const std::lock_guard lock{mutex_};
    std::string all;
    for (const std::string &line : lines_)
        all += line + '\n';
    return all;
}

} // namespace jabberd::test
