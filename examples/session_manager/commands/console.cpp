// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/commands/console.h"

#include "base/view.h"

namespace jabberd::session_manager::commands {

namespace {

constexpr std::size_t most_input = 64 * 1024; // bytes that are read at once
constexpr std::size_t longest_secret = 4096;  // more than any password may have

} // namespace

std::vector<std::string_view> Console::arguments() const
{
    std::vector<std::string_view> all;
    for (std::size_t i = 0; i < call_.argument_count; ++i)
        all.push_back(text(call_.arguments[i]));
    return all;
}

bool Console::say(std::string_view said)
{
    over_ = over_ || !call_.output(&call_, view(said));
    return !over_;
}

void Console::complain(std::string_view what)
{
    const std::string line = std::string{what} + '\n';
    over_ = over_ || !call_.error(&call_, view(line));
}

std::string_view Console::read()
{
    input_.resize(most_input);
    const ptrdiff_t count = over_ ? JABBERD_COMMAND_OVER : call_.read(&call_, input_.data(), input_.size());
    over_ = over_ || count < 0;
    return std::string_view{input_}.substr(0, count < 0 ? 0 : static_cast<std::size_t>(count));
}

std::optional<Secret> Console::password(const std::string &prompt)
{
    constexpr bool twice = true;
    std::string given(longest_secret, '\0');
    const ptrdiff_t count = call_.secret(&call_, view(prompt), twice, given.data(), given.size());
    over_ = over_ || count == JABBERD_COMMAND_OVER;
    if (count < 0) {
        wipe(given);
        return std::nullopt;
    }
    given.resize(static_cast<std::size_t>(count));
    return Secret{std::move(given)};
}

} // namespace jabberd::session_manager::commands
