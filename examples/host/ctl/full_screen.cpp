// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/full_screen.h"

#include "ctl/terminal_mode.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace jabberd::ctl {

namespace {

// Of ECMA-48, and of xterm: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
constexpr std::string_view begin_screen = "\033[?1049h\033[?25l"; // another screen, no cursor
constexpr std::string_view end_screen = "\033[?25h\033[?1049l";
constexpr std::string_view from_the_top = "\033[H";
constexpr std::string_view end_of_line = "\033[K\n";
constexpr std::string_view end_of_all = "\033[J";

constexpr char interrupt = 3; // Ctrl-C, which is a key like others here

bool write_all(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    return true;
}

bool wants_to_leave(char key)
{
    return key == 'q' || key == 'Q' || key == interrupt;
}

} // namespace

struct FullScreen::State {
    HeldSignals signals; // raised again when all else is as it was
    WithoutEcho without_echo{STDIN_FILENO, ICANON | ISIG};
    bool works = without_echo.works() && isatty(STDOUT_FILENO) != 0 && write_all(begin_screen);
};

FullScreen::FullScreen() : state_(std::make_unique<State>())
{
}

FullScreen::~FullScreen()
{
    if (state_->works)
        write_all(end_screen);
}

bool FullScreen::works() const
{
    return state_->works;
}

FullScreen::Size FullScreen::size() const
{
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        return {24, 80};
    return {size.ws_row, size.ws_col};
}

bool FullScreen::show(std::string_view lines)
{
    std::string out{from_the_top};
    while (!lines.empty()) {
        const auto end = std::min(lines.find('\n'), lines.size());
        out.append(lines.substr(0, end));
        lines.remove_prefix(std::min(end + 1, lines.size()));
        // The last line does not end: the screen would roll.
        out.append(lines.empty() ? end_of_line.substr(0, end_of_line.size() - 1) : end_of_line);
    }
    return write_all(out.append(end_of_all));
}

bool FullScreen::wait(std::chrono::milliseconds time)
{
    using Clock = std::chrono::steady_clock;
    const auto until = Clock::now() + time;
    for (auto left = time; left.count() > 0;
         left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now())) {
        const timespec patience{left.count() / 1000, left.count() % 1000 * 1'000'000};
        pollfd one{STDIN_FILENO, POLLIN, 0};
        const int ready = ppoll(&one, 1, &patience, &state_->signals.before());
        if (state_->signals.came() || (ready < 0 && errno != EINTR))
            return false;
        char key = 0;
        if (ready > 0 && (read(STDIN_FILENO, &key, 1) != 1 || wants_to_leave(key)))
            return false;
    }
    return true;
}

} // namespace jabberd::ctl
