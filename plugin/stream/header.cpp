// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stream/header.h"

#include "base/view.h"
#include "xml/escape.h"
#include "xml/namespaces.h"

namespace jabberd::stream {

namespace {

// A domain part has at most 1023 bytes (RFC 7622 §3.2).
constexpr std::size_t max_host_bytes = 1023;

// It goes with every stanza that does not say its own. The longest tags that are registered have 35 characters (RFC
// 5646 §4.4.1).
constexpr std::size_t max_language_bytes = 64;

// Whatever is no host name would be routed somewhere else than it reads.
bool is_host(std::string_view to)
{
    return !to.empty() && to.size() <= max_host_bytes && to.find_first_of("@/ \t\r\n<>&'\"") == std::string_view::npos;
}

// <major>.<minor>; a whole number is taken for a major one.
bool is_version(std::string_view version)
{
    constexpr std::string_view digits = "0123456789";
    const auto is_number = [&](std::string_view part) {
        return !part.empty() && part.find_first_not_of(digits) == std::string_view::npos;
    };
    const auto dot = version.find('.');
    return is_number(version.substr(0, dot)) && (dot == std::string_view::npos || is_number(version.substr(dot + 1)));
}

} // namespace

bool expects_features(const xml::StreamHeader &header)
{
    const std::string_view version = text(header.version);
    // Numbers, not text: 01.0 is 1.0 (RFC 6120 §4.7.5). Ours is 1.0, so nothing but the major one matters.
    return is_version(version) && version.find_first_not_of('0') < version.find('.');
}

std::optional<StreamError> refusal(const xml::StreamHeader &header)
{
    if (!header.is_stream)
        return StreamError{Condition::InvalidNamespace, "This is not a <stream/> of http://etherx.jabber.org/streams"};
    // Where the stream has no prefix, or declares none for stanzas, each of them says itself what it is (RFC 6120
    // §4.8.2).
    if (!header.content_namespace.empty() && header.content_namespace != xml::ns::streams &&
        header.content_namespace != xml::ns::client)
        return StreamError{Condition::InvalidNamespace,
                           "This is a port for clients: the default namespace must be jabber:client"};
    if (!is_host(text(header.to)))
        return StreamError{Condition::ImproperAddressing, "The stream header must name the server in its 'to'"};
    if (text(header.lang).size() > max_language_bytes)
        return StreamError{Condition::PolicyViolation, "No language has a tag as long as that xml:lang"};
    if (!text(header.version).empty() && !is_version(text(header.version)))
        return StreamError{Condition::UnsupportedVersion, "A version of XMPP is two numbers, like 1.0"};
    return std::nullopt;
}

void append_answer(std::string &out, const xml::StreamHeader &header, std::string_view from, std::string_view stream_id)
{
    out += "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'";
    if (!from.empty())
        xml::append_attribute(out, "from", from);
    xml::append_attribute(out, "id", stream_id);
    if (expects_features(header))
        out += " version='1.0' xml:lang='en'";
    out += '>';
}

} // namespace jabberd::stream
