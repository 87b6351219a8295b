// SPDX-License-Identifier: LGPL-2.1-or-later
// <websocket path='/xmpp-websocket'><origin>https://chat.foo.com</origin></websocket>
#pragma once

#include "config/mistake_report.h"
#include "config/options.h"
#include "elements/element.h"

namespace jabberd::config {

Websocket read_websocket(const elements::Element &element, MistakeReport &mistakes);

} // namespace jabberd::config
