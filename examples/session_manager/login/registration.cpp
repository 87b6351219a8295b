// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/registration.h"

#include "base/address.h"
#include "session_manager/accounts/naming.h"
#include "session_manager/messages/delay.h"
#include "xml/document.h"

#include <ctime>

namespace jabberd::sessions {

namespace {

constexpr std::string_view xmlns = "jabber:iq:register";

std::string child_text(const xmlNode *query, const char *name)
{
    const xmlNode *field = xml::child(query, name, xmlns);
    return field == nullptr ? std::string{} : xml::content(field);
}

void welcome(Storage &storage, const std::string &address, const std::string &body)
{
    if (body.empty())
        return;
    OfflineMessage message;
    message.sender = std::string{split_address(address).host};
    message.recipient = address;
    message.body = body;
    append_delay(message.body, *message.sender, std::time(nullptr));
    storage.offline.add(address, message);
}

// On the storage thread.
void store_account(Core &core, Storage &storage, const Caller &caller, const std::string &address,
                   const Credentials &credentials)
{
    try {
        if (!storage.accounts.create(address, credentials))
            return caller.error(Condition::Conflict);
        welcome(storage, address, core.settings.current()->welcome);
    } catch (const StorageError &) {
        caller.error(Condition::InternalServerError);
        throw; // to be logged
    }
    core.log.info("an account was registered", {{"USER", address}, {"CONNECTION", caller.connection()}});
    caller.result();
}

} // namespace

void ask_registration_fields(Core &core, const Caller &caller)
{
    if (!core.settings.current()->registration)
        return caller.error(Condition::NotAllowed);
    caller.result("<query xmlns='jabber:iq:register'><instructions>Choose a username and a "
                  "password.</instructions><username/><password/></query>");
}

void create_account(Core &core, const Caller &caller, const xmlNode *query, const std::string &host)
{
    if (!core.settings.current()->registration)
        return caller.error(Condition::NotAllowed);
    const auto user = new_account_name(child_text(query, "username"));
    const auto password = new_password(child_text(query, "password"));
    if (!user || !password)
        return caller.error(Condition::NotAcceptable);
    core.hashing.post([&core, caller, address = *user + '@' + host, password = *password] {
        const auto options = core.settings.current();
        core.storage.post(
            [&core, caller, address, credentials = make_credentials(password, options->iterations, options->digest)](
                Storage &storage) { store_account(core, storage, caller, address, credentials); });
    });
}

} // namespace jabberd::sessions
