// SPDX-License-Identifier: LGPL-2.1-or-later
// The opening of a stream: what the client asks for, and what it is answered (RFC 6120 §4.7).
#pragma once

#include "stream/stream_error.h"
#include "xml/stanza.h"

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::stream {

// Why a stream with that header cannot go on. It must name the session manager in `to`: no other could be asked who the
// client is.
std::optional<StreamError> refusal(const xml::StreamHeader &header);

// 1.0 and later speak of features; what came before XMPP has no version (RFC 6120 §4.7.5).
bool expects_features(const xml::StreamHeader &header);

// Our header. Sent before an error as well (RFC 6120 §4.9.1.2). `from` is empty when the client did not say who we are.
void append_answer(std::string &out, const xml::StreamHeader &header, std::string_view from,
                   std::string_view stream_id);

inline constexpr std::string_view closing_tag = "</stream:stream>";

} // namespace jabberd::stream
