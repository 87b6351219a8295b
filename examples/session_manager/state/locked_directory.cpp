// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/state/locked_directory.h"

#include "base/address.h"
#include "base/view.h"
#include "session_manager/base/jid.h"

#include <algorithm>
#include <exception>
#include <stdexcept>

namespace jabberd::session_manager {

// Without memory that one packet, or task, is lost, and nothing else.
template <typename Leave>
void LockedDirectory::attempt(Leave leave) noexcept
{
    try {
        leave();
    } catch (const std::exception &problem) {
        directory_.on_problem_(problem);
    }
}

LockedDirectory::LockedDirectory(Directory &directory) : directory_(directory), lock_(directory.mutex_)
{
}

LockedDirectory::~LockedDirectory()
{
    std::sort(idle_.begin(), idle_.end());
    idle_.erase(std::unique(idle_.begin(), idle_.end()), idle_.end());
    for (const User *user : idle_) {
        if (user->sessions.empty() && !user->busy && !user->changes)
            directory_.users_.erase(
                user->address); // what was written of the user is ahead of a later load() in the storage queue
    }
    lock_.unlock();
    for (MoveOnlyFunction<void()> &task : afterwards_)
        attempt([&] { task(); });
    for (const auto &session : to_deliver_)
        deliver_all(*session);
    for (const OwnedPacket &packet : posted_)
        attempt([&] { directory_.outlet_.deliver(packet.packet()); });
    for (MoveOnlyFunction<void()> &task : at_last_)
        attempt([&] { task(); });
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
    const User &owner = *target->user;
    const bool has_rules = !owner.blocklist.empty() || owner.copies_beside(*target);
    return owner.busy || owner.changes || has_rules || target->delivering ? nullptr : target;
}

void LockedDirectory::with_user(std::string_view address, const Turn &turn, User::Operation operation)
{
    User *found = user(address);
    if (found != nullptr && !found->busy)
        return operation(*this, *found);
    if (found == nullptr) {
        auto added = std::make_unique<User>(std::string{address});
        found = added.get();
        found->busy = true;
        directory_.users_.emplace(found->address, std::move(added));
        directory_.load(*found, turn);
    } else {
        directory_.storage_.expect(turn, found->address);
    }
    found->waiting.push_back(std::move(operation));
}

void LockedDirectory::put_first(User &user, User::Operation operation)
{
    user.waiting.push_front(std::move(operation));
}

void LockedDirectory::keep_busy(User &user)
{
    if (user.busy)
        user.kept = true; // serve() is running the operation
    user.busy = true;
}

namespace {

std::size_t bytes_of(const Roster &roster, const Blocklist &blocklist)
{
    return roster.own().bytes + roster.requests().bytes + blocklist.bytes();
}

std::size_t bytes_of(const User &user)
{
    return bytes_of(user.roster, user.blocklist);
}

} // namespace

Share &LockedDirectory::memory_of(User &user)
{
    if (!user.memory)
        user.memory = std::make_unique<Share>(directory_.of_a_roster_, &directory_.rosters_);
    return *user.memory;
}

bool LockedDirectory::keep(User &user, Roster roster, Blocklist blocklist)
{
    const std::size_t bytes = bytes_of(roster, blocklist);
    if (bytes != 0 && !memory_of(user).take(bytes))
        return false;
    user.roster = std::move(roster);
    user.blocklist = std::move(blocklist);
    return true;
}

void LockedDirectory::keep(User &user, const RosterItem &item)
{
    const std::size_t before = bytes_of(user);
    user.roster.put(item);
    count_memory(user, before);
}

void LockedDirectory::keep(User &user, Blocklist blocklist)
{
    const std::size_t before = bytes_of(user);
    user.blocklist = std::move(blocklist);
    count_memory(user, before);
}

void LockedDirectory::count_memory(User &user, std::size_t before)
{
    const std::size_t now = bytes_of(user);
    if (now > before)
        memory_of(user).hold(now - before); // there was room for it when it was stored
    else if (now < before)
        memory_of(user).give_back(before - now);
    if (now == 0)
        user.memory.reset();
}

bool LockedDirectory::may_grow(User &user, std::size_t bytes)
{
    Share &memory = memory_of(user);
    if (!memory.take(bytes))
        return false;
    memory.give_back(bytes);
    return true;
}

void LockedDirectory::change(User &user, std::string contact, User::Operation operation)
{
    const bool is_first = user.changes == nullptr;
    if (is_first)
        user.changes = std::make_unique<User::Changes>();
    user.changes->waiting.push_back({std::move(contact), std::move(operation)});
    if (is_first)
        run_changes(user);
}

void LockedDirectory::changed(User &user) noexcept
{
    user.changes->kept = false;
    run_changes(user);
}

void LockedDirectory::tell(const std::exception &problem)
{
    afterwards_.emplace_back([this, what = std::runtime_error{problem.what()}] { directory_.on_problem_(what); });
}

void LockedDirectory::run_changes(User &user)
{
    while (!user.changes->waiting.empty()) {
        User::Changes::Change next = std::move(user.changes->waiting.front());
        user.changes->waiting.pop_front();
        user.changes->contact = std::move(next.contact);
        try {
            next.operation(*this, user);
        } catch (const std::exception &problem) { // no memory: those behind it must not wait for ever
            user.changes->kept = false;
            tell(problem);
        }
        if (user.changes->kept)
            return;
    }
    user.changes.reset();
    idle_.push_back(&user);
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
    enqueue(session, {OwnedPacket{stanza}});
}

void LockedDirectory::give(Session &session, jabberd_packet stanza, Outgoing::Body body)
{
    stanza.sto = view(session.connection);
    stanza.sfrom = view(session.address);
    enqueue(session, {OwnedPacket{stanza}, std::move(body)});
}

void LockedDirectory::give_as_session(Session &session, jabberd_packet packet)
{
    packet.sto = view(session.connection);
    packet.sfrom = view(session.id);
    enqueue(session, {OwnedPacket{packet}});
}

void LockedDirectory::enqueue(Session &session, Outgoing outgoing)
{
    session.outgoing.push_back(std::move(outgoing));
    if (session.delivering)
        return;
    to_deliver_.push_back(session.shared_from_this());
    session.delivering = true;
}

void LockedDirectory::deliver_all(Session &session)
{
    for (;;) {
        std::vector<Outgoing> batch;
        {
            const std::lock_guard lock{directory_.mutex_};
            batch.swap(session.outgoing);
            session.delivering = !batch.empty();
        }
        if (batch.empty())
            return;
        for (Outgoing &outgoing : batch)
            attempt([&] { deliver(outgoing); });
    }
}

void LockedDirectory::deliver(Outgoing &outgoing)
{
    if (!outgoing.body)
        return directory_.outlet_.deliver(outgoing.packet.packet());
    std::string body;
    (*outgoing.body)(body);
    jabberd_packet packet = outgoing.packet.packet();
    packet.body = view(body);
    directory_.outlet_.deliver(packet);
}

} // namespace jabberd::session_manager
