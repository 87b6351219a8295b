// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/component/image.h"

#include <sys/stat.h>

#include <cstdint>
#include <fstream>
#include <functional>
#include <sstream>

namespace jabberd::host {

namespace {

struct Mapping {
    std::uintptr_t begin;
    std::uintptr_t end;
    ImageId image;
};

// "7f0c8a000000-7f0c8a021000 r-xp 00001000 fd:01 131090  /usr/lib/…" (proc(5))
std::optional<Mapping> read_mapping(const std::string &line)
{
    Mapping mapping;
    char dash = 0;
    std::string permissions;
    std::string offset;
    std::istringstream in{line};
    in >> std::hex >> mapping.begin >> dash >> mapping.end >> permissions >> offset >> mapping.image.device >>
        mapping.image.inode;
    return in ? std::optional{std::move(mapping)} : std::nullopt;
}

std::optional<Mapping> find_mapping(const std::function<bool(const Mapping &)> &is_it)
{
    std::ifstream maps{"/proc/self/maps"};
    for (std::string line; std::getline(maps, line);) {
        if (auto mapping = read_mapping(line); mapping && is_it(*mapping))
            return mapping;
    }
    return std::nullopt;
}

} // namespace

std::optional<ImageId> image_at(const void *address)
{
    const auto place = reinterpret_cast<std::uintptr_t>(address);
    auto found = find_mapping([&](const Mapping &mapping) { return mapping.begin <= place && place < mapping.end; });
    if (!found || found->image.inode == "0")
        return std::nullopt;
    return std::move(found->image);
}

bool is_mapped(const ImageId &image)
{
    return find_mapping([&](const Mapping &mapping) { return mapping.image == image; }).has_value();
}

FileStamp::FileStamp(const std::filesystem::path &file)
{
    struct stat status {};
    if (stat(file.c_str(), &status) != 0)
        return;
    device = status.st_dev;
    inode = status.st_ino;
    written = status.st_mtim;
}

bool FileStamp::operator==(const FileStamp &other) const
{
    return is_same_file(other) && written.tv_sec == other.written.tv_sec && written.tv_nsec == other.written.tv_nsec;
}

} // namespace jabberd::host
