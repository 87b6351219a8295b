// SPDX-License-Identifier: LGPL-2.1-or-later
// A session, and what is known of it before it is bound, as values (include/jabberd/snapshot.h).
#include "session/session.h"

#include <jabberd/snapshot.h>

#include <array>

namespace jabberd::session {

namespace {

using stream::SessionState;

constexpr std::array<std::pair<AuthKind, std::uint32_t>, 8> kinds{{
    {AuthKind::Question, JABBERD_ASKED_QUESTION},
    {AuthKind::Login, JABBERD_ASKED_LOGIN},
    {AuthKind::Bind, JABBERD_ASKED_BIND},
    {AuthKind::Sasl, JABBERD_ASKED_SASL},
    {AuthKind::Plain, JABBERD_ASKED_PLAIN},
    {AuthKind::Features, JABBERD_ASKED_FEATURES},
    {AuthKind::Introduction, JABBERD_ASKED_INTRODUCTION},
    {AuthKind::Resume, JABBERD_ASKED_RESUME},
}};

std::uint32_t number_of(AuthKind kind)
{
    return std::ranges::find(kinds, kind, &std::pair<AuthKind, std::uint32_t>::first)->second;
}

AuthKind kind_of(std::uint32_t number)
{
    const auto found = std::ranges::find(kinds, number, &std::pair<AuthKind, std::uint32_t>::second);
    return found == kinds.end() ? AuthKind::None : found->first;
}

std::uint32_t number_of(SessionState state)
{
    switch (state) {
    case SessionState::Unknown: return JABBERD_SESSION_UNKNOWN;
    case SessionState::Authenticated: return JABBERD_SESSION_AUTHENTICATED;
    case SessionState::Bound: break;
    }
    return JABBERD_SESSION_BOUND;
}

SessionState session_state_of(std::uint32_t number)
{
    switch (number) {
    case JABBERD_SESSION_UNKNOWN: return SessionState::Unknown;
    case JABBERD_SESSION_AUTHENTICATED: return SessionState::Authenticated;
    default: return SessionState::Bound;
    }
}

std::uint32_t number_of(SaslProfile profile)
{
    return profile == SaslProfile::Rfc6120 ? JABBERD_SASL_RFC6120 : JABBERD_SASL_XEP0388;
}

} // namespace

void Login::save(handover::ConnectionState &state) const
{
    for (const Outstanding &o : outstanding_)
        state.asked.push_back({number_of(o.answer.kind), o.nonce, o.answer.client_id});
    state.own_name = own_name;
    state.info = connection;
    if (exchange)
        state.exchange = number_of(*exchange);
    state.mechanism = mechanism;
    state.tried = tried;
    if (!offer)
        return;
    state.translated = offer->translated;
    for (const std::string &name : offer->sasl)
        state.offered.push_back({number_of(SaslProfile::Rfc6120), name});
    for (const std::string &name : offer->sasl2)
        state.offered.push_back({number_of(SaslProfile::Sasl2), name});
}

Login::Login(const handover::ConnectionState &state)
    : own_name(state.own_name), connection(state.info), mechanism(state.mechanism), tried(state.tried)
{
    for (const auto &asked : state.asked)
        outstanding_.push_back({asked.nonce, {kind_of(asked.kind), asked.client_id}});
    if (state.exchange != 0)
        exchange = state.exchange == JABBERD_SASL_RFC6120 ? SaslProfile::Rfc6120 : SaslProfile::Sasl2;
    if (state.offered.empty() && !state.translated && connection.empty())
        return;
    offer.emplace();
    offer->translated = state.translated;
    for (const auto &known : state.offered)
        (known.profile == JABBERD_SASL_RFC6120 ? offer->sasl : offer->sasl2).push_back(known.name);
}

void Session::save(handover::ConnectionState &state) const
{
    state.to = host_;
    state.alias = alias_;
    state.identity = identity_;
    state.session = number_of(state_);
    state.lang = lang_;
    state.asked_itself = asked_itself_;
    state.failed = failed_logins_;
    state.handle = is_handle_;
    if (wants_) {
        state.wants_end = wants_->end;
        state.relayed = wants_->relay;
    }
    if (login_)
        login_->save(state);
}

Session::Session(const handover::ConnectionState &state)
    : address_(state.address)
    , host_(*state.to)
    , alias_(state.alias)
    , identity_(state.identity)
    , lang_(state.lang)
    , asked_itself_(state.asked_itself)
    , failed_logins_(state.failed)
    , state_(session_state_of(state.session))
    , is_handle_(state.handle)
{
    want({state.wants_end, state.relayed});
    if (!state.asked.empty() || !state.info.empty() || state.translated || !state.offered.empty() ||
        !state.own_name.empty())
        login_ = std::make_unique<Login>(state);
}

} // namespace jabberd::session
