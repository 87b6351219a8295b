// SPDX-License-Identifier: LGPL-2.1-or-later
// Numbers in the byte order of the wire, which is little-endian; reading without trust.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace jabberd::link {

// Where memory has the other order, store() and load() are where it would be turned.
static_assert(std::endian::native == std::endian::little);

template <typename Number>
void store(std::string &out, Number number)
{
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    out.append(bytes, sizeof number);
}

// Takes numbers and texts from the front. What is not there makes it fail, for good; what it then gives is 0 and "".
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    template <typename Number>
    Number number()
    {
        Number value{};
        const std::string_view bytes = take(sizeof value);
        if (!failed_)
            std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }
    std::string_view take(std::size_t size)
    {
        if (failed_ || size > rest_.size()) {
            failed_ = true;
            return {};
        }
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    std::string_view rest() const { return rest_; }
    bool failed() const { return failed_; }
    bool at_end() const { return !failed_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool failed_ = false;
};

} // namespace jabberd::link
