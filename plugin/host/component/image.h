// SPDX-License-Identifier: LGPL-2.1-or-later
// Which files are in memory, as /proc/self/maps has it: whether a component is really gone, dlclose() does not say.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>
#include <time.h>

namespace jabberd::host {

// A mapped file. Device and inode, because another file may have got its path. Comparable with other images only:
// some file systems tell stat() another device.
struct ImageId {
    std::string device; // "fd:01"
    std::string inode;
    bool operator==(const ImageId &) const = default;
};

// The file that is mapped at `address`; nothing when none is.
std::optional<ImageId> image_at(const void *address);

// Whether any of it is still in memory.
bool is_mapped(const ImageId &image);

// A file on disk, to see later whether it is still the same one.
struct FileStamp {
    explicit FileStamp(const std::filesystem::path &file); // all 0 when there is none
    bool operator==(const FileStamp &other) const;
    bool is_same_file(const FileStamp &other) const { return device == other.device && inode == other.inode; }

    dev_t device = 0;
    ino_t inode = 0;
    timespec written{};
};

} // namespace jabberd::host
