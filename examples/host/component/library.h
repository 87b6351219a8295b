// SPDX-License-Identifier: LGPL-2.1-or-later
// A component's shared object, loaded.
#pragma once

#include <jabberd/component.h>

#include <filesystem>
#include <memory>
#include <string>

namespace jabberd::host {

// Holds the object in memory for as long as it lives.
class ComponentLibrary {
public:
    // Null after saying in `why` what is wrong and what to do, beginning with the file. Nothing of the object runs
    // before its identity was read from the file and its ABI found to be ours.
    static std::unique_ptr<ComponentLibrary> open(const std::filesystem::path &file, std::string &why);

    const jabberd_component &component() const { return *component_; }
    const jabberd_identity &identity() const { return identity_; }
    const std::filesystem::path &file() const { return file_; }

private:
    struct Closer {
        void operator()(void *handle) const;
    };

    ComponentLibrary() = default;

    std::filesystem::path file_;
    jabberd_identity identity_{};
    std::unique_ptr<void, Closer> handle_;
    const jabberd_component *component_ = nullptr;
};

// Empty when a host of this ABI may load it, otherwise why not.
std::string abi_mismatch(const jabberd_identity &identity);

// Empty when the struct is one a host can call, otherwise what it lacks.
std::string missing_in(const jabberd_component &component);

} // namespace jabberd::host
