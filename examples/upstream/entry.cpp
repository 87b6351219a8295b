// SPDX-License-Identifier: LGPL-2.1-or-later
// upstream.so: connections with a server behind the component ABI.
#include "base/component_entry.h"
#include "upstream/component.h"

namespace {

using Entry = jabberd::ComponentEntry<jabberd::upstream::Component>;

const void *get_extension(jabberd_instance *, const char *id)
{
    const std::string_view name{id};
    if (name == JABBERD_CHECK)
        return Entry::check<jabberd::upstream::read_options>();
    if (name == JABBERD_HANDOVER)
        return Entry::handover();
    if (name == JABBERD_METRICS)
        return Entry::metrics();
    if (name == JABBERD_OWNS_SESSIONS)
        return Entry::owns_sessions();
    return name == JABBERD_INSPECT ? Entry::inspect() : nullptr;
}

constexpr const char *config_namespaces[] = {jabberd::upstream::options_namespace, nullptr};

} // namespace

JABBERD_COMPONENT("upstream", SOCKET_MANAGER_VERSION, JABBERD_PARALLEL, config_namespaces, Entry::create, Entry::start,
                  Entry::reload, Entry::stop, Entry::destroy, Entry::resume, get_extension);
