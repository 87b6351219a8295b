// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/top.h"

#include "ctl/client.h"
#include "ctl/full_screen.h"
#include "ctl/top_view.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>
#include <utility>

namespace jabberd::ctl {

namespace {

constexpr std::chrono::seconds between_looks{1};
constexpr std::size_t many = 50, wide = 400; // where there is no screen

std::optional<Answer> answer(const std::string &socket, const std::string &request, std::string &why)
{
    Client client;
    if (!client.connect(socket, why))
        return std::nullopt;
    const auto line = client.send_line(request) ? client.next_line() : std::nullopt;
    Answer parsed = line ? parse(*line) : nullptr;
    if (!parsed) {
        why = "the host has stopped";
        return std::nullopt;
    }
    JsonObject *root = json_node_get_object(parsed.get());
    if (has(root, "error")) {
        why = text(root, "error");
        return std::nullopt;
    }
    return parsed;
}

std::optional<Look> look(const std::string &socket, std::string &why)
{
    auto sessions = answer(socket, "sessions", why);
    if (!sessions)
        return std::nullopt;
    const std::chrono::duration<double> now = std::chrono::steady_clock::now().time_since_epoch();
    const auto metrics = answer(socket, "metrics", why);
    if (!metrics)
        return std::nullopt;
    return Look{now.count(), std::move(*sessions), text(json_node_get_object(metrics->get()), "metrics")};
}

// Nothing: the operator has left.
std::optional<std::string> watch(const std::string &socket, FullScreen &screen, Look before)
{
    std::string why;
    while (screen.wait(between_looks)) {
        auto now = look(socket, why);
        if (!now)
            return why;
        const auto [rows, columns] = screen.size();
        if (!screen.show(top_view(before, *now, rows, columns)))
            return std::nullopt;
        before = std::move(*now);
    }
    return std::nullopt;
}

} // namespace

int top(const std::string &socket)
{
    std::string why;
    std::optional<std::string> problem;
    if (auto before = look(socket, why); !before) {
        problem = why;
    } else if (isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0) {
        FullScreen screen;
        if (screen.works())
            problem = watch(socket, screen, std::move(*before));
        else
            problem = "the terminal cannot be used";
    } else {
        std::this_thread::sleep_for(between_looks);
        if (const auto now = look(socket, why))
            return std::fputs(top_view(*before, *now, many, wide).c_str(), stdout) == EOF ? 1 : 0;
        problem = why;
    }
    if (problem)
        std::fprintf(stderr, "jabberd-ctl: %s\n", problem->c_str());
    return problem ? 1 : 0;
}

} // namespace jabberd::ctl
