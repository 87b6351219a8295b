// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/process.h"

#include "support/spawn.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace jabberd::test {

namespace {

constexpr int patience_ms = 60'000; // only a failing test uses it up: a sanitizer on a busy machine must not

} // namespace

Process::Process(const std::vector<std::string> &command)
{
    int ends[2], input_ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0 || pipe2(input_ends, O_CLOEXEC) != 0) {
        ADD_FAILURE() << "no pipe";
        return;
    }
    pipe_ = ends[0];
    input_ = input_ends[1];
    pid_ = spawn(command, input_ends[0], ends[1], ends[1]);
    if (pid_ < 0)
        ADD_FAILURE() << "cannot start " << command[0] << ": " << std::strerror(errno);
    close(ends[1]);
    close(input_ends[0]);
}

Process::~Process()
{
    if (pid_ > 0) {
        kill(-pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    finish_input();
    close(pipe_);
}

bool Process::read_more()
{
    pollfd readable{pipe_, POLLIN, 0};
    if (poll(&readable, 1, patience_ms) <= 0)
        return false;
    std::array<char, 65536> buffer;
    const ssize_t count = read(pipe_, buffer.data(), buffer.size());
    if (count > 0)
        output_.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
}

bool Process::wait_for(std::string_view text)
{
    for (;;) {
        if (const auto found = output_.find(text, seen_); found != std::string::npos) {
            seen_ = found + text.size();
            return true;
        }
        if (!read_more()) {
            ADD_FAILURE() << "waited in vain for \"" << text << "\" in:\n" << output_;
            return false;
        }
    }
}

void Process::say(std::string_view line)
{
    const std::string bytes = std::string{line} + '\n';
    if (write(input_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
        ADD_FAILURE() << "it does not listen to: " << line;
}

void Process::finish_input()
{
    if (input_ >= 0)
        close(std::exchange(input_, -1));
}

void Process::signal(int number) const
{
    kill(pid_, number);
}

int Process::wait()
{
    while (read_more()) {
    }
    int status = 0;
    // The pipe has ended, or patience has; in the second case it never will by itself.
    pollfd ended{pipe_, POLLIN, 0};
    if (poll(&ended, 1, 0) == 0) {
        ADD_FAILURE() << "does not end; so far:\n" << output_;
        kill(-pid_, SIGKILL);
    }
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

Result run(const std::vector<std::string> &command)
{
    Process process{command};
    const int status = process.wait();
    return {status, process.output()};
}

} // namespace jabberd::test
