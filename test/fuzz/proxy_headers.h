// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold of the first bytes that a proxy sends, and headers to try it with.
#pragma once

#include "fuzz/properties.h"

#include <string>
#include <string_view>

namespace jabberd::fuzz {

// What its beginning is, header or fault, it stays whatever follows; a header is one at its last byte and not before;
// and no more than so many bytes are asked for. The client's address is one that a snapshot can bear.
Failure one_header_or_none(std::string_view bytes);

// In any pieces, and over successors, the reader finds what the parser finds in the whole, and leaves all that is
// behind the header in the socket.
Failure taken_to_its_last_byte(std::string_view bytes, Random &random);

// A header, and the client that it names, as to_string() has it; "": none. Written here by the specification, without
// the parser's help.
struct WrittenHeader {
    std::string bytes, client;
};
WrittenHeader some_proxy_header(Random &random);
Failure names_its_client(const WrittenHeader &header);

// Cut, doubled, or with other bytes in it.
std::string broken_proxy_header(std::string bytes, Random &random);

} // namespace jabberd::fuzz
