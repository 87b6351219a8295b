// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/connection.h"

#include "host/control/reports.h"
#include "host/control/words.h"
#include "host/text/json.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace jabberd::host {

namespace {

constexpr std::size_t max_request = 8192; // a word, a service and a path

} // namespace

ControlConnection::ControlConnection(UniqueFd socket, Commands &commands, Trace &trace,
                                     const std::function<void()> &on_end)
    : commands_(commands)
    , trace_(trace)
    , on_end_(on_end)
    , socket_(std::move(socket))
    , readable_(watch(socket_.get(), G_IO_IN, &ControlConnection::read))
{
}

Watch ControlConnection::watch(int descriptor, GIOCondition conditions, void (ControlConnection::*ready)())
{
    return Watch{descriptor, conditions, [this, ready] {
                     (this->*ready)();
                     if (finished_)
                         on_end_();
                 }};
}

void ControlConnection::read()
{
    std::array<char, max_request> buffer;
    const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0) {
        finished_ = true;
        return;
    }
    last_progress_ = std::chrono::steady_clock::now();
    take({buffer.data(), static_cast<std::size_t>(count)});
    wipe(buffer.data(), static_cast<std::size_t>(count)); // an answer to a command may be a secret
}

void ControlConnection::take(std::string_view bytes)
{
    if (command_ && !command_->take(bytes))
        finished_ = true;
    if (answered_)
        return; // one request a connection; the rest is only read to notice the end
    request_.append(bytes);
    // However it comes in pieces: what is too long is never a request.
    const auto end = request_.find('\n');
    answered_ = end != std::string::npos || request_.size() >= max_request;
    if (end < max_request)
        answer(std::string_view{request_}.substr(0, end));
    else if (answered_)
        send(error_report("the request is too long"), true);
}

void ControlConnection::answer(std::string_view line)
{
    const auto blank = line.find(' ');
    const std::string_view command = line.substr(0, blank);
    const std::string_view arguments = blank == std::string_view::npos ? "" : line.substr(blank + 1);
    if (command == "status")
        return send(commands_.status(), true);
    if (command == "sessions")
        return send(commands_.sessions(), true);
    if (command == "metrics")
        return send(commands_.metrics(), true);
    if (command == "reload")
        return send(commands_.reload(), true);
    if (command == "reopen")
        return send(commands_.reopen(), true);
    if (command == "swap")
        return send(swap(arguments), true);
    if (command == "stop")
        return commands_.stop();
    if (command == "commands")
        return send(commands_.offered(), true);
    if (command == "run" || command == "complete")
        return begin(arguments, command == "run" ? CommandLine::Purpose::Run : CommandLine::Purpose::Complete);
    if (command != "trace")
        return send(error_report("unknown command; there are " + words_for_people()), true);
    listener_ = std::make_unique<TraceListener>(trace_, std::string{arguments});
    // So that the client knows from when on it sees everything.
    send(JsonWriter{}.object().name("tracing").boolean(true).end_object().line(), false);
}

std::string ControlConnection::swap(std::string_view arguments)
{
    // Both may hold blanks: jabberd 1.1 shipped with a "pthsock client to server manager".
    const auto blank = arguments.find(" /");
    if (blank == std::string_view::npos || blank == 0)
        return error_report("swap takes the id of a service and the absolute path of a component");
    return commands_.swap(arguments.substr(0, blank), arguments.substr(blank + 1));
}

void ControlConnection::begin(std::string_view words, CommandLine::Purpose purpose)
{
    std::string refusal;
    auto talk = commands_.begin(words, purpose, refusal);
    if (talk == nullptr)
        return send(refusal, true);
    command_ = std::make_unique<CommandChannel>(std::move(talk));
    said_ = watch(command_->talk().descriptor(), G_IO_IN, &ControlConnection::send_command);
}

void ControlConnection::send_command()
{
    command_->talk().acknowledge();
    // While the client is slow, the command waits.
    if (unsent_.empty() && !finished_) {
        const std::string lines = command_->talk().take();
        send(lines, command_->talk().is_over());
    }
}

void ControlConnection::send_trace()
{
    // While the client is slow, lines wait in the listener, which counts what it has no room for.
    if (listener_ && unsent_.empty())
        send(listener_->take(), false);
}

void ControlConnection::send(std::string_view text, bool then_finish)
{
    unsent_ += text;
    finish_when_sent_ = then_finish;
    flush();
}

void ControlConnection::go_on_sending()
{
    flush();
    send_trace(); // what came while this was stuck
    if (command_)
        send_command();
}

void ControlConnection::flush()
{
    while (!unsent_.empty()) {
        const ssize_t count = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN) {
            if (!writable_)
                writable_ = watch(socket_.get(), G_IO_OUT, &ControlConnection::go_on_sending);
            return;
        }
        if (count < 0) {
            finished_ = true;
            return;
        }
        last_progress_ = std::chrono::steady_clock::now();
        unsent_.erase(0, static_cast<std::size_t>(count));
    }
    writable_ = Watch{};
    finished_ = finished_ || finish_when_sent_;
}

} // namespace jabberd::host
