// SPDX-License-Identifier: LGPL-2.1-or-later
// Addresses as identities: prepared, so that equal addresses are equal bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::session_manager {

// Prepared parts; user and resource may be empty, which is absent. [any-thread]
struct Jid {
    std::string user;
    std::string host;
    std::string resource;

    std::string bare() const;
    std::string full() const; // bare() where there is no resource

    friend bool operator==(const Jid &, const Jid &) = default;
};

// Nothing when a part is empty where it may not be, too long, or holds what its profile forbids. [any-thread]
std::optional<Jid> prepare_jid(std::string_view address);
// A user's name by RFC 8265 where that allows it, otherwise by RFC 6122 (stringprep): accounts and contacts have names
// from before.
std::optional<std::string> prepare_user(std::string_view user);
std::optional<std::string> prepare_host(std::string_view host);
std::optional<std::string> prepare_resource(std::string_view resource);

} // namespace jabberd::session_manager
