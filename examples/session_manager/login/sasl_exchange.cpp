// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/sasl_exchange.h"

#include "session_manager/base/jid.h"
#include "session_manager/login/bind.h"
#include "session_manager/login/password_check.h"
#include "session_manager/login/session_start.h"

namespace jabberd::session_manager {

namespace {

using ExchangePtr = std::shared_ptr<Exchange>;

// Where the name cannot be prepared, this is the address of no account: those are stored prepared.
std::string account_of(const Exchange &exchange, const std::string &username)
{
    return prepare_user(username).value_or(username) + '@' + exchange.host;
}

KnownOrDecoy credentials_of(Core &core, Storage &storage, const Exchange &exchange, const std::string &username)
{
    return storage.accounts.find_or_decoy(account_of(exchange, username), core.settings.current()->iterations);
}

void fail(Core &core, const ExchangePtr &exchange, const std::string &address, SaslFailure failure,
          const SaslAnswer &answer, std::string_view detail = {})
{
    if (!core.exchanges.erase(exchange->connection, exchange))
        return;
    core.log.info("a login failed", {{"USER", address},
                                     {"CONNECTION", exchange->connection},
                                     {"MECHANISM", exchange->kind.name},
                                     {"REASON", detail.empty() ? name_of(failure) : detail}});
    answer.failure(failure);
}

void authenticated(Core &core, LockedDirectory &locked, const Exchange &exchange, const std::string &address,
                   std::string_view data, const SaslAnswer &answer)
{
    expect_binding(core, locked, exchange.connection, address);
    locked.afterwards([&core, address, connection = exchange.connection] {
        core.log.info("a client is authenticated", {{"USER", address}, {"CONNECTION", connection}});
    });
    answer.success(locked, address, data);
}

void log_locked(Core &core, LockedDirectory &locked, const Exchange &exchange, const std::string &address)
{
    locked.afterwards([&core, address, connection = exchange.connection, mechanism = exchange.kind.name] {
        core.log.info("a login failed", {{"USER", address},
                                         {"CONNECTION", connection},
                                         {"MECHANISM", mechanism},
                                         {"REASON", name_of(SaslFailure::AccountDisabled)}});
    });
}

void begin(Core &core, LockedDirectory &locked, User &user, const Exchange &exchange, std::string_view data,
           const SaslAnswer &answer)
{
    if (user.unreadable)
        return answer.failure(locked, SaslFailure::TemporaryAuthFailure);
    if (!user.exists) // the account was removed during the login
        return answer.failure(locked, SaslFailure::NotAuthorized);
    if (user.locked) { // told to who has proven to be its owner, and to no stranger
        log_locked(core, locked, exchange, user.address);
        return answer.failure(locked, SaslFailure::AccountDisabled);
    }
    if (core.stopping)
        return answer.failure(locked, SaslFailure::TemporaryAuthFailure);
    if (!exchange.resource)
        return authenticated(core, locked, exchange, user.address, data, answer);
    const SessionStart start = begin_session(core, locked, user, *exchange.resource, exchange.connection);
    if (start.error) // without <bound/> the client binds once more, and gets the error then
        return authenticated(core, locked, exchange, user.address, data, answer);
    answer.success(locked, *start.session, data);
}

// The client has proven who it is. The identity that it wants to act as must be the same.
void succeed(Core &core, const ExchangePtr &exchange, const std::string &username, const std::string &authzid,
             std::string data, const SaslAnswer &answer, Work work)
{
    const std::string address = account_of(*exchange, username);
    if (!authzid.empty()) {
        const auto wanted = prepare_jid(authzid);
        if (!wanted || wanted->full() != address)
            return fail(core, exchange, address, SaslFailure::InvalidAuthzid, answer);
    }
    const Turn turn = work.turn();
    LockedDirectory locked{core.directory};
    locked.with_user(
        address, turn,
        [&core, exchange, data = std::move(data), answer, held = std::move(work)](LockedDirectory &later, User &user) {
            if (core.exchanges.erase(exchange->connection, exchange)) // otherwise given up meanwhile
                begin(core, later, user, *exchange, data, answer);
        });
}

void check_password(Core &core, Storage &storage, const ExchangePtr &exchange, const SaslAnswer &answer, Work work)
{
    Mechanism &mechanism = *exchange->mechanism;
    const std::string address = account_of(*exchange, mechanism.username());
    KnownOrDecoy account = credentials_of(core, storage, *exchange, mechanism.username());
    const Turn turn = turn_of_check(work, account.exists ? address : "");
    core.hashing.post(turn, [&core, exchange, answer, address, username = mechanism.username(),
                             authzid = mechanism.authzid(), given = mechanism.take_password(),
                             credentials = std::move(account.credentials), held = std::move(work)]() mutable {
        if (!password_matches(core, address, credentials, given.view()))
            return fail(core, exchange, address, SaslFailure::NotAuthorized, answer);
        succeed(core, exchange, username, authzid, {}, answer, std::move(held));
    });
}

// On the storage thread, because a mechanism asks for the verifiers in the middle of a step; what it computes itself
// are a few hashes. Outside of a transaction, so that it sees only what is stored.
void step(Core &core, Storage &storage, const ExchangePtr &exchange, std::string_view input, const SaslAnswer &answer,
          Work work)
{
    if (!exchange->mechanism)
        exchange->mechanism.emplace(core.sasl, exchange->kind, exchange->info, exchange->downgrade_matters);
    Mechanism &mechanism = *exchange->mechanism;
    const SaslStep done = mechanism.step(input, [&](const std::string &username) {
        return credentials_of(core, storage, *exchange, username).credentials;
    });
    exchange->over = done.kind != SaslStep::Kind::Challenge;
    switch (done.kind) {
    case SaslStep::Kind::Challenge: return answer.challenge(done.output);
    case SaslStep::Kind::Proven:
        return succeed(core, exchange, mechanism.username(), mechanism.authzid(), done.output, answer, std::move(work));
    case SaslStep::Kind::Password: return check_password(core, storage, exchange, answer, std::move(work));
    case SaslStep::Kind::Failed:
        return fail(core, exchange, mechanism.username().empty() ? "" : account_of(*exchange, mechanism.username()),
                    done.failure, answer, done.detail);
    }
}

} // namespace

void continue_exchange(Core &core, const std::shared_ptr<Exchange> &exchange, Secret input, const SaslAnswer &answer)
{
    const auto give_up = [&core, exchange, answer] {
        exchange->over = true;
        if (core.exchanges.erase(exchange->connection, exchange))
            answer.failure(SaslFailure::TemporaryAuthFailure);
    };
    Work work = core.take_work(core.causer_before_login(exchange->connection), input.view().size());
    if (!work)
        return give_up();
    const Turn turn = work.turn();
    core.storage.post(
        {Work::of_nobody(turn), {}}, [](Storage &storage) { return &storage; },
        [&core, exchange, answer, give_up, input = std::move(input), held = std::move(work)](Storage *storage) mutable {
            if (exchange->over) // the client does not wait for its answer: no client of ours
                return;
            try {
                step(core, *storage, exchange, input.view(), answer, std::move(held));
            } catch (const std::exception &) {
                give_up();
                throw; // to be logged
            }
        },
        [give_up](StorageFailure) { give_up(); });
}

} // namespace jabberd::session_manager
