// SPDX-License-Identifier: LGPL-2.1-or-later
// The characters that the operator's terminal has.
#pragma once

namespace jabberd::host {

// [main] At the start of a program, before there are threads: from here on GLib prints help with "…" and the like as
// what the locale has for it. Where no locale is set, as under cron or ssh, that is UTF-8. Numbers and sorting stay as
// they are in C.
void use_characters_of_locale();

} // namespace jabberd::host
