// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/stream_features.h"

#include "session_manager/sasl/mechanisms.h"
#include "xml/escape.h"

#include <jabberd/session.h>

namespace jabberd::session_manager {

namespace {

constexpr std::string_view roster_versions = "<ver xmlns='urn:xmpp:features:rosterver'/>"; // RFC 6121 §2.6.1

std::string query(const std::string &features)
{
    return "<query xmlns='" JABBERD_NS_FEATURES "'>" + features + "</query>";
}

std::string sasl_features(const std::vector<const MechanismKind *> &offered, const ConnectionInfo &connection)
{
    std::string names;
    bool binds_channel = false;
    for (const MechanismKind *kind : offered) {
        names.append("<mechanism>").append(kind->name).append("</mechanism>");
        binds_channel = binds_channel || kind->binds_channel;
    }
    std::string out = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + names +
                      "</mechanisms><authentication xmlns='urn:xmpp:sasl:2'>" + names +
                      "<inline><bind xmlns='urn:xmpp:bind:0'/></inline></authentication>";
    if (!binds_channel)
        return out;
    out += "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>"; // XEP-0440
    for (const auto &[type, data] : connection.channel_bindings) {
        out += "<channel-binding";
        xml::append_attribute(out, "type", type);
        out += "/>";
    }
    return out + "</sasl-channel-binding>";
}

} // namespace

std::string features_before_login(const Options &options, const ConnectionInfo &connection)
{
    std::string features;
    if (const auto offered = offered_mechanisms(options.mechanisms, connection); !offered.empty())
        features += sasl_features(offered, connection);
    features += "<auth xmlns='http://jabber.org/features/iq-auth'/>";
    if (options.registration)
        features += "<register xmlns='http://jabber.org/features/iq-register'/>";
    return query(features);
}

std::string features_before_binding()
{
    std::string features = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
                           "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>";
    return query(features.append(roster_versions));
}

std::string features_of_a_session()
{
    return query(std::string{roster_versions});
}

} // namespace jabberd::session_manager
