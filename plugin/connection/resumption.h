// SPDX-License-Identifier: LGPL-2.1-or-later
// By which words a client gets its session back (XEP-0198 §5).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::connection {

// 128 bits that only the client of the session was told.
using ResumptionKey = std::array<std::byte, 16>;

// Takes as long whatever is in them.
bool same_key(const ResumptionKey &one, const ResumptionKey &other);

// As a snapshot has it.
std::string bytes_of(const ResumptionKey &key);
ResumptionKey key_of_bytes(std::string_view bytes); // 16 of them

// What the client is given to name its session by: where that lives, and the key.
struct ResumptionId {
    std::uint32_t id = 0, number = 0; // of its address (base/connection_address.h)
    ResumptionKey key{};
};

// "<id>-<number>-<key>", in lower-case hexadecimal. Nothing: it is none of ours.
std::string to_string(const ResumptionId &id);
std::optional<ResumptionId> parse_resumption_id(std::string_view text);

// How a client's wish to have its session back ends.
struct ResumptionAnswer {
    enum class Kind : std::uint8_t {
        Granted,
        Gone,    // there is no such session, or it is not this user's
        TooHigh, // the client has acknowledged more than it was sent
    };
    Kind kind = Kind::Gone;
    std::optional<std::uint32_t>
        handled{}; // of Gone: how much of what the client sent has arrived, where that is known
    std::uint32_t acknowledged = 0, sent = 0; // of TooHigh
};

} // namespace jabberd::connection
