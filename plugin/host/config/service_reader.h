// SPDX-License-Identifier: LGPL-2.1-or-later
// One <service/> of the configuration.
#pragma once

#include "elements/element.h"
#include "host/config/configuration.h"

namespace jabberd::host {

// Nothing after reporting every mistake; nothing after a warning, when it is a kind of service that only jabberd has.
std::optional<ServiceConfig> read_service(const elements::Element &element, Mistakes &mistakes);

// Reports an id or a name that both have, at the later one.
void refuse_same_names(const ServiceConfig &earlier, const ServiceConfig &later, Mistakes &mistakes);

// Whether the service has no section of a component, or one in a namespace that is read.
bool has_a_section_of(const ServiceConfig &service, const char *const *namespaces);

// Warns about the sections of the service that are in none of the namespaces its component reads (component.h; may be
// null: reads none).
void warn_about_unread_sections(const ServiceConfig &service, const char *const *namespaces, Mistakes &mistakes);

} // namespace jabberd::host
