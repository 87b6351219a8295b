// SPDX-License-Identifier: LGPL-2.1-or-later
// link.so: the links of this process behind the component ABI.
#include "base/component_entry.h"
#include "link/component.h"

namespace {

using Entry = jabberd::ComponentEntry<jabberd::link::Component>;

const void *get_extension(jabberd_instance *, const char *id)
{
    const std::string_view name{id};
    if (name == JABBERD_CHECK)
        return Entry::check<jabberd::link::read_options>();
    if (name == JABBERD_DESTINATIONS)
        return Entry::destinations();
    if (name == JABBERD_HANDOVER)
        return Entry::handover();
    if (name == JABBERD_METRICS)
        return Entry::metrics();
    return name == JABBERD_INSPECT ? Entry::inspect() : nullptr;
}

constexpr const char *config_namespaces[] = {jabberd::link::options_namespace, nullptr};

} // namespace

JABBERD_COMPONENT("link", SOCKET_MANAGER_VERSION, JABBERD_PARALLEL, config_namespaces, Entry::create, Entry::start,
                  Entry::reload, Entry::stop, Entry::destroy, Entry::resume, get_extension);
