// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/login.h"

#include "session_manager/jid.h"
#include "session_manager/presence/session_end.h"
#include "xml/document.h"
#include "xml/escape.h"

namespace jabberd::sessions {

namespace {

constexpr std::string_view xmlns = "jabber:iq:auth";
constexpr std::size_t most_sessions = 50; // of one user: devices, not robots

// What the client has sent to prove itself.
struct Proof {
    std::optional<std::string> password;
    std::string digest, stream_id;
};

struct Attempt {
    Caller caller;
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
        proof.password = prepare_password(xml::content(password)).value_or(std::string{});
    if (const xmlNode *digest = xml::child(query, "digest", xmlns)) {
        proof.digest = xml::content(digest);
        proof.stream_id = xml::attribute(digest, "sid"); // the socket manager put it there, a client's own is gone
    }
    return proof;
}

void refuse(const Core &core, const Attempt &attempt)
{
    core.log.info("a login failed", {{"USER", attempt.jid.bare()}, {"CONNECTION", attempt.caller.connection()}});
    attempt.caller.error(Condition::NotAuthorized);
}

void begin_session(Core &core, Turn &turn, User &user, const Attempt &attempt)
{
    if (!user.exists) // removed while the password was checked
        return attempt.caller.error(turn, Condition::NotAuthorized);
    if (core.stopping)
        return attempt.caller.error(turn, Condition::ServiceUnavailable);
    if (Session *former = turn.session(attempt.jid.full()))
        end_session(core, turn, *former, "logged in again elsewhere", Notice::Send);
    if (user.sessions.size() >= most_sessions)
        return attempt.caller.error(turn, Condition::ResourceConstraint);
    Session &session = turn.add_session(user, attempt.jid.resource, attempt.caller.connection());
    attempt.caller.accept(turn, session); // the first packet of the session, whatever else others have for it
    turn.afterwards([&core, begun = session.shared_from_this()] {
        core.log.info("a login succeeded", {{"SESSION", begun->id}, {"CONNECTION", begun->connection}});
    });
}

bool proves(const Proof &proof, const Credentials &credentials)
{
    return proof.password ? matches(credentials, *proof.password)
                          : matches_digest(credentials, proof.stream_id, proof.digest);
}

// On a hashing thread.
void check(Core &core, const Attempt &attempt, const std::optional<Credentials> &known)
{
    const auto options = core.settings.current();
    const Credentials credentials =
        known.value_or(nobodys_credentials(options->iterations)); // who asks for an unknown user waits as long
    if (!proves(attempt.proof, credentials))
        return refuse(core, attempt);

    // Accounts made while digest login was off can use it from now on.
    if (options->digest && attempt.proof.password && !credentials.password) {
        Credentials with_password = credentials;
        with_password.password = attempt.proof.password;
        core.storage.post([address = attempt.jid.bare(), with_password](Storage &storage) {
            storage.accounts.change(address, with_password);
        });
    }
    Turn turn{core.directory};
    turn.with_user(attempt.jid.bare(),
                   [&core, attempt](Turn &later, User &user) { begin_session(core, later, user, attempt); });
}

} // namespace

void ask_login_fields(Core &core, const Caller &caller, const xmlNode *query, const std::string &host)
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
        return caller.result(fields(false));
    core.storage.post([caller, fields, address = *user + '@' + host](Storage &storage) {
        const auto known = storage.accounts.find(address);
        caller.result(fields(!known || known->password)); // an unknown user looks like most
    });
}

void log_in(Core &core, const Caller &caller, const xmlNode *query, const std::string &host)
{
    const auto user = prepare_user(child_text(query, "username"));
    const auto resource = prepare_resource(child_text(query, "resource"));
    Proof proof = read_proof(query);
    if (!user || !resource || (!proof.password && proof.digest.empty()))
        return caller.error(Condition::NotAcceptable); // XEP-0078 §3.3: required information is missing
    if (!proof.password && !core.settings.current()->digest)
        return caller.error(Condition::NotAuthorized);
    core.storage.post(
        [&core, attempt = Attempt{caller, {*user, host, *resource}, std::move(proof)}](Storage &storage) mutable {
            auto known = storage.accounts.find(attempt.jid.bare());
            core.hashing.post(
                [&core, attempt = std::move(attempt), known = std::move(known)] { check(core, attempt, known); });
        });
}

} // namespace jabberd::sessions
