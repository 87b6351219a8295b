// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/terminal_mode.h"

#include <csignal>

namespace jabberd::ctl {

namespace {

volatile std::sig_atomic_t last = 0;

} // namespace

HeldSignals::HeldSignals()
{
    last = 0;
    sigset_t held;
    sigemptyset(&held);
    for (const int signal : ending_signals)
        sigaddset(&held, signal);
    sigprocmask(SIG_BLOCK, &held, &mask_);
    struct sigaction note {};
    note.sa_handler = [](int signal) { last = signal; };
    for (std::size_t i = 0; i < ending_signals.size(); ++i)
        sigaction(ending_signals[i], &note, &before_[i]);
}

HeldSignals::~HeldSignals()
{
    for (std::size_t i = 0; i < ending_signals.size(); ++i)
        sigaction(ending_signals[i], &before_[i], nullptr);
    sigprocmask(SIG_SETMASK, &mask_, nullptr);
    if (last != 0)
        raise(last);
}

bool HeldSignals::came() const
{
    return last != 0;
}

WithoutEcho::WithoutEcho(int terminal, tcflag_t without) : terminal_(terminal)
{
    works_ = tcgetattr(terminal, &before_) == 0;
    termios quiet = before_;
    quiet.c_lflag &= ~(static_cast<tcflag_t>(ECHO) | without);
    quiet.c_lflag |= ECHONL; // the line's end is seen
    works_ = works_ && tcsetattr(terminal, TCSAFLUSH, &quiet) == 0;
}

WithoutEcho::~WithoutEcho()
{
    if (works_)
        tcsetattr(terminal_, TCSAFLUSH, &before_);
}

} // namespace jabberd::ctl
