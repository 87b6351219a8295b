// SPDX-License-Identifier: LGPL-2.1-or-later
// The namespaces that the parser has to know.
#pragma once

namespace jabberd::xml::ns {

inline constexpr char xml[] = "http://www.w3.org/XML/1998/namespace";
inline constexpr char client[] = "jabber:client";
inline constexpr char streams[] = "http://etherx.jabber.org/streams";

} // namespace jabberd::xml::ns
