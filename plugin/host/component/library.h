// SPDX-License-Identifier: LGPL-2.1-or-later
// A component's shared object, loaded.
#pragma once

#include "host/component/image.h"

#include <jabberd/component.h>

#include <filesystem>
#include <memory>
#include <string>

namespace jabberd::host {

// Holds the object in memory for as long as it lives.
class ComponentLibrary {
public:
    // Null after saying in `why` what is wrong and what to do, beginning with the file. Nothing of the object runs
    // before its identity was read from the file and its ABI found to be ours. Always the file that is there now, also
    // when an older one of that path is still loaded.
    static std::unique_ptr<ComponentLibrary> open(const std::filesystem::path &file, std::string &why);

    const jabberd_component &component() const { return *component_; }
    const jabberd_identity &identity() const { return identity_; }
    const std::filesystem::path &file() const { return file_; }
    const FileStamp &stamp() const { return stamp_; } // of the file when it was loaded
    const ImageId &image() const { return image_; }

private:
    struct Closer {
        void operator()(void *handle) const;
    };
    using Handle = std::unique_ptr<void, Closer>;

    ComponentLibrary(const std::filesystem::path &file, const jabberd_identity &identity)
        : file_(file), stamp_(file), identity_(identity)
    {
    }

    static Handle load(const std::filesystem::path &file, const ImageId &image, std::string &why);

    const std::filesystem::path file_;
    const FileStamp stamp_;
    const jabberd_identity identity_;
    ImageId image_;
    Handle handle_;
    const jabberd_component *component_ = nullptr;
};

// Empty when a host of this ABI may load it, otherwise why not.
std::string abi_mismatch(const jabberd_identity &identity);

// Empty when the struct is one a host can call, otherwise what it lacks.
std::string missing_in(const jabberd_component &component);

} // namespace jabberd::host
