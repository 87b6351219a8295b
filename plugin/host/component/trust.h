// SPDX-License-Identifier: LGPL-2.1-or-later
// Who else may put code into this process, because the file of a component can be changed.
#pragma once

#include <filesystem>
#include <string>

namespace jabberd::host {

// Empty when nobody but root and the user of this process may write to the file, replace it, or replace a folder on its
// way: neither by owning one of these nor because it is writable by everybody (folders with the sticky bit, as /tmp,
// keep what others own from being replaced). Otherwise what is open to whom. Groups are the operator's own to fill.
std::string open_to_others(const std::filesystem::path &file);

} // namespace jabberd::host
