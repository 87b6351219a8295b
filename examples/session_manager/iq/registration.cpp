// SPDX-License-Identifier: LGPL-2.1-or-later
// jabber:iq:register (XEP-0077) in a session: a new password, or the end of the account.
#include "session_manager/iq/request.h"

#include "base/address.h"
#include "base/secret.h"
#include "base/view.h"
#include "session_manager/accounts/naming.h"
#include "session_manager/accounts/registration_form.h"
#include "session_manager/presence/session_end.h"
#include "session_manager/presence/subscriptions.h"
#include "xml/document.h"

namespace jabberd::session_manager::iq {

namespace {

constexpr std::string_view xmlns = "jabber:iq:register";

void show(const Request &request, const Answer &answer)
{
    std::string body = "<query xmlns='jabber:iq:register'><registered/>";
    append_registration_fields(body, request.from.user);
    answer.result(body + "</query>");
}

void change_password(Core &core, const Request &request, const Answer &answer)
{
    const RegistrationFields fields = read_registration_fields(request.payload);
    if (fields.form == RegistrationFields::Form::Cancelled)
        return answer.result();
    if (fields.form == RegistrationFields::Form::Wrong)
        return answer.error(Condition::BadRequest, "This is not the registration form");
    if (fields.username && prepare_user(*fields.username) != request.from.user)
        return answer.error(Condition::NotAllowed, "You are logged in with another name");
    auto password = new_password(fields.password.value_or(""));
    if (!password)
        return answer.error(Condition::NotAcceptable, unusable_password);
    Work work = answer.take_work(password->size());
    if (!work)
        return;
    const Turn turn{work.turn().group, request.from.bare()};
    core.hashing.post(turn, [&core, answer, address = request.from.bare(), password = Secret{std::move(*password)},
                             held = std::move(work)]() mutable {
        const auto options = core.settings.current();
        StorageUse use{std::move(held), address, StorageUse::Kind::Changes};
        answer.from_storage(
            std::move(use),
            [address, credentials = make_credentials(password.view(), options->iterations, options->digest)](
                Storage &storage) { return storage.accounts.change(address, credentials); },
            [&core, address](const Answer &late, bool changed) {
                if (!changed)
                    return late.error(Condition::ItemNotFound);
                core.log.info("a password was changed", {{"USER", address}});
                late.result();
            });
    });
}

// The account is not in the database any more.
void forget_account(Core &core, LockedDirectory &locked, User &user)
{
    locked.afterwards([&core, address = user.address] {
        core.log.info("an account was removed", {{"USER", address}});
    });
    user.exists = false;
    for (const auto &[contact, item] : std::exchange(user.roster, {}))
        subscriptions::cancel(core, locked, user, *item);
    user.blocklist = {};
    // not-authorized: XEP-0077 §3.2
    const auto sessions = user.sessions; // ending one takes it out of the list
    for (const auto &each : sessions)
        end_session(core, locked, *each, "the account was removed",
                    packet::EndReason{"not-authorized", "The account was removed"});
    user.offline = {};
}

void remove_account(Core &core, const Answer &answer)
{
    Work work = answer.take_work(0);
    if (!work)
        return;
    answer.change({}, [&core, answer, held = std::move(work)](LockedDirectory &later, User &user) mutable {
        answer.change_stored(
            later, user, std::move(held),
            [address = user.address](Storage &storage) { return storage.accounts.remove(address); },
            [&core, answer, &user](LockedDirectory &removed, bool) {
                answer.result(removed);
                forget_account(core, removed, user);
            });
    });
}

} // namespace

void registration(Core &core, const Request &request, const Answer &answer)
{
    if (!request.set)
        return show(request, answer);
    if (xml::child(request.payload, "remove", xmlns) != nullptr)
        return remove_account(core, answer);
    change_password(core, request, answer);
}

} // namespace jabberd::session_manager::iq
