// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/log/journal.h"

#include "host/text/printable.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <cstring>
#include <string_view>

namespace jabberd::host::log {

namespace {

constexpr char path[] = "/run/systemd/journal/socket";
constexpr std::size_t max_journal_value = 4096;
constexpr std::size_t max_record = 64 * 1024; // larger ones would need a file of their own

} // namespace

UniqueFd open_journal()
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    static_assert(sizeof path <= sizeof address.sun_path);
    std::memcpy(address.sun_path, path, sizeof path);
    UniqueFd journal = at_or_above(0, UniqueFd{socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)});
    if (journal && connect(journal.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0)
        return journal;
    return {};
}

std::string journal_record(std::span<const GLogField> fields)
{
    std::string record;
    for (const GLogField &field : fields) {
        const auto *bytes = static_cast<const char *>(field.value);
        const std::string_view whole{bytes,
                                     field.length < 0 ? std::strlen(bytes) : static_cast<std::size_t>(field.length)};
        const std::string_view head = cut(whole, max_journal_value);
        const std::string value = std::string{head} + (head.size() < whole.size() ? "…" : "");
        if (record.size() + std::strlen(field.key) + value.size() + sizeof(std::uint64_t) + 2 > max_record)
            continue;
        record += field.key;
        // One with line ends comes with its length, 64 bits in little endian.
        if (value.find('\n') == std::string::npos) {
            (record += '=') += value;
        } else {
            const std::uint64_t length = GUINT64_TO_LE(value.size());
            record += '\n';
            record.append(reinterpret_cast<const char *>(&length), sizeof length);
            record += value;
        }
        record += '\n';
    }
    return record;
}

} // namespace jabberd::host::log
