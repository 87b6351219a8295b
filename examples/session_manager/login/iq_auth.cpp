// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/iq_auth.h"

#include "base/secret.h"
#include "session_manager/base/jid.h"
#include "session_manager/login/password_check.h"
#include "session_manager/login/session_start.h"
#include "xml/document.h"
#include "xml/escape.h"

#include <memory>
#include <utility>

namespace jabberd::session_manager {

namespace {

constexpr std::string_view xmlns = "jabber:iq:auth";

// What the client has sent to prove itself.
struct Proof {
    std::optional<Secret> password;
    std::string digest, stream_id;
};

struct Attempt {
    LoginAnswer answer;
    Jid jid;
    Proof proof;
    KnownOrDecoy account = {};
};

std::string child_text(const xmlNode *query, const char *name)
{
    const xmlNode *field = xml::child(query, name, xmlns);
    return field == nullptr ? std::string{} : xml::content(field);
}

Proof read_proof(const xmlNode *query)
{
    Proof proof;
    if (const xmlNode *password = xml::child(query, "password", xmlns))
        proof.password = Secret{xml::content(password)};
    if (const xmlNode *digest = xml::child(query, "digest", xmlns)) {
        proof.digest = xml::content(digest);
        proof.stream_id = xml::attribute(digest, "sid"); // the socket manager put it there, a client's own is gone
    }
    return proof;
}

void refuse(Core &core, const Attempt &attempt)
{
    core.log.info("a login failed", {{"USER", attempt.jid.bare()}, {"CONNECTION", attempt.answer.connection()}});
    core.login_counts.refused(LoginWay::IqAuth, SaslFailure::NotAuthorized);
    attempt.answer.error(Condition::NotAuthorized);
}

void begin(Core &core, LockedDirectory &locked, User &user, const Attempt &attempt)
{
    if (user.unreadable)
        return attempt.answer.error(locked, condition_of(*user.unreadable));
    const SessionStart start = begin_session(core, locked, user, attempt.jid.resource, attempt.answer.connection());
    if (start.error)
        locked.afterwards([&core, address = user.address, connection = attempt.answer.connection()] {
            core.log.info("a login failed", {{"USER", address}, {"CONNECTION", connection}});
        });
    if (start.error)
        return attempt.answer.error(locked, *start.error);
    core.login_counts.accepted(LoginWay::IqAuth);
    attempt.answer.accept(locked, *start.session);
}

// On a hashing thread.
void check(Core &core, const std::shared_ptr<const Attempt> &attempt, Work work)
{
    const Proof &proof = attempt->proof;
    const std::string address = attempt->jid.bare();
    const bool proven = proof.password
                            ? password_matches(core, address, attempt->account.credentials, proof.password->view())
                            : matches_digest(attempt->account.credentials, proof.stream_id, proof.digest);
    if (!proven)
        return refuse(core, *attempt);
    const Turn turn = work.turn();
    LockedDirectory locked{core.directory};
    locked.with_user(address, turn, [&core, attempt, held = std::move(work)](LockedDirectory &later, User &user) {
        begin(core, later, user, *attempt);
    });
}

} // namespace

void ask_login_fields(Core &core, const LoginAnswer &answer, const xmlNode *query, const std::string &host)
{
    const std::string given = child_text(query, "username");
    std::string username;
    xml::append_text(username, given);
    const auto fields = [username](bool digest) {
        return "<query xmlns='jabber:iq:auth'><username>" + username + "</username><password/>" +
               (digest ? "<digest/>" : "") + "<resource/></query>";
    };
    const auto user = prepare_user(given);
    if (!core.settings.current()->digest || !user)
        return answer.result(fields(false));
    Work work = answer.take_work(0);
    if (!work)
        return;
    core.storage.post(
        {std::move(work), {}},
        [address = *user + '@' + host](Storage &storage) { return storage.accounts.find(address); },
        [answer, fields](const std::optional<Credentials> &known) {
            answer.result(fields(!known || known->password)); // an unknown user looks like most
        },
        [answer](StorageFailure why) { answer.error(condition_of(why)); });
}

void log_in(Core &core, const LoginAnswer &answer, const xmlNode *query, const std::string &host)
{
    const auto user = prepare_user(child_text(query, "username"));
    const auto resource = prepare_resource(child_text(query, "resource"));
    Proof proof = read_proof(query);
    if (!user || !resource || (!proof.password && proof.digest.empty()))
        return answer.error(Condition::NotAcceptable); // XEP-0078 §3.3: required information is missing
    if (!proof.password && !core.settings.current()->digest)
        return answer.error(Condition::NotAuthorized);
    Work work = answer.take_work(proof.password ? proof.password->view().size() : proof.digest.size());
    if (!work)
        return;
    const auto attempt = std::make_shared<Attempt>(Attempt{answer, {*user, host, *resource}, std::move(proof)});
    const Turn turn = work.turn();
    core.storage.post(
        {Work::of_nobody(turn), {}},
        [&core, attempt](Storage &storage) {
            // a decoy takes as long to check: a client cannot tell that the user is unknown
            attempt->account = storage.accounts.find_or_decoy(attempt->jid.bare(), core.settings.current()->iterations);
            return true;
        },
        [&core, attempt, held = std::move(work)](bool) mutable {
            const Turn hashing = turn_of_check(held, attempt->account.exists ? attempt->jid.bare() : "");
            core.hashing.post(hashing, [&core, attempt, still = std::move(held)]() mutable {
                check(core, attempt, std::move(still));
            });
        },
        [attempt](StorageFailure why) { attempt->answer.error(condition_of(why)); });
}

} // namespace jabberd::session_manager
