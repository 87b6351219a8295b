// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/commands/talk.h"

#include "host/text/json.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace jabberd::host {

namespace {

constexpr std::size_t most_unread = 256 * 1024; // bytes of a command's output, for a client that reads slowly

std::string told(const char *kind, std::string_view text)
{
    return JsonWriter{}.object().name(kind).text(text).end_object().line();
}

} // namespace

CommandTalk::CommandTalk() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
}

void CommandTalk::acknowledge()
{
    eventfd_t ignored = 0;
    static_cast<void>(eventfd_read(wake_.get(), &ignored));
}

std::string CommandTalk::take()
{
    const std::lock_guard lock{mutex_};
    changed_.notify_all();
    return std::exchange(lines_, {});
}

bool CommandTalk::is_over()
{
    const std::lock_guard lock{mutex_};
    return ended_ && lines_.empty();
}

bool CommandTalk::give(Secret bytes)
{
    return answer(Question::Answered, std::move(bytes));
}

bool CommandTalk::give_end()
{
    return answer(Question::Ended, {});
}

bool CommandTalk::answer(Question how, Secret bytes)
{
    const std::lock_guard lock{mutex_};
    if (question_ != Question::Asked)
        return false;
    question_ = how;
    answer_ = std::move(bytes);
    changed_.notify_all();
    return true;
}

void CommandTalk::abandon()
{
    const std::lock_guard lock{mutex_};
    over_ = true;
    changed_.notify_all();
}

void CommandTalk::interrupt()
{
    const std::lock_guard lock{mutex_};
    over_ = interrupted_ = true;
    changed_.notify_all();
}

bool CommandTalk::wait_for_end(std::chrono::steady_clock::time_point deadline)
{
    std::unique_lock lock{mutex_};
    return changed_.wait_until(lock, deadline, [this] { return ended_; });
}

bool CommandTalk::has_ended()
{
    const std::lock_guard lock{mutex_};
    return ended_;
}

bool CommandTalk::say(const char *kind, std::string_view text)
{
    const std::string line = told(kind, text);
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return over_ || lines_.size() < most_unread; });
    if (over_)
        return false;
    add(line);
    return true;
}

ptrdiff_t CommandTalk::read(char *buffer, std::size_t capacity)
{
    std::unique_lock lock{mutex_};
    if (answer_read_ == answer_.view().size() && !input_ended_) {
        if (!ask(JsonWriter{}.object().name("ask").text("input").end_object().line(), lock))
            return JABBERD_COMMAND_OVER;
        answer_read_ = 0;
        input_ended_ = std::exchange(question_, Question::None) == Question::Ended || answer_.empty();
    }
    const std::string_view rest = answer_.view().substr(answer_read_);
    const std::size_t count = std::min(capacity, rest.size());
    std::memcpy(buffer, rest.data(), count);
    answer_read_ += count;
    return static_cast<ptrdiff_t>(count);
}

ptrdiff_t CommandTalk::secret(std::string_view prompt, bool twice, char *buffer, std::size_t capacity)
{
    JsonWriter question;
    question.object().name("ask").text("secret").name("prompt").text(prompt).name("twice").boolean(twice);
    std::unique_lock lock{mutex_};
    if (!ask(question.end_object().line(), lock))
        return JABBERD_COMMAND_OVER;
    const bool is_there = std::exchange(question_, Question::None) == Question::Answered;
    const Secret given = std::exchange(answer_, {});
    answer_read_ = 0;
    if (!is_there)
        return JABBERD_COMMAND_REFUSED; // jabberd-ctl has said why
    if (given.view().size() > capacity) {
        add(told("err", "what was given is too long\n"));
        return JABBERD_COMMAND_REFUSED;
    }
    std::memcpy(buffer, given.view().data(), given.view().size());
    return static_cast<ptrdiff_t>(given.view().size());
}

void CommandTalk::end(jabberd_command_result result)
{
    const std::lock_guard lock{mutex_};
    if (interrupted_)
        add(told("err", "the command was ended, because its component is swapped or stopped\n"));
    const bool is_known = result == JABBERD_COMMAND_DONE || result == JABBERD_COMMAND_MISUSED;
    const auto status = interrupted_ || !is_known ? JABBERD_COMMAND_FAILED : result;
    add(JsonWriter{}.object().name("exit").number(static_cast<std::uint64_t>(status)).end_object().line());
    ended_ = over_ = true;
    changed_.notify_all();
}

void CommandTalk::add(const std::string &line)
{
    lines_ += line;
    static_cast<void>(eventfd_write(wake_.get(), 1));
}

bool CommandTalk::ask(const std::string &line, std::unique_lock<std::mutex> &lock)
{
    if (over_)
        return false;
    question_ = Question::Asked;
    answer_ = {};
    add(line);
    changed_.wait(lock, [this] { return over_ || question_ != Question::Asked; });
    return !over_;
}

} // namespace jabberd::host
