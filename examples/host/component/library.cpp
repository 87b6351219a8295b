// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component/library.h"

#include "component/identity.h"

#include <dlfcn.h>
#include <glib.h>

namespace jabberd::host {

namespace {

std::optional<jabberd_identity> identity_of(const std::string &file, std::string &why)
{
    g_autoptr(GError) error = nullptr;
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(file.c_str(), FALSE, &error);
    if (mapped == nullptr) {
        why = std::string{"cannot be read: "} + error->message;
        return std::nullopt;
    }
    const auto *bytes = reinterpret_cast<const std::byte *>(g_mapped_file_get_contents(mapped));
    return find_identity({bytes, g_mapped_file_get_length(mapped)}, why);
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

std::unique_ptr<ComponentLibrary> ComponentLibrary::open(const std::filesystem::path &file, std::string &why)
{
    const std::string name = file.string();
    const auto refuse = [&](const std::string &reason) {
        why = name + " " + reason;
        return nullptr;
    };

    std::string reason;
    const auto identity = identity_of(name, reason);
    if (!identity)
        return refuse(reason);
    if (reason = abi_mismatch(*identity); !reason.empty())
        return refuse(reason);

    std::unique_ptr<ComponentLibrary> library{new ComponentLibrary};
    library->file_ = file;
    library->identity_ = *identity;
    // An absolute path: dlopen() would search for a bare name. Everything is bound now, so that nothing is missing
    // later; and nothing of one component is seen by another.
    library->handle_.reset(dlopen(std::filesystem::absolute(file).c_str(), RTLD_NOW | RTLD_LOCAL));
    if (!library->handle_)
        return refuse("cannot be loaded: " + last_dlerror());
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
