// SPDX-License-Identifier: LGPL-2.1-or-later
// Names of hosts: which two are one (RFC 7622 §3.2). Every comparison and look-up of a host's name is made with these.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jabberd {

// The spelling that stands for all others of a domain name: A-labels (RFC 5890) in lower case, no final dot. It is what
// DNS, certificates and SNI have. Nothing when no host can be called like that.
std::optional<std::string> host_in_ascii(std::string_view name);

// The same as people read it, and as it stands in addresses: U-labels.
std::optional<std::string> host_in_unicode(std::string_view name);

// Whether two names are one host: BÜCHER.example, bücher.example. and xn--bcher-kva.example are. Names that no host can
// have, such as the ids of jabberd's services, are one when they differ in ASCII case only. Cheap where both are ASCII.
bool same_host(std::string_view a, std::string_view b);

// Whether a host can be called like that: by a domain name, or an IP address, one of version 6 in brackets.
bool is_host_name(std::string_view name);

// Whether it has more spellings than those of ASCII case. For what hashes names.
bool has_other_spellings(std::string_view name);

// The dot that ends an absolute domain name is no part of an address (RFC 7622 §3.2).
std::string_view without_final_dot(std::string_view name);

} // namespace jabberd
