// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/iq_auth.h"

#include "session_manager/base/jid.h"
#include "session_manager/login/password_check.h"
#include "session_manager/login/session_start.h"
#include "xml/document.h"
#include "xml/escape.h"

namespace jabberd::session_manager {

namespace {

constexpr std::string_view xmlns = "jabber:iq:auth";

// What the client has sent to prove itself.
struct Proof {
    std::optional<std::string> password;
    std::string digest, stream_id;
};

struct Attempt {
    LoginAnswer answer;
    Jid jid;
    Proof proof;
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
        proof.password = xml::content(password);
    if (const xmlNode *digest = xml::child(query, "digest", xmlns)) {
        proof.digest = xml::content(digest);
        proof.stream_id = xml::attribute(digest, "sid"); // the socket manager put it there, a client's own is gone
    }
    return proof;
}

void refuse(const Core &core, const Attempt &attempt)
{
    core.log.info("a login failed", {{"USER", attempt.jid.bare()}, {"CONNECTION", attempt.answer.connection()}});
    attempt.answer.error(Condition::NotAuthorized);
}

void begin(Core &core, LockedDirectory &locked, User &user, const Attempt &attempt)
{
    const SessionStart start = begin_session(core, locked, user, attempt.jid.resource, attempt.answer.connection());
    if (start.error)
        return attempt.answer.error(locked, *start.error);
    attempt.answer.accept(locked, *start.session);
}

// On a hashing thread.
void check(Core &core, const Attempt &attempt, const Credentials &credentials)
{
    const Proof &proof = attempt.proof;
    const bool proven = proof.password ? password_matches(core, attempt.jid.bare(), credentials, *proof.password)
                                       : matches_digest(credentials, proof.stream_id, proof.digest);
    if (!proven)
        return refuse(core, attempt);
    LockedDirectory locked{core.directory};
    locked.with_user(attempt.jid.bare(),
                     [&core, attempt](LockedDirectory &later, User &user) { begin(core, later, user, attempt); });
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
    core.storage.post([answer, fields, address = *user + '@' + host](Storage &storage) {
        const auto known = storage.accounts.find(address);
        answer.result(fields(!known || known->password)); // an unknown user looks like most
    });
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
    core.storage.post(
        [&core, attempt = Attempt{answer, {*user, host, *resource}, std::move(proof)}](Storage &storage) mutable {
            // a decoy takes as long to check: a client cannot tell that the user is unknown
            auto credentials = storage.accounts.find_or_decoy(attempt.jid.bare(), core.settings.current()->iterations);
            core.hashing.post([&core, attempt = std::move(attempt), credentials = std::move(credentials)] {
                check(core, attempt, credentials);
            });
        });
}

} // namespace jabberd::session_manager
