// SPDX-License-Identifier: LGPL-2.1-or-later
// Why an exchange fails (RFC 6120 §6.5).
#pragma once

#include <string_view>

namespace jabberd::sessions {

enum class SaslFailure {
    Aborted,
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

} // namespace jabberd::sessions
