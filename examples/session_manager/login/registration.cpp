// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/registration.h"

#include "base/secret.h"
#include "session_manager/accounts/naming.h"
#include "session_manager/accounts/registration_form.h"
#include "session_manager/core/new_account.h"
#include "session_manager/login/password_check.h"
#include "session_manager/presence/account_end.h"

namespace jabberd::session_manager {

namespace {

constexpr std::string_view closed = "Accounts are not made by clients here";

// False, and answered, where the client's address has made too many accounts.
bool within_rate(Core &core, const LoginAnswer &answer, const std::string &user)
{
    const std::string address = core.addresses.find(answer.connection(), core.clock.now()).value_or("");
    const auto verdict =
        core.registrations.admit(address, core.settings.current()->registration_rate, core.clock.now());
    if (verdict == RegistrationRate::Verdict::Admitted)
        return true;
    if (verdict == RegistrationRate::Verdict::Refused)
        core.log.notice("registrations are refused: too many from one address",
                        {{"CLIENT", address}, {"USER", user}, {"CONNECTION", answer.connection()}});
    answer.error(Condition::ResourceConstraint, "Too many accounts were made from your address; try again later");
    return false;
}

} // namespace

void ask_registration_fields(Core &core, const LoginAnswer &answer)
{
    if (!core.settings.current()->registration)
        return answer.error(Condition::NotAllowed, closed);
    std::string query = "<query xmlns='jabber:iq:register'>";
    append_registration_fields(query, {});
    answer.result(query + "</query>");
}

void create_account(Core &core, const LoginAnswer &answer, const xmlNode *query, const std::string &host)
{
    if (!core.settings.current()->registration)
        return answer.error(Condition::NotAllowed, closed);
    const RegistrationFields fields = read_registration_fields(query);
    if (fields.form == RegistrationFields::Form::Cancelled)
        return answer.result();
    if (fields.form == RegistrationFields::Form::Wrong)
        return answer.error(Condition::BadRequest, "This is not the registration form");
    const auto user = new_account_name(fields.username.value_or(""));
    if (!user)
        return answer.error(Condition::NotAcceptable, unusable_name);
    auto password = new_password(fields.password.value_or(""));
    if (!password)
        return answer.error(Condition::NotAcceptable, unusable_password);
    if (!within_rate(core, answer, *user + '@' + host))
        return;
    Work work = answer.take_work(password->size());
    if (!work)
        return;
    const std::string address = *user + '@' + host;
    const Turn turn = turn_of_check(work, address);
    core.hashing.post(turn, [&core, answer, address, password = Secret{std::move(*password)},
                             held = std::move(work)]() mutable {
        const auto options = core.settings.current();
        core.storage.post(
            {std::move(held), address, StorageUse::Kind::Changes},
            [options, address, credentials = make_credentials(password.view(), options->iterations, options->digest)](
                Storage &storage) { return store_new_account(storage, address, credentials, *options); },
            [&core, answer, address](bool created) {
                if (!created)
                    return answer.error(Condition::Conflict, "Another account has this name");
                account_was_made(core, address);
                core.log.info("an account was registered", {{"USER", address}, {"CONNECTION", answer.connection()}});
                answer.result();
            },
            [answer](StorageFailure why) { answer.error(condition_of(why)); });
    });
}

} // namespace jabberd::session_manager
