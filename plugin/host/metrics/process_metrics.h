// SPDX-License-Identifier: LGPL-2.1-or-later
// What every program tells Prometheus of its process, under the names that are usual for it.
#pragma once

#include "base/metric_writer.h"

namespace jabberd::host {

// [main] Leaves out what the kernel does not tell.
void tell_process(MetricWriter &writer);

} // namespace jabberd::host
