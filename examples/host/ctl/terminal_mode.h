// SPDX-License-Identifier: LGPL-2.1-or-later
// The settings that jabberd-ctl changes at its terminal, and puts back also when a signal ends it.
#pragma once

#include <signal.h>
#include <termios.h>

#include <array>
#include <cstddef>

namespace jabberd::ctl {

inline constexpr std::array ending_signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

// Notes the signals that would end or stop the program, which are let in only while it waits, and sends itself the one
// that came when this is destroyed: by then the terminal is as it was.
class HeldSignals {
public:
    HeldSignals();
    ~HeldSignals();
    HeldSignals(const HeldSignals &) = delete;
    HeldSignals &operator=(const HeldSignals &) = delete;

    bool came() const;
    const sigset_t &before() const { return mask_; } // for waiting

private:
    sigset_t mask_;
    std::array<struct sigaction, ending_signals.size()> before_;
};

// What is typed is not shown.
class WithoutEcho {
public:
    // `without`: flags of what else the terminal does not do meanwhile (termios(3)).
    explicit WithoutEcho(int terminal, tcflag_t without = 0);
    ~WithoutEcho();
    WithoutEcho(const WithoutEcho &) = delete;
    WithoutEcho &operator=(const WithoutEcho &) = delete;

    bool works() const { return works_; }

private:
    const int terminal_;
    termios before_{};
    bool works_ = false;
};

} // namespace jabberd::ctl
