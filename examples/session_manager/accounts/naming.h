// SPDX-License-Identifier: LGPL-2.1-or-later
// What an account may be called, and what its password may be: only what every way to log in takes, however a client
// prepares it.
#pragma once

#include "base/secret.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::session_manager {

// The prepared name of a new account. Nothing when RFC 8265 forbids it, when a client that prepares names by RFC 4013
// or RFC 6122 could not log in with it, or when libgsasl does not know its letters (Unicode 3.2). [any-thread]
std::optional<std::string> new_account_name(std::string_view given);

// A new password, which is kept as it is given. Nothing when OpaqueString (RFC 8265), SASLprep (RFC 4013),
// compatibility composition and no preparation at all, which are what clients do, do not agree on it, or when it is
// empty. [any-thread]
std::optional<std::string> new_password(std::string_view given);

// Why one of the two is refused, for people.
inline constexpr std::string_view unusable_name = "A username has letters and digits, and no space nor symbol";
inline constexpr std::string_view unusable_password =
    "This password is empty, or has characters that programs write in several ways";

// What a given password may have been kept as: prepared by OpaqueString, or, as all were before, by SASLprep. None when
// no account can have it. [any-thread]
std::vector<Secret> password_forms(std::string_view given);

} // namespace jabberd::session_manager
