// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stream/stream_error.h"

#include "stream/namespaces.h"
#include "xml/escape.h"

namespace jabberd::stream {

std::string_view name(Condition condition)
{
    switch (condition) {
    case Condition::BadFormat: return "bad-format";
    case Condition::BadNamespacePrefix: return "bad-namespace-prefix";
    case Condition::Conflict: return "conflict";
    case Condition::ConnectionTimeout: return "connection-timeout";
    case Condition::HostUnknown: return "host-unknown";
    case Condition::ImproperAddressing: return "improper-addressing";
    case Condition::InternalServerError: return "internal-server-error";
    case Condition::InvalidFrom: return "invalid-from";
    case Condition::InvalidNamespace: return "invalid-namespace";
    case Condition::NotAuthorized: return "not-authorized";
    case Condition::NotWellFormed: return "not-well-formed";
    case Condition::PolicyViolation: return "policy-violation";
    case Condition::RemoteConnectionFailed: return "remote-connection-failed";
    case Condition::Reset: return "reset";
    case Condition::ResourceConstraint: return "resource-constraint";
    case Condition::RestrictedXml: return "restricted-xml";
    case Condition::SeeOtherHost: return "see-other-host";
    case Condition::SystemShutdown: return "system-shutdown";
    case Condition::UndefinedCondition: break;
    case Condition::UnsupportedEncoding: return "unsupported-encoding";
    case Condition::UnsupportedStanzaType: return "unsupported-stanza-type";
    case Condition::UnsupportedVersion: return "unsupported-version";
    }
    return "undefined-condition";
}

std::optional<Condition> condition_named(std::string_view wanted)
{
    for (auto i = static_cast<int>(Condition::BadFormat); i <= static_cast<int>(Condition::UnsupportedVersion); ++i) {
        if (const auto condition = static_cast<Condition>(i); name(condition) == wanted)
            return condition;
    }
    return std::nullopt;
}

void append_stream_error(std::string &out, const StreamError &error)
{
    out += "<stream:error><";
    out += name(error.condition);
    xml::append_attribute(out, "xmlns", ns::stream_errors);
    if (error.content.empty()) {
        out += "/>";
    } else {
        out += '>';
        xml::append_text(out, error.content);
        out.append("</").append(name(error.condition)).append(">");
    }
    if (!error.text.empty()) {
        out += "<text";
        xml::append_attribute(out, "xmlns", ns::stream_errors);
        xml::append_attribute(out, "xml:lang", "en");
        out += '>';
        xml::append_text(out, error.text);
        out += "</text>";
    }
    out.append(error.of_application).append("</stream:error>");
}

StreamError error_of(xml::Fault fault)
{
    switch (fault) {
    case xml::Fault::None: break;
    case xml::Fault::NotWellFormed: return {Condition::NotWellFormed, "This is not well-formed XML"};
    case xml::Fault::RestrictedXml:
        return {Condition::RestrictedXml,
                "DOCTYPE, comments, processing instructions and entities are not allowed in a stream"};
    case xml::Fault::UnsupportedEncoding: return {Condition::UnsupportedEncoding, "A stream is UTF-8"};
    case xml::Fault::BadNamespacePrefix:
        return {Condition::BadNamespacePrefix, "This namespace prefix is not declared"};
    case xml::Fault::BadFormat:
        return {Condition::BadFormat, "Text between stanzas, or a stream element inside of one"};
    case xml::Fault::TooManyBytes: return {Condition::PolicyViolation, "The stanza is too large"};
    case xml::Fault::GrowsTooMuch:
        return {Condition::PolicyViolation, "The stanza repeats a namespace too often: declare it where it is used"};
    case xml::Fault::TooManyElements: return {Condition::PolicyViolation, "The stanza has too many elements"};
    case xml::Fault::TooManyAttributes: return {Condition::PolicyViolation, "The element has too many attributes"};
    case xml::Fault::TooDeep: return {Condition::PolicyViolation, "The stanza is nested too deeply"};
    case xml::Fault::NameTooLong: return {Condition::PolicyViolation, "The name is too long"};
    case xml::Fault::TooManyNames: return {Condition::PolicyViolation, "Too many different names without a pause"};
    }
    return {Condition::InternalServerError, "No fault"};
}

} // namespace jabberd::stream
