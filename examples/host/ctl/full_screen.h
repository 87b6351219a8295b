// SPDX-License-Identifier: LGPL-2.1-or-later
// All of the operator's terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

namespace jabberd::ctl {

// The whole screen, until it is destroyed: then the terminal is as it was, also when a signal ends the program.
class FullScreen {
public:
    FullScreen();
    ~FullScreen();
    FullScreen(const FullScreen &) = delete;
    FullScreen &operator=(const FullScreen &) = delete;

    // False: standard input or output is no terminal.
    bool works() const;

    struct Size {
        std::size_t rows, columns;
    };
    Size size() const; // now; of a terminal that does not say, 24 and 80

    // Lines, from the top; nothing else is left on the screen. False: the terminal has gone.
    bool show(std::string_view lines);

    // False as soon as the operator wants to leave, by q, Ctrl-C or a signal; else true when the time is over.
    bool wait(std::chrono::milliseconds time);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace jabberd::ctl
