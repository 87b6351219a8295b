// SPDX-License-Identifier: LGPL-2.1-or-later
// What a running command and its operator say to each other.
#pragma once

#include "base/secret.h"
#include "base/unique_fd.h"

#include <jabberd/commands.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>

namespace jabberd::host {

// Between the command's thread, which waits in it, and [main], which does not. Either may leave first.
class CommandTalk {
public:
    CommandTalk();

    // [main] The operator's side. Readable when there may be lines; acknowledge() before taking them.
    int descriptor() const { return wake_.get(); }
    void acknowledge();
    // What the command said since the last take(), a line of JSON for each: {"out":"…"}, {"err":"…"},
    // {"ask":"input"}, {"ask":"secret","prompt":"…","twice":true}; behind the last of all {"exit":0}.
    std::string take();
    bool is_over(); // it has ended, and all was taken
    // What the command has asked for; the end of the input, or no secret. False: it has asked for nothing.
    bool give(Secret bytes);
    bool give_end();
    // The operator has gone: the run is over.
    void abandon();

    // [main] The host's side: the run is over, and its operator is told so.
    void interrupt();
    bool wait_for_end(std::chrono::steady_clock::time_point deadline); // false: it has not returned by then
    bool has_ended();

    // [command]
    bool say(const char *kind, std::string_view text);
    ptrdiff_t read(char *buffer, std::size_t capacity);
    ptrdiff_t secret(std::string_view prompt, bool twice, char *buffer, std::size_t capacity);
    void end(jabberd_command_result result);

private:
    enum class Question { None, Asked, Answered, Ended };

    void add(const std::string &line);
    bool ask(const std::string &line, std::unique_lock<std::mutex> &lock);
    bool answer(Question how, Secret bytes);

    UniqueFd wake_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string lines_;
    Question question_ = Question::None;
    Secret answer_;
    std::size_t answer_read_ = 0; // of it
    bool input_ended_ = false;
    bool over_ = false, interrupted_ = false, ended_ = false;
};

} // namespace jabberd::host
