// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/messages/offline.h"

#include "base/address.h"
#include "base/view.h"
#include "session_manager/base/delay.h"
#include "session_manager/messages/keeping.h"
#include "xml/document.h"

#include <ctime>
#include <exception>
#include <optional>

namespace jabberd::session_manager::offline {

namespace {

std::optional<std::string> optional_text(jabberd_view v)
{
    return present(v) ? std::optional<std::string>{text(v)} : std::nullopt;
}

// Attributes beyond these fields are not kept: XMPP defines none for messages.
OfflineMessage fields_of(const jabberd_packet &packet)
{
    return {0,
            optional_text(packet.from),
            optional_text(packet.to),
            optional_text(packet.id),
            optional_text(packet.type),
            optional_text(packet.lang),
            std::string{text(packet.body)}};
}

Keeping stamp(OfflineMessage &message, std::string_view host, std::time_t now)
{
    const auto document = xml::parse_body(message.body);
    const xmlNode *packet = document ? xmlDocGetRootElement(document.get()) : nullptr;
    const Keeping keeping = keeping_of(packet);
    if (keeping == Keeping::Store &&
        !has_delay(packet, host)) // it may have been stored before, and come back unwritten
        append_delay(message.body, host, now);
    return keeping;
}

// One message, to the session that takes messages now. False: there is none.
bool deliver(Core &core, const std::string &address, const OfflineMessage &message)
{
    LockedDirectory locked{core.directory};
    const User *user = locked.user(address);
    Session *best = user->best_session(); // a busy user stays in memory
    if (best == nullptr)
        return false;
    locked.give(*best, message.packet());
    return true;
}

void deliver_all(Core &core, User &user, Storage &storage)
{
    const auto messages = storage.offline.load(user.address);
    std::size_t delivered = 0;
    while (delivered < messages.size() && deliver(core, user.address, messages[delivered]))
        ++delivered;
    if (delivered > 0)
        storage.offline.remove_through(
            user.address, messages[delivered - 1].number); // only now: a crash before repeats messages, none is lost
    Backlog left;
    for (std::size_t i = delivered; i < messages.size(); ++i)
        left.add(messages[i].bytes());
    const LockedDirectory locked{core.directory};
    user.offline = left; // exact: no message is added while the user is busy
}

// A message that was counted did not get into the database.
void uncount(LockedDirectory &locked, const std::string &address, std::size_t bytes)
{
    if (User *user = locked.user(address))
        user->offline.remove(bytes);
}

// The sender learns it, as far as that is allowed.
void fail(Core &core, const std::string &address, std::size_t bytes, const OfflineMessage &message, Condition condition)
{
    LockedDirectory locked{core.directory};
    uncount(locked, address, bytes);
    core.refuse(locked, message.packet(), condition);
}

} // namespace

void store(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &message)
{
    OfflineMessage fields = fields_of(message);
    const std::size_t bytes = fields.bytes();
    const auto options = core.settings.current();
    if (user.offline.messages >= options->offline_max || user.offline.bytes + bytes > options->offline_bytes)
        return core.refuse(locked, message, Condition::ServiceUnavailable);
    user.offline.add(bytes);
    core.storage.post([&core, address = user.address, waiting = std::move(fields), bytes,
                       now = std::time(nullptr)](Storage &storage) mutable {
        const std::size_t unstamped = waiting.body.size();
        try {
            switch (stamp(waiting, split_address(address).host, now)) {
            case Keeping::Store: return storage.offline.add(address, waiting);
            case Keeping::Refuse: return fail(core, address, bytes, waiting, Condition::ServiceUnavailable);
            case Keeping::Drop: break;
            }
        } catch (const StorageError &) {
            waiting.body.resize(unstamped); // an error quotes what was sent
            fail(core, address, bytes, waiting, Condition::InternalServerError);
            throw; // to be logged
        }
        LockedDirectory later{core.directory};
        uncount(later, address, bytes);
    });
}

void deliver_stored(Core &core, LockedDirectory &locked, User &user)
{
    if (user.offline.empty() || user.best_session() == nullptr)
        return;
    locked.keep_busy(user);
    core.storage.post([&core, &user](Storage &storage) {
        std::exception_ptr problem;
        try {
            deliver_all(core, user, storage);
        } catch (const StorageError &) {
            problem = std::current_exception();
            const LockedDirectory failed{core.directory};
            user.offline =
                {}; // they stay in the database until the user is loaded again; newer messages must not wait for them
        }
        core.directory.serve(user);
        if (problem)
            std::rethrow_exception(problem);
    });
}

} // namespace jabberd::session_manager::offline
