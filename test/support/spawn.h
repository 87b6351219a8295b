// SPDX-License-Identifier: LGPL-2.1-or-later
// Starts a program that does not outlive who started it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace jabberd::test {

// In a process group of its own, whose number is its process id: killing the group ends what it has started, too. The
// kernel sends it SIGKILL when the thread that called this ends, however that ends. Descriptors become its standard
// input, output and error; -1 leaves one as it is. Returns -1, with errno, when the program cannot be started.
pid_t spawn(const std::vector<std::string> &command, int input, int output, int error);

} // namespace jabberd::test
