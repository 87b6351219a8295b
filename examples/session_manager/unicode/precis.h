// SPDX-License-Identifier: LGPL-2.1-or-later
// Account names and passwords as RFC 8265 prepares them, by libunistring; no other file knows that library.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::session_manager::precis {

// The username profile: what the IdentifierClass (RFC 8264 §4.2) allows, full-width spellings made usual ones, case
// folded, composed (NFC), the bidi rule kept. Case is folded as RFC 7613 and RFC 6122 fold it (ß is ss), so that the
// accounts of old stay where they are. Of the characters that need a context, those of CONTEXTJ, which cannot be seen,
// are refused. Nothing when it is no such name, or empty. [any-thread]
std::optional<std::string> username(std::string_view given);

// The OpaqueString profile (RFC 8265 §4.2). Nothing when it is forbidden, or empty. [any-thread]
std::optional<std::string> opaque_string(std::string_view given);

// Whether it has a character that nobody can see, or that is none yet. [any-thread]
bool has_invisible(std::string_view text);

// Compatibility composition by today's Unicode (NFKC). Nothing when it is no UTF-8. [any-thread]
std::optional<std::string> compatible(std::string_view given);

} // namespace jabberd::session_manager::precis
