// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/input.h"

#include <unistd.h>

#include <cerrno>

namespace jabberd::ctl {

namespace {

constexpr std::size_t capacity = 8192; // bytes; of a secret, too

} // namespace

Input::Input()
{
    buffer_.reserve(capacity);
}

Input::~Input()
{
    wipe(buffer_);
}

bool Input::fill()
{
    const std::size_t before = buffer_.size();
    buffer_.resize(capacity);
    ssize_t count = 0;
    do
        count = read(STDIN_FILENO, buffer_.data() + before, capacity - before);
    while (count < 0 && errno == EINTR);
    buffer_.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
    return count > 0;
}

Secret Input::some()
{
    if (buffer_.empty())
        fill();
    Secret taken{std::string{buffer_}};
    wipe(buffer_.data(), buffer_.size());
    buffer_.clear();
    return taken;
}

std::optional<Secret> Input::line()
{
    while (buffer_.find('\n') == std::string::npos && buffer_.size() < capacity && fill()) {
    }
    const auto end = buffer_.find('\n');
    if (buffer_.empty() || (end == std::string::npos && buffer_.size() >= capacity))
        return std::nullopt;
    std::string_view line = std::string_view{buffer_}.substr(0, end);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    Secret taken{std::string{line}};
    const std::size_t used = end == std::string::npos ? buffer_.size() : end + 1;
    wipe(buffer_.data(), used);
    buffer_.erase(0, used);
    return taken;
}

} // namespace jabberd::ctl
