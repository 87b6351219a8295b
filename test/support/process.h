// SPDX-License-Identifier: LGPL-2.1-or-later
// A program that a test starts, talks to, listens to, signals and waits for.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

// Killed, with its process group, if it still runs at the end; by the kernel, if the thread that started it ends first.
class Process {
public:
    // Standard output and error of the program come through one pipe.
    explicit Process(const std::vector<std::string> &command);
    ~Process();
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;

    pid_t pid() const { return pid_; }

    // Reads until `text` has been printed, again if it was asked for before. False, and a test failure that shows the
    // output, when the program ends or is silent for too long.
    bool wait_for(std::string_view text);

    // One line on its standard input.
    void say(std::string_view line);
    void finish_input();

    void signal(int number) const;

    // Reads the rest and waits for the end. The exit status, or minus the signal that ended it.
    int wait();

    // All it has printed so far.
    const std::string &output() const { return output_; }

private:
    bool read_more();

    pid_t pid_ = -1;
    int pipe_ = -1;
    int input_ = -1;
    std::string output_;
    std::size_t seen_ = 0; // of the output, by wait_for()
};

struct Result {
    int status;
    std::string output;
};

// Runs a program to its end.
Result run(const std::vector<std::string> &command);

} // namespace jabberd::test
