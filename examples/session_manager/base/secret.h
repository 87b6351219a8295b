// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes that are wiped when they are no longer needed.
#pragma once

#include <string.h>

#include <string>
#include <string_view>
#include <utility>

namespace jabberd::session_manager {

// Moves, does not copy; what it was moved from is empty, and wiped as well: a short string's bytes stay behind.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string bytes) : bytes_(std::move(bytes)) { wipe(bytes); }
    Secret(Secret &&other) noexcept : bytes_(std::move(other.bytes_)) { wipe(other.bytes_); }
    Secret &operator=(Secret &&other) noexcept
    {
        if (this == &other)
            return *this;
        wipe(bytes_);
        bytes_ = std::move(other.bytes_);
        wipe(other.bytes_);
        return *this;
    }
    ~Secret() { wipe(bytes_); }

    std::string_view view() const { return bytes_; }
    bool empty() const { return bytes_.empty(); }

private:
    static void wipe(std::string &bytes) noexcept
    {
        bytes.resize(bytes.capacity());
        explicit_bzero(bytes.data(), bytes.size());
        bytes.clear();
    }

    std::string bytes_;
};

} // namespace jabberd::session_manager
