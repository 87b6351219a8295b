// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/sasl/mechanism.h"

#include "base/base64.h"
#include "base/plain_message.h"

#include <new>

namespace jabberd::session_manager {

namespace {

std::string text_of(const char *s)
{
    return s == nullptr ? std::string{} : std::string{s};
}

} // namespace

SaslLibrary::SaslLibrary()
{
    Gsasl *made = nullptr;
    if (gsasl_init(&made) != GSASL_OK)
        throw std::bad_alloc{};
    handle_.reset(made);
    gsasl_callback_set(made, Mechanism::answer);
}

Mechanism::Mechanism(const SaslLibrary &library, const MechanismKind &kind, const ConnectionInfo &connection,
                     bool downgrade_matters)
    : kind_(kind)
{
    if (kind.verifier == Verifier::Password)
        return;
    Gsasl_session *made = nullptr;
    if (gsasl_server_start(library.handle(), std::string{kind.name}.c_str(), &made) != GSASL_OK)
        throw std::bad_alloc{};
    session_.reset(made);
    gsasl_session_hook_set(made, this);
    if (!kind.binds_channel && !downgrade_matters)
        return;
    // Where there is data, the library refuses a client that says we had none to offer ('y', RFC 5802 §6).
    for (const auto &[type, data] : connection.channel_bindings)
        set(type == "tls-exporter" ? GSASL_CB_TLS_EXPORTER : GSASL_CB_TLS_UNIQUE, data);
}

SaslStep Mechanism::step(std::string_view input, const Lookup &lookup)
{
    const bool first = !std::exchange(begun_, true);
    if (input.empty())
        return {SaslStep::Kind::Failed, {}, SaslFailure::MalformedRequest};
    if (kind_.verifier == Verifier::Password)
        return take_plain(input);
    if (input.find('\0') != std::string_view::npos) // where the library would stop reading
        return {SaslStep::Kind::Failed, {}, SaslFailure::MalformedRequest};
    // A client that asks for channel binding must not get a mechanism that does none; the library would not mind.
    if (first && !kind_.binds_channel && input.starts_with('p'))
        return {SaslStep::Kind::Failed, {}, SaslFailure::MalformedRequest};
    lookup_ = &lookup;
    char *output = nullptr;
    std::size_t size = 0;
    const int result = gsasl_step(session_.get(), input.data(), input.size(), &output, &size);
    lookup_ = nullptr;
    const std::unique_ptr<char, decltype(&gsasl_free)> owned{output, gsasl_free};
    if (problem_)
        std::rethrow_exception(std::exchange(problem_, nullptr));
    SaslStep done = outcome(result, output == nullptr ? std::string{} : std::string{output, size});
    if (first && input.starts_with('y') && done.kind == SaslStep::Kind::Failed &&
        done.failure == SaslFailure::NotAuthorized)
        done.detail = "not-authorized: says it was offered no channel binding, but it was";
    return done;
}

SaslStep Mechanism::outcome(int result, std::string output) const
{
    switch (result) {
    case GSASL_NEEDS_MORE: return {SaslStep::Kind::Challenge, std::move(output), {}};
    case GSASL_OK: return {SaslStep::Kind::Proven, std::move(output), {}};
    case GSASL_MECHANISM_PARSE_ERROR:
    case GSASL_BASE64_ERROR: return {SaslStep::Kind::Failed, {}, SaslFailure::MalformedRequest};
    case GSASL_MALLOC_ERROR:
    case GSASL_CRYPTO_ERROR: return {SaslStep::Kind::Failed, {}, SaslFailure::TemporaryAuthFailure};
    default: return {SaslStep::Kind::Failed, {}, SaslFailure::NotAuthorized};
    }
}

int Mechanism::answer(Gsasl *, Gsasl_session *session, Gsasl_property property) noexcept
{
    auto *self = static_cast<Mechanism *>(gsasl_session_hook_get(session));
    try {
        return self->answer(property);
    } catch (...) {
        self->problem_ = std::current_exception();
        return GSASL_AUTHENTICATION_ERROR;
    }
}

int Mechanism::answer(Gsasl_property property)
{
    switch (property) {
    case GSASL_SCRAM_ITER: // the first thing that is asked once the name is known
        take_names();
        give_credentials();
        return GSASL_OK;
    default: return GSASL_NO_CALLBACK;
    }
}

void Mechanism::set(Gsasl_property property, const std::string &value)
{
    if (gsasl_property_set_raw(session_.get(), property, value.data(), value.size()) != GSASL_OK)
        throw std::bad_alloc{};
}

void Mechanism::take_names()
{
    username_ = text_of(gsasl_property_fast(session_.get(), GSASL_AUTHID));
    authzid_ = text_of(gsasl_property_fast(session_.get(), GSASL_AUTHZID));
}

void Mechanism::give_credentials()
{
    const Credentials known = (*lookup_)(username_);
    const ScramKeys &keys = kind_.verifier == Verifier::Sha256 ? known.sha256 : known.sha1;
    set(GSASL_SCRAM_ITER, std::to_string(known.iterations));
    set(GSASL_SCRAM_SALT, base64_encode(known.salt));
    set(GSASL_SCRAM_STOREDKEY, base64_encode(keys.stored));
    set(GSASL_SCRAM_SERVERKEY, base64_encode(keys.server));
}

// Read here: the library prepares a password by Unicode 3.2, and refuses what is newer.
SaslStep Mechanism::take_plain(std::string_view input)
{
    const auto message = split_plain(input);
    if (!message)
        return {SaslStep::Kind::Failed, {}, SaslFailure::MalformedRequest};
    authzid_ = message->identity;
    username_ = message->name;
    password_ = Secret{std::string{message->password}};
    return {SaslStep::Kind::Password, {}, {}};
}

} // namespace jabberd::session_manager
