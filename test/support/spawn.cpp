// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/spawn.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace jabberd::test {

namespace {

// In the child, between fork() and exec(): nothing here allocates or locks. Returns when there is no such program.
void become(char **arguments, const int (&standard)[3], pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) // it has ended already
        _exit(1);
    setpgid(0, 0);
    for (int fd = 0; fd < 3; ++fd)
        if (standard[fd] >= 0)
            dup2(standard[fd], fd);
    execvp(arguments[0], arguments);
}

} // namespace

// Not posix_spawn(), which cannot set the signal of a parent's end.
pid_t spawn(const std::vector<std::string> &command, int input, int output, int error)
{
    std::vector<char *> arguments;
    for (const std::string &argument : command)
        arguments.push_back(const_cast<char *>(argument.c_str()));
    arguments.push_back(nullptr);
    int problem_pipe[2]; // closed by a good exec()
    if (pipe2(problem_pipe, O_CLOEXEC) != 0)
        return -1;

    const pid_t parent = getpid(), child = fork();
    if (child == 0) {
        become(arguments.data(), {input, output, error}, parent);
        const int problem = errno;
        [[maybe_unused]] const ssize_t told = write(problem_pipe[1], &problem, sizeof problem);
        _exit(127);
    }
    close(problem_pipe[1]);
    int problem = child < 0 ? errno : 0;
    const bool is_started = child > 0 && read(problem_pipe[0], &problem, sizeof problem) == 0;
    close(problem_pipe[0]);
    if (is_started)
        return child;
    if (child > 0)
        waitpid(child, nullptr, 0);
    errno = problem;
    return -1;
}

} // namespace jabberd::test
