// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/carrier/announcement.h"

#include "link/frame/bytes.h"
#include "link/frame/frame.h"

namespace jabberd::link {

namespace {

constexpr std::string_view announcement_magic = "JLA1";

} // namespace

void write_announcement(const Announcement &announcement, std::string &out)
{
    out.append(announcement_magic);
    store(out, std::uint8_t{announcement.holds});
    store(out, std::uint8_t{0});
    store(out, static_cast<std::uint16_t>(announcement.name.size()));
    store(out, announcement.process);
    store(out, announcement.held_ms);
    out.append(announcement.name);
}

bool read_announcement(std::string_view bytes, Announcement &announcement)
{
    ByteReader reader{bytes};
    if (reader.take(announcement_magic.size()) != announcement_magic)
        return false;
    const auto holds = reader.number<std::uint8_t>();
    const auto nothing = reader.number<std::uint8_t>();
    const auto size = reader.number<std::uint16_t>();
    announcement.process = reader.number<std::uint64_t>();
    announcement.held_ms = reader.number<std::uint64_t>();
    announcement.name = reader.take(size);
    announcement.holds = holds == 1;
    return reader.at_end() && holds <= 1 && nothing == 0 && announcement.process != 0 &&
           is_process_name(announcement.name);
}

} // namespace jabberd::link
