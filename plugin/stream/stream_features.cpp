// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stream/stream_features.h"

#include "stream/namespaces.h"
#include "xml/escape.h"

namespace jabberd::stream {

void append_features(std::string &out, const Features &features)
{
    out += "<stream:features>";
    if (features.starttls != StartTls::No) {
        out += "<starttls";
        xml::append_attribute(out, "xmlns", ns::tls);
        out += features.starttls == StartTls::Required ? "><required/></starttls>" : "/>";
    }
    out += features.others;
    out += "<limits";
    xml::append_attribute(out, "xmlns", ns::stream_limits);
    out.append("><max-bytes>").append(std::to_string(features.max_stanza_bytes)).append("</max-bytes></limits>");
    out += "</stream:features>";
}

void append_client_state_feature(std::string &features)
{
    features += "<csi";
    xml::append_attribute(features, "xmlns", ns::client_state);
    features += "/>";
}

std::string tls_proceed()
{
    std::string out = "<proceed";
    xml::append_attribute(out, "xmlns", ns::tls);
    return out += "/>";
}

} // namespace jabberd::stream
