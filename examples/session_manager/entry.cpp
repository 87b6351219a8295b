// SPDX-License-Identifier: LGPL-2.1-or-later
// session_manager.so: the embedded session manager behind the component ABI.
#include "base/component_entry.h"
#include "session_manager/component.h"

namespace {

using Entry = jabberd::ComponentEntry<jabberd::session_manager::Component>;

const void *get_extension(jabberd_instance *, const char *id)
{
    const std::string_view name{id};
    if (name == JABBERD_CHECK)
        return Entry::check<jabberd::session_manager::check>();
    if (name == JABBERD_METRICS)
        return Entry::metrics();
    if (name == JABBERD_OWNS_SESSIONS)
        return Entry::owns_sessions();
    if (name == JABBERD_COMMANDS)
        return Entry::commands();
    return name == JABBERD_INSPECT ? Entry::inspect() : nullptr;
}

constexpr const char *config_namespaces[] = {jabberd::session_manager::options_namespace, nullptr};

} // namespace

JABBERD_COMPONENT("session_manager", SOCKET_MANAGER_VERSION, JABBERD_PARALLEL, config_namespaces, Entry::create,
                  Entry::start, Entry::reload, Entry::stop, Entry::destroy, Entry::resume, get_extension);
