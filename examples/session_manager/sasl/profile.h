// SPDX-License-Identifier: LGPL-2.1-or-later
// SASL on the wire: the two profiles in which XMPP carries it, and what a failure is called in both.
#pragma once

#include <optional>
#include <string_view>

namespace jabberd::session_manager {

inline constexpr std::string_view sasl_xmlns = "urn:ietf:params:xml:ns:xmpp-sasl";
inline constexpr std::string_view sasl2_xmlns = "urn:xmpp:sasl:2";
inline constexpr std::string_view bind2_xmlns = "urn:xmpp:bind:0";

enum class Profile {
    Sasl1, // RFC 6120 §6
    Sasl2, // XEP-0388: a login can hold more requests, such as binding
};

constexpr std::string_view xmlns_of(Profile profile)
{
    return profile == Profile::Sasl1 ? sasl_xmlns : sasl2_xmlns;
}

constexpr std::optional<Profile> profile_of(std::string_view xmlns)
{
    for (const Profile profile : {Profile::Sasl1, Profile::Sasl2}) {
        if (xmlns_of(profile) == xmlns)
            return profile;
    }
    return std::nullopt;
}

// Why an exchange fails (RFC 6120 §6.5).
enum class SaslFailure {
    Aborted,
    AccountDisabled,
    EncryptionRequired,
    IncorrectEncoding,
    InvalidAuthzid,
    InvalidMechanism,
    MalformedRequest,
    NotAuthorized,
    TemporaryAuthFailure,
};

constexpr std::string_view name_of(SaslFailure failure)
{
    switch (failure) {
    case SaslFailure::Aborted: return "aborted";
    case SaslFailure::AccountDisabled: return "account-disabled";
    case SaslFailure::EncryptionRequired: return "encryption-required";
    case SaslFailure::IncorrectEncoding: return "incorrect-encoding";
    case SaslFailure::InvalidAuthzid: return "invalid-authzid";
    case SaslFailure::InvalidMechanism: return "invalid-mechanism";
    case SaslFailure::MalformedRequest: return "malformed-request";
    case SaslFailure::NotAuthorized: return "not-authorized";
    case SaslFailure::TemporaryAuthFailure: return "temporary-auth-failure";
    }
    return "not-authorized";
}

} // namespace jabberd::session_manager
