// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/terminal.h"

#include "base/unique_fd.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace jabberd::ctl {

namespace {

constexpr std::array ending_signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
constexpr std::size_t longest = 4096; // bytes of a line of a terminal, as the kernel has it

volatile std::sig_atomic_t came = 0;

// Notes the signals that would end or stop the program, which are let in only while it waits, and sends itself the one
// that came when the terminal is as it was.
class HeldSignals {
public:
    HeldSignals()
    {
        came = 0;
        sigset_t held;
        sigemptyset(&held);
        for (const int signal : ending_signals)
            sigaddset(&held, signal);
        sigprocmask(SIG_BLOCK, &held, &mask_);
        struct sigaction note {};
        note.sa_handler = [](int signal) { came = signal; };
        for (std::size_t i = 0; i < ending_signals.size(); ++i)
            sigaction(ending_signals[i], &note, &before_[i]);
    }
    ~HeldSignals()
    {
        for (std::size_t i = 0; i < ending_signals.size(); ++i)
            sigaction(ending_signals[i], &before_[i], nullptr);
        sigprocmask(SIG_SETMASK, &mask_, nullptr);
        if (came != 0)
            raise(came);
    }
    HeldSignals(const HeldSignals &) = delete;
    HeldSignals &operator=(const HeldSignals &) = delete;

    const sigset_t &before() const { return mask_; }

private:
    sigset_t mask_;
    std::array<struct sigaction, ending_signals.size()> before_;
};

class WithoutEcho {
public:
    explicit WithoutEcho(int terminal) : terminal_(terminal)
    {
        works_ = tcgetattr(terminal, &before_) == 0;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        quiet.c_lflag |= ECHONL; // the line's end is seen
        works_ = works_ && tcsetattr(terminal, TCSAFLUSH, &quiet) == 0;
    }
    ~WithoutEcho()
    {
        if (works_)
            tcsetattr(terminal_, TCSAFLUSH, &before_);
    }
    WithoutEcho(const WithoutEcho &) = delete;
    WithoutEcho &operator=(const WithoutEcho &) = delete;

    bool works() const { return works_; }

private:
    const int terminal_;
    termios before_{};
    bool works_ = false;
};

std::optional<Secret> read_line(int terminal, const sigset_t &mask)
{
    std::string line;
    line.reserve(longest);
    while (line.size() < longest) {
        pollfd one{terminal, POLLIN, 0};
        if (ppoll(&one, 1, nullptr, &mask) < 0 && (errno != EINTR || came != 0))
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
    return read_line(terminal.get(), signals.before());
}

} // namespace jabberd::ctl
