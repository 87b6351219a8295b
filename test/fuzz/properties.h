// SPDX-License-Identifier: LGPL-2.1-or-later
// What must hold whatever a peer sends: stated once, for the test suite and for libFuzzer.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::fuzz {

// Nothing, or what was seen instead.
using Failure = std::optional<std::string>;
using Random = std::mt19937;

// Any chunking of the same bytes gives the same events. The bytes begin with a stream header.
Failure same_events_in_any_chunks(std::string_view stream, Random &random);

// What our parser accepts expat accepts too, with the same elements, attributes and text; and our canonical form is its
// own canonical form.
Failure read_by_expat_too(std::string_view stream);

// Bytes that come one by one are refused at the latest where expat refuses them; and where ours refuses them as not
// well-formed, nothing of what could come makes expat read on.
Failure refused_when_nothing_can_make_it_right(std::string_view stream);

// Whatever the client sends after a usual header, before login and after it, the packet has exactly one pair of session
// attributes, ours.
Failure one_pair_of_session_attributes(std::string_view stanzas);

// Whatever the session manager sends, what the client is written is one well-formed element without them.
Failure no_session_attribute_reaches_the_client(std::string_view name, std::string_view attribute,
                                                std::string_view value, std::string_view body);

// Streams that share the parsers of one pool hear what each would hear alone. Each begins after a usual header.
Failure streams_do_not_hear_each_other(const std::vector<std::string> &streams, Random &random);

} // namespace jabberd::fuzz
