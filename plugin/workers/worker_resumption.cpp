// SPDX-License-Identifier: LGPL-2.1-or-later
// A client comes back for its session (XEP-0198 §5), which may live on another event loop:
//
//   the client's worker              the session's worker
//   resume() ──── Claim ───────────▶ claimed(): is it there, and this client's? Its time stops.
//   answered() ◀─ ResumptionAnswer ─┘
//     └── its socket and stream ───▶ joined(): a connection is made of both, under the session's address
//
// Each step is a task, for a connection is in the middle of its client's bytes when it asks.
#include "workers/worker.h"

#include "base/address.h"

#include <new>
#include <utility>

namespace jabberd::workers {

using connection::ResumptionAnswer;
using connection::ResumptionId;

struct Worker::Claim {
    unsigned of; // the client's worker
    SlotId client;
    Place session;
    ResumptionId id;
    std::string user, host; // that the client is logged in as, and at
    std::uint32_t h;        // stanzas that it has
};

Worker &Worker::peer(unsigned number)
{
    return static_cast<Worker &>(*shared().owners[number]); // all are workers
}

std::string Worker::detach(Connection &connection, std::unique_ptr<Detached> session)
{
    const SlotId id = connection.id();
    if (retired_.capacity() <= connections_.size() + 1)
        retired_.reserve(2 * connections_.size() + 2);
    const SlotId other = connections_.insert(connection);
    std::string address;
    try {
        address = address_of({number_, other}, count_, options().host, around_.shared.epoch);
        session->id = id;
        detached_.insert(std::move(session)); // nothing follows that can fail
    } catch (const std::bad_alloc &) {
        connections_.erase(other);
        throw;
    }
    connections_.leave(id);
    connection.move_to(other);
    detached_.find(id)->wake();
    return address;
}

void Worker::retire(Detached &session)
{
    connections_.free(session.id);
    detached_.retire(session);
}

void Worker::resume(Connection &connection, const ResumptionId &id, std::uint32_t h)
{
    const Place place = place_of({id.id, {}, id.number, {}}, count_);
    const auto claim = std::make_shared<const Claim>(
        Claim{number_, connection.id(), place, id, connection.user(), connection.session_host(), h});
    Worker &other = peer(place.worker);
    other.post([&other, claim] { other.claimed(*claim); });
}

void Worker::claimed(const Claim &claim)
{
    const ResumptionAnswer answer = judge(claim);
    Worker &other = peer(claim.of);
    other.post([&other, claim, answer] { other.answered(claim, answer); });
}

ResumptionAnswer Worker::judge(const Claim &claim)
{
    const auto is_for = [&](const auto *session) {
        return session != nullptr && session->is_for(claim.id.key, claim.user, claim.host);
    };
    if (Connection *connection = connections_.find(claim.session.slot); is_for(connection))
        connection->leave_session();
    Detached *session = detached_.find(claim.session.slot);
    if (!is_for(session))
        return {.handled = detached_.handled(claim.session.slot, claim.id.key)};
    if (!session->management().may_acknowledge(claim.h))
        return {.kind = ResumptionAnswer::Kind::TooHigh,
                .acknowledged = claim.h,
                .sent = session->management().sent_count()};
    session->claim();
    return {.kind = ResumptionAnswer::Kind::Granted};
}

void Worker::answered(const Claim &claim, const ResumptionAnswer &answer)
{
    Connection *client = connections_.find(claim.client);
    const bool granted = answer.kind == ResumptionAnswer::Kind::Granted;
    if (client != nullptr && !granted)
        return client->answer_resume(answer);
    if (!granted)
        return;
    Worker &other = peer(claim.session.worker);
    if (client == nullptr || !client->resuming())
        return other.post([&other, claim] { other.unclaimed(claim); });
    const auto socket = std::make_shared<connection::Socket>();
    const auto login = std::make_shared<std::optional<OwnedPacket>>();
    const auto state = std::make_shared<handover::ConnectionState>(client->give_up_client(*socket, *login));
    other.post([&other, claim, state, socket, login] { other.joined(claim, *state, *socket, *login); });
}

void Worker::unclaimed(const Claim &claim)
{
    if (Detached *session = detached_.find(claim.session.slot))
        session->unclaim();
}

// Where the session has ended meanwhile its client is lost with it, and comes again.
void Worker::joined(const Claim &claim, const handover::ConnectionState &client, connection::Socket &socket,
                    const std::optional<OwnedPacket> &login)
{
    const SlotId id = claim.session.slot;
    Detached *session = detached_.find(id);
    if (session == nullptr)
        return;
    std::unique_ptr<Connection> connection;
    try {
        connection = std::make_unique<Connection>(around_, session->join(client), &socket);
    } catch (const std::exception &problem) { // out of memory
        around_.shared.host.log(JABBERD_LOG_ERROR, std::string{"a session cannot be resumed: "} + problem.what(),
                                {{"CONNECTION", address_of({number_, id}, count_, options().host, shared().epoch)}});
        return session->unclaim();
    }
    detached_.take(id);
    connections_.restore(id, *connection);
    Connection &opened = *connection.release(); // the slot owns it now
    if (!opened.take_over(id))
        return opened.lost("out of epoll watches");
    opened.resumed(to_string(claim.id), claim.h, login);
}

} // namespace jabberd::workers
