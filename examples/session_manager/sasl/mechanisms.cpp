// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/sasl/mechanisms.h"

#include <algorithm>

namespace jabberd::session_manager {

namespace {

constexpr MechanismKind kinds[] = {
    {"SCRAM-SHA-256-PLUS", Verifier::Sha256, true}, {"SCRAM-SHA-1-PLUS", Verifier::Sha1, true},
    {"SCRAM-SHA-256", Verifier::Sha256, false},     {"SCRAM-SHA-1", Verifier::Sha1, false},
    {"PLAIN", Verifier::Password, false},
};

bool fits(const MechanismKind &kind, const ConnectionInfo &connection)
{
    if (kind.binds_channel)
        return !connection.channel_bindings.empty();
    return connection.plain || kind.verifier != Verifier::Password;
}

} // namespace

std::span<const MechanismKind> all_mechanisms()
{
    return kinds;
}

const MechanismKind *find_mechanism(std::string_view name)
{
    const auto found = std::ranges::find(kinds, name, &MechanismKind::name);
    return found == std::end(kinds) ? nullptr : found;
}

std::vector<const MechanismKind *> offered_mechanisms(const std::vector<std::string> &allowed,
                                                      const ConnectionInfo &connection)
{
    std::vector<const MechanismKind *> offered;
    for (const MechanismKind &kind : kinds) {
        const bool may = allowed.empty() || std::ranges::find(allowed, kind.name) != allowed.end();
        if (may && fits(kind, connection))
            offered.push_back(&kind);
    }
    return offered;
}

} // namespace jabberd::session_manager
