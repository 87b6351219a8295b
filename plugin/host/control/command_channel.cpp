// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/command_channel.h"

#include "base/base64.h"

namespace jabberd::host {

namespace {

constexpr std::size_t longest_answer = 16 * 1024; // bytes of a line

} // namespace

CommandChannel::CommandChannel(std::shared_ptr<CommandTalk> talk) : talk_(std::move(talk))
{
    received_.reserve(longest_answer);
}

CommandChannel::~CommandChannel()
{
    talk_->abandon();
    wipe(received_);
}

bool CommandChannel::take(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const std::string_view part = bytes.substr(0, end);
        if (received_.size() + part.size() > longest_answer)
            return false;
        received_ += part;
        if (end == std::string_view::npos)
            return true;
        bytes.remove_prefix(end + 1);
        const bool is_answer = answer(received_);
        wipe(received_.data(), received_.size());
        received_.clear();
        if (!is_answer)
            return false;
    }
    return true;
}

bool CommandChannel::answer(std::string_view line)
{
    constexpr std::string_view input = "input ";
    if (line == "end")
        return talk_->give_end();
    if (!line.starts_with(input))
        return false;
    auto bytes = base64_decode(line.substr(input.size()));
    return bytes && talk_->give(Secret{std::move(*bytes)});
}

} // namespace jabberd::host
