// SPDX-License-Identifier: LGPL-2.1-or-later
// <stream-management seconds='300' stanzas='500' bytes='262144'>yes</stream-management>
#pragma once

#include "config/mistake_report.h"
#include "config/options.h"
#include "elements/element.h"

namespace jabberd::config {

StreamManagement read_stream_management(const elements::Element &element, MistakeReport &mistakes);

} // namespace jabberd::config
