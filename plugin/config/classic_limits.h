// SPDX-License-Identifier: LGPL-2.1-or-later
// The limits of jabberd 1.4 and 1.6, said as rates: <karma/> and <rate/>, of a section or of <io/>.
#pragma once

#include "config/mistake_report.h"
#include "elements/element.h"
#include "net/token_bucket.h"

namespace jabberd::config {

// What one client may send. An element that is missing or empty has jabberd's built-in value: <karma/> alone is no
// limit. No rate after an error was reported.
net::Rate read_karma(const elements::Element &karma, MistakeReport &mistakes);

// How often one address may connect: <rate time='25' points='5'/>.
net::Rate read_rate(const elements::Element &rate, MistakeReport &mistakes);

} // namespace jabberd::config
