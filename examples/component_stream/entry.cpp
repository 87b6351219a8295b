// SPDX-License-Identifier: LGPL-2.1-or-later
// component_stream.so: component streams behind the component ABI.
#include "base/component_entry.h"
#include "component_stream/component.h"

namespace {

using Entry = jabberd::ComponentEntry<jabberd::component_stream::Component>;

const void *get_extension(jabberd_instance *, const char *id)
{
    const std::string_view name{id};
    if (name == JABBERD_CHECK)
        return Entry::check<jabberd::component_stream::read_options>();
    if (name == JABBERD_DESTINATIONS)
        return Entry::destinations();
    if (name == JABBERD_HANDOVER)
        return Entry::handover();
    return name == JABBERD_INSPECT ? Entry::inspect() : nullptr;
}

constexpr const char *config_namespaces[] = {jabberd::component_stream::options_namespace, nullptr};

} // namespace

JABBERD_COMPONENT("component_stream", SOCKET_MANAGER_VERSION, JABBERD_PARALLEL, config_namespaces, Entry::create,
                  Entry::start, Entry::reload, Entry::stop, Entry::destroy, Entry::resume, get_extension);
