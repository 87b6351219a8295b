// SPDX-License-Identifier: LGPL-2.1-or-later
// jabber:iq:register (XEP-0077) in a session: a new password, or the end of the account.
#include "session_manager/iq/request.h"

#include "base/address.h"
#include "base/secret.h"
#include "base/view.h"
#include "session_manager/accounts/naming.h"
#include "session_manager/accounts/registration_form.h"
#include "session_manager/presence/account_end.h"
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

void remove_own_account(Core &core, const Answer &answer)
{
    Work work = answer.take_work(0);
    if (!work)
        return;
    answer.change({}, [&core, answer, held = std::move(work)](LockedDirectory &later, User &user) mutable {
        remove_account(core, later, user, std::move(held),
                       [answer](LockedDirectory &removed, const AccountChange &change) {
                           if (change.failure)
                               return answer.error(removed, condition_of(*change.failure));
                           answer.result(removed); // before the session ends
                       });
    });
}

} // namespace

void registration(Core &core, const Request &request, const Answer &answer)
{
    if (!request.set)
        return show(request, answer);
    if (xml::child(request.payload, "remove", xmlns) != nullptr)
        return remove_own_account(core, answer);
    change_password(core, request, answer);
}

} // namespace jabberd::session_manager::iq
