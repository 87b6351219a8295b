// SPDX-License-Identifier: LGPL-2.1-or-later
// One client of the control socket.
#pragma once

#include "base/unique_fd.h"
#include "host/control/command_channel.h"
#include "host/control/commands.h"
#include "host/control/watch.h"
#include "host/trace/trace.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace jabberd::host {

// [main] The protocol: the client sends one line, a command word and for `trace` optionally a blank and a filter, for
// `swap` a blank, the id of a service, a blank and an absolute path; the host answers with lines of JSON and closes.
// Only `trace` and `stop` keep the connection: until the client closes it, and until everything has stopped. `run` and
// `complete`, with a component's command and its arguments (words.h), keep it until that has ended (command_channel.h).
class ControlConnection {
public:
    // `on_end` is called as the last thing when it is over, and may destroy it. All is borrowed for the life of the
    // connection.
    ControlConnection(UniqueFd socket, Commands &commands, Trace &trace, const std::function<void()> &on_end);

    // Whether it is over, and may be destroyed.
    bool finished() const { return finished_; }

    // When its client last sent a byte, or took one.
    std::chrono::steady_clock::time_point last_progress() const { return last_progress_; }

    // Sends what its trace has collected.
    void send_trace();

private:
    Watch watch(int descriptor, GIOCondition conditions, void (ControlConnection::*ready)());
    void read();
    void answer(std::string_view line);
    void begin(std::string_view words, CommandLine::Purpose purpose);
    void take(std::string_view bytes);
    void send_command();
    std::string swap(std::string_view arguments);
    void send(std::string_view text, bool then_finish);
    void flush();
    void go_on_sending();

    Commands &commands_;
    Trace &trace_;
    const std::function<void()> &on_end_;
    UniqueFd socket_;
    std::string request_;
    bool answered_ = false; // what comes now is no request
    std::string unsent_;
    bool finish_when_sent_ = false;
    bool finished_ = false;
    std::chrono::steady_clock::time_point last_progress_ = std::chrono::steady_clock::now();
    std::unique_ptr<TraceListener> listener_;
    std::unique_ptr<CommandChannel> command_;
    Watch said_; // by the command
    Watch readable_;
    Watch writable_; // only while something is unsent
};

} // namespace jabberd::host
