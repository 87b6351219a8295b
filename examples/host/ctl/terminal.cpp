// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/terminal.h"

#include "base/unique_fd.h"
#include "ctl/terminal_mode.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace jabberd::ctl {

namespace {

constexpr std::size_t longest = 4096; // bytes of a line of a terminal, as the kernel has it

std::optional<Secret> read_line(int terminal, const HeldSignals &signals)
{
    std::string line;
    line.reserve(longest);
    while (line.size() < longest) {
        pollfd one{terminal, POLLIN, 0};
        if (ppoll(&one, 1, nullptr, &signals.before()) < 0 && (errno != EINTR || signals.came()))
            break;
        char letter = 0;
        if (one.revents == 0)
            continue;
        if (read(terminal, &letter, 1) != 1)
            break;
        if (letter == '\n')
            return Secret{std::move(line)};
        line += letter;
    }
    wipe(line);
    return std::nullopt;
}

} // namespace

std::optional<Secret> ask_without_echo(const std::string &prompt)
{
    const UniqueFd terminal{open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
    if (!terminal) {
        std::fprintf(stderr, "jabberd-ctl: the terminal cannot be opened: %s\n", std::strerror(errno));
        return std::nullopt;
    }
    const HeldSignals signals;
    const WithoutEcho without_echo{terminal.get()};
    if (!without_echo.works()) {
        std::fprintf(stderr, "jabberd-ctl: the terminal cannot hide what is typed: %s\n", std::strerror(errno));
        return std::nullopt;
    }
    if (write(terminal.get(), prompt.data(), prompt.size()) < 0)
        return std::nullopt;
    return read_line(terminal.get(), signals);
}

} // namespace jabberd::ctl
