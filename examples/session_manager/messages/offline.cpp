// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/messages/offline.h"

#include "base/address.h"
#include "base/view.h"
#include "session_manager/base/delay.h"
#include "session_manager/messages/keeping.h"
#include "xml/document.h"

#include <ctime>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

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

// What others wait for is over: `left` is stored still.
void end_delivery(Core &core, User &user, const Backlog &left)
{
    {
        const LockedDirectory locked{core.directory};
        user.offline = left; // exact: no message is added while the user is busy
    }
    core.directory.serve(user);
}

void deliver_all(Core &core, User &user, Work work, const std::vector<OfflineMessage> &messages)
{
    std::size_t delivered = 0;
    while (delivered < messages.size() && deliver(core, user.address, messages[delivered]))
        ++delivered;
    Backlog left;
    for (std::size_t i = delivered; i < messages.size(); ++i)
        left.add(messages[i].bytes());
    if (delivered == 0)
        return end_delivery(core, user, left);
    // Only now: a crash before repeats messages, none is lost.
    core.storage.post(
        {std::move(work), user.address, StorageUse::Kind::Changes},
        [address = user.address, last = messages[delivered - 1].number](Storage &storage) {
            storage.offline.remove_through(address, last);
            return true;
        },
        [&core, &user, left](bool) { end_delivery(core, user, left); },
        [&core, &user, left](StorageFailure) { end_delivery(core, user, left); });
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

// What is done on the storage thread with a message that is to be stored, or not.
class Storing {
public:
    explicit Storing(OfflineMessage sent) : message(std::move(sent)) {}

    Keeping run(Storage &storage, const std::string &address)
    {
        if (!keeping_) {
            unstamped_ = message.body.size();
            keeping_ = stamp(message, split_address(address).host, now_);
        }
        if (*keeping_ == Keeping::Store)
            storage.offline.add(address, message);
        return *keeping_;
    }
    // An error quotes what was sent.
    const OfflineMessage &as_sent()
    {
        if (keeping_)
            message.body.resize(unstamped_);
        return message;
    }

    OfflineMessage message;

private:
    const std::time_t now_ = std::time(nullptr);
    std::optional<Keeping> keeping_ = std::nullopt;
    std::size_t unstamped_ = 0;
};

} // namespace

namespace {

// Whether the sender sees the user's presence. For anybody else it must look as if somebody had taken the message, or
// as if there were no such account.
bool may_know(const User &user, const jabberd_packet &message)
{
    const std::string_view sender = bare_address(text(message.from));
    const RosterItem *item = user.roster.find(sender);
    return sender == user.address || (item != nullptr && item->from);
}

} // namespace

void store(Core &core, LockedDirectory &locked, User &user, const jabberd_packet &message, Admission admission)
{
    const auto storing = std::make_shared<Storing>(fields_of(message));
    const std::size_t bytes = storing->message.bytes();
    const auto options = core.settings.current();
    if (user.offline.messages >= options->offline_max || user.offline.bytes + bytes > options->offline_bytes)
        return core.refuse(locked, message, Condition::ServiceUnavailable);
    const Causer causer = core.causer_of(text(message.from));
    Work work = admission == Admission::Owed ? core.work.hold(causer, bytes) : core.take_work(locked, causer, bytes);
    if (!work)
        return core.refuse(locked, message, Condition::ResourceConstraint);
    user.offline.add(bytes);
    core.storage.post(
        {std::move(work), user.address, StorageUse::Kind::Changes},
        [storing, address = user.address](Storage &storage) { return storing->run(storage, address); },
        [&core, storing, address = user.address, bytes, is_told = may_know(user, message)](Keeping keeping) {
            if (keeping == Keeping::Store)
                return;
            if (keeping == Keeping::Refuse && is_told)
                return fail(core, address, bytes, storing->as_sent(), Condition::ServiceUnavailable);
            LockedDirectory later{core.directory};
            uncount(later, address, bytes);
        },
        [&core, storing, address = user.address, bytes](StorageFailure why) {
            fail(core, address, bytes, storing->as_sent(), condition_of(why));
        });
}

void deliver_stored(Core &core, LockedDirectory &locked, User &user)
{
    const Session *best = user.best_session();
    if (user.offline.empty() || best == nullptr)
        return;
    locked.keep_busy(user);
    const Causer causer{Causer::Kind::Account, user.address, best->id};
    Work work = core.work.hold(causer, user.offline.bytes), reading = Work::of_nobody(work.turn());
    core.storage.post(
        {std::move(reading), user.address},
        [address = user.address](Storage &storage) { return storage.offline.load(address); },
        [&core, &user, held = std::move(work)](const std::vector<OfflineMessage> &messages) mutable {
            try {
                deliver_all(core, user, std::move(held), messages);
            } catch (const std::exception &problem) { // no memory: nobody must wait for ever
                core.failed(problem);
                end_delivery(core, user, {});
            }
        },
        // They stay in the database until the user is loaded again; newer messages must not wait for them.
        [&core, &user](StorageFailure) { end_delivery(core, user, {}); });
}

} // namespace jabberd::session_manager::offline
