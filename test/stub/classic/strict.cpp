// SPDX-License-Identifier: LGPL-2.1-or-later
#include "strict.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

namespace stub {

namespace {

pthread_t host_thread; // all Pth threads are this one

} // namespace

void refuse(const char *format, ...)
{
    char text[512]; // it may be a worker's stack
    std::va_list arguments;
    va_start(arguments, format);
    const int size = std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    std::fprintf(stderr, "stub: %s\n", size < 0 ? format : text);
    std::abort();
}

void remember_thread()
{
    host_thread = pthread_self();
}

void enter(const char *function)
{
    if (pthread_equal(pthread_self(), host_thread) == 0)
        refuse("%s() was called from an OS thread that is not the host's", function);
}

bool is_of_freed_memory(const void *pointer)
{
    std::uintptr_t pattern;
    std::memset(&pattern, freed_byte, sizeof pattern);
    return reinterpret_cast<std::uintptr_t>(pointer) == pattern;
}

void check_signal_masks()
{
    constexpr int host_signals[] = {SIGHUP, SIGINT, SIGTERM};
    std::error_code error;
    for (const auto &task : std::filesystem::directory_iterator{"/proc/self/task", error}) {
        if (task.path().filename() == std::to_string(getpid()))
            continue;
        std::ifstream status{task.path() / "status"}; // it may have ended meanwhile
        for (std::string line; std::getline(status, line);) {
            if (!line.starts_with("SigBlk:"))
                continue;
            const unsigned long long blocked = std::strtoull(line.c_str() + 7, nullptr, 16);
            for (const int signal : host_signals)
                if ((blocked >> (signal - 1) & 1) == 0)
                    refuse("an OS thread of the component does not block signal %d", signal);
        }
    }
}

} // namespace stub
