// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/state/locked_directory.h"

#include "base/address.h"
#include "base/view.h"
#include "session_manager/base/jid.h"

#include <algorithm>

namespace jabberd::session_manager {

LockedDirectory::LockedDirectory(Directory &directory) : directory_(directory), lock_(directory.mutex_)
{
}

LockedDirectory::~LockedDirectory()
{
    std::sort(idle_.begin(), idle_.end());
    idle_.erase(std::unique(idle_.begin(), idle_.end()), idle_.end());
    for (const User *user : idle_) {
        if (user->sessions.empty() && !user->busy)
            directory_.users_.erase(
                user->address); // what was written of the user is ahead of a later load() in the storage queue
    }
    lock_.unlock();
    for (MoveOnlyFunction<void()> &task : afterwards_)
        task();
    for (const auto &session : to_deliver_)
        deliver_all(*session);
    for (const OwnedPacket &packet : posted_)
        directory_.outlet_.deliver(packet.packet());
}

Session *LockedDirectory::session(std::string_view id)
{
    const auto found = directory_.sessions_.find(id);
    return found == directory_.sessions_.end() ? nullptr : found->second.get();
}

Session *LockedDirectory::session_of(std::string_view id, std::string_view connection)
{
    Session *found = session(id);
    if (found == nullptr || found->connection != connection)
        return nullptr;
    found->last_active = ++directory_.activity_;
    return found;
}

Session *LockedDirectory::addressed_session(const User &user, const jabberd_packet &packet)
{
    const auto resource = prepare_resource(split_address(text(packet.to)).resource);
    return resource ? session(user.address + '/' + *resource) : nullptr;
}

User *LockedDirectory::user(std::string_view address)
{
    const auto found = directory_.users_.find(address);
    return found == directory_.users_.end() ? nullptr : found->second.get();
}

std::shared_ptr<const Session> LockedDirectory::fast_path_target(const jabberd_packet &message)
{
    const std::string_view to = text(message.to);
    const auto exact = directory_.sessions_.find(to);
    std::shared_ptr<const Session> target;
    if (exact != directory_.sessions_.end()) {
        target = exact->second;
    } else {
        const std::string_view type = text(message.type);
        if (!type.empty() && type != "chat" && type != "normal")
            return nullptr;
        const User *addressee = user(to);
        const Session *best = addressee == nullptr ? nullptr : addressee->best_session();
        if (best == nullptr || addressee->has_equal(*best))
            return nullptr;
        target = best->shared_from_this();
    }
    return target->user->busy || target->delivering ? nullptr : target;
}

void LockedDirectory::with_user(std::string_view address, User::Operation operation)
{
    User *found = user(address);
    if (found != nullptr && !found->busy)
        return operation(*this, *found);
    if (found == nullptr) {
        auto added = std::make_unique<User>(std::string{address});
        found = added.get();
        found->busy = true;
        directory_.users_.emplace(found->address, std::move(added));
        directory_.load(*found);
    }
    found->waiting.push_back(std::move(operation));
    ++directory_.waiting_count_;
}

void LockedDirectory::put_first(User &user, User::Operation operation)
{
    user.waiting.push_front(std::move(operation));
    ++directory_.waiting_count_;
}

void LockedDirectory::keep_busy(User &user)
{
    if (user.busy)
        user.kept = true; // serve() is running the operation
    user.busy = true;
}

Session &LockedDirectory::add_session(User &user, const std::string &resource, const std::string &connection)
{
    auto added = std::make_shared<Session>(user, user.address, resource, connection);
    added->last_active = ++directory_.activity_;
    user.sessions.push_back(added);
    directory_.sessions_.emplace(added->id, added);
    directory_.session_count_ = directory_.sessions_.size();
    return *added;
}

void LockedDirectory::remove_session(Session &session)
{
    User &user = *session.user;
    session.user = nullptr;
    directory_.ended_.add(session.id, session.connection);
    idle_.push_back(&user);
    const auto owner = std::find_if(user.sessions.begin(), user.sessions.end(),
                                    [&](const auto &other) { return other.get() == &session; });
    const std::shared_ptr<Session> last_reference = *owner;
    user.sessions.erase(owner);
    directory_.sessions_.erase(session.id);
    directory_.session_count_ = directory_.sessions_.size();
}

std::vector<std::shared_ptr<Session>> LockedDirectory::all_sessions() const
{
    std::vector<std::shared_ptr<Session>> all;
    for (const auto &[id, session] : directory_.sessions_)
        all.push_back(session);
    return all;
}

void LockedDirectory::give(Session &session, jabberd_packet stanza)
{
    stanza.sto = view(session.connection);
    stanza.sfrom = view(session.address);
    enqueue(session, stanza);
}

void LockedDirectory::give_as_session(Session &session, jabberd_packet packet)
{
    packet.sto = view(session.connection);
    packet.sfrom = view(session.id);
    enqueue(session, packet);
}

void LockedDirectory::enqueue(Session &session, const jabberd_packet &packet)
{
    session.outgoing.emplace_back(packet);
    if (std::exchange(session.delivering, true))
        return;
    to_deliver_.push_back(session.shared_from_this());
}

void LockedDirectory::deliver_all(Session &session)
{
    for (;;) {
        std::vector<OwnedPacket> batch;
        {
            const std::lock_guard lock{directory_.mutex_};
            batch.swap(session.outgoing);
            session.delivering = !batch.empty();
        }
        if (batch.empty())
            return;
        for (const OwnedPacket &packet : batch)
            directory_.outlet_.deliver(packet.packet());
    }
}

} // namespace jabberd::session_manager
