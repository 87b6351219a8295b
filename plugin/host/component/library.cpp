// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/component/library.h"

#include "base/regular_file.h"
#include "host/component/identity.h"

#include <dlfcn.h>
#include <glib.h>
#include <link.h>

namespace jabberd::host {

namespace {

// What a file is, before it is loaded.
struct Candidate {
    jabberd_identity identity;
    ImageId image;
};

std::optional<Candidate> look_at(const std::string &file, std::string &why)
{
    const UniqueFd opened = open_regular_file(file, O_RDONLY, why);
    if (!opened) {
        why = "cannot be read: " + why;
        return std::nullopt;
    }
    g_autoptr(GError) error = nullptr;
    g_autoptr(GMappedFile) mapped = g_mapped_file_new_from_fd(opened.get(), FALSE, &error);
    if (mapped == nullptr) {
        why = std::string{"cannot be read: "} + error->message;
        return std::nullopt;
    }
    const auto *bytes = reinterpret_cast<const std::byte *>(g_mapped_file_get_contents(mapped));
    const auto identity = find_identity({bytes, g_mapped_file_get_length(mapped)}, why);
    if (!identity)
        return std::nullopt;
    return Candidate{*identity, image_at(bytes).value_or(ImageId{})};
}

// Where the object behind a handle is in memory.
ImageId image_of(void *handle)
{
    const link_map *map = nullptr;
    if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0)
        return {};
    return image_at(map->l_ld).value_or(ImageId{});
}

std::string last_dlerror()
{
    const char *error = dlerror();
    return error == nullptr ? "no reason given" : error;
}

} // namespace

void ComponentLibrary::Closer::operator()(void *handle) const
{
    dlclose(handle);
}

std::string abi_mismatch(const jabberd_identity &identity)
{
    if (identity.abi_major == JABBERD_ABI_MAJOR)
        return "";
    const bool is_newer = identity.abi_major > JABBERD_ABI_MAJOR;
    return "was built for component ABI " + std::to_string(identity.abi_major) + ", this host speaks ABI " +
           std::to_string(JABBERD_ABI_MAJOR) + "; " +
           (is_newer ? "install a newer host, or build the component with this host's headers"
                     : "build the component again with this host's headers");
}

std::string missing_in(const jabberd_component &component)
{
    // Everything up to get_extension is ABI 1.0.
    if (!JABBERD_HAS(&component, get_extension))
        return "its struct is " + std::to_string(component.size) +
               " bytes, shorter than ABI 1.0 has it; declare it with JABBERD_COMPONENT()";
    if (component.thread_model != JABBERD_SERIALIZED && component.thread_model != JABBERD_PARALLEL)
        return "its thread model is unknown to this host; it is JABBERD_SERIALIZED or JABBERD_PARALLEL";
    if (component.create == nullptr || component.start == nullptr || component.destroy == nullptr)
        return "it lacks create, start or destroy; a component needs all three";
    return "";
}

ComponentLibrary::Handle ComponentLibrary::load(const std::filesystem::path &file, const ImageId &image,
                                                std::string &why)
{
    // An absolute path: dlopen() would search for a bare name. It takes what it already has under a name without
    // looking at the file, and an older file may have had the name: then the new one gets another, /x/./y for /x/y.
    const std::filesystem::path absolute = std::filesystem::absolute(file);
    std::filesystem::path folder = absolute.parent_path();
    for (;; folder /= ".") {
        const std::string name = folder / absolute.filename();
        const Handle loaded{dlopen(name.c_str(), RTLD_NOW | RTLD_NOLOAD)};
        if (loaded && image_of(loaded.get()) != image)
            continue;
        // Everything is bound now, so that nothing is missing later; and nothing of one component is seen by another.
        Handle handle{dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)};
        if (!handle)
            why = last_dlerror();
        else if (image_of(handle.get()) != image) {
            why = "it was replaced by another file meanwhile; try again";
            handle.reset();
        }
        return handle;
    }
}

std::unique_ptr<ComponentLibrary> ComponentLibrary::open(const std::filesystem::path &file, std::string &why)
{
    const std::string name = file.string();
    const auto refuse = [&](const std::string &reason) {
        why = name + " " + reason;
        return nullptr;
    };

    std::string reason;
    const auto candidate = look_at(name, reason);
    if (!candidate)
        return refuse(reason);
    if (reason = abi_mismatch(candidate->identity); !reason.empty())
        return refuse(reason);

    std::unique_ptr<ComponentLibrary> library{new ComponentLibrary{file, candidate->identity}};
    library->image_ = candidate->image;
    library->handle_ = load(file, candidate->image, reason);
    if (!library->handle_)
        return refuse("cannot be loaded: " + reason);
    library->component_ =
        static_cast<const jabberd_component *>(dlsym(library->handle_.get(), JABBERD_COMPONENT_SYMBOL));
    if (library->component_ == nullptr)
        return refuse("does not export " JABBERD_COMPONENT_SYMBOL
                      "; JABBERD_COMPONENT() does, unless a version script hides it");
    if (reason = missing_in(library->component()); !reason.empty())
        return refuse("cannot be used: " + reason);
    return library;
}

} // namespace jabberd::host
