// SPDX-License-Identifier: LGPL-2.1-or-later
// What the session manager measures (include/jabberd/metrics.h). examples/operations/README.md is its table.
#include "session_manager/component.h"

#include <chrono>

namespace jabberd::session_manager {

namespace {

constexpr std::chrono::milliseconds scrape_patience{20}; // the numbers may be those of the scrape before

} // namespace

void Component::metrics(MetricWriter &writer)
{
    writer.gauge("session_manager_sessions", "Sessions.", core_.directory.sessions());
    writer.gauge("session_manager_logins_in_progress", "SASL exchanges that go on.", core_.logins.pieces());
    writer.counter("session_manager_logins", "Logins, by the way they came and how they ended.");
    core_.login_counts.for_each([&](std::string_view way, std::string_view result, std::uint64_t count) {
        writer.sample(count, {{"profile", way}, {"result", result}});
    });
    writer.gauge("session_manager_work_waiting", "Requests that wait for the database or a password check.",
                 core_.work.pieces());
    writer.gauge("session_manager_work_waiting_bytes", "What they carry.", core_.work.bytes());
    writer.counter("session_manager_work_refused", "Requests that were refused, by the share that had enough waiting.");
    for (const auto &[name, count] : core_.work.refusals())
        writer.sample(count, {{"share", name}});
    for (const auto &[name, count] : core_.logins.refusals()) {
        if (name.find("bytes") == name.npos) // which are not limited
            writer.sample(count, {{"share", "logins, " + name}});
    }
    writer.counter("session_manager_full", "What an account, or all together, had no room for.");
    writer.sample(core_.rosters_refused.load(), {{"what", "roster"}});
    writer.sample(core_.directory.roster_quota().refused.load(), {{"what", "rosters-of-all"}});
    writer.sample(core_.blocks_refused.load(), {{"what", "blocklist"}});
    writer.sample(core_.documents_refused.load(), {{"what", "documents"}});
    writer.gauge("session_manager_roster_bytes", "Rosters and blocklists in memory.", core_.directory.roster_bytes());
    writer.gauge("session_manager_hashing_queue", "Password checks that no thread works at yet.",
                 core_.hashing.waiting());
    writer.gauge("session_manager_storage_queue", "Jobs that wait for the database.", core_.storage.waiting());
    const StorageThread::Figures &figures = core_.storage.figures();
    writer.counter("session_manager_storage_jobs", "Jobs of the database, by how they ended.");
    writer.sample(figures.done.get(), {{"result", "done"}});
    writer.sample(figures.failed.get(), {{"result", "failed"}});
    writer.histogram("session_manager_storage_seconds", "How long a transaction takes, with all jobs in it.");
    writer.sample(figures.time);
    if (const auto counted = core_.stored.ask(core_.storage, scrape_patience)) {
        writer.gauge("session_manager_accounts", "Accounts.", static_cast<std::uint64_t>(counted->accounts));
        writer.gauge("session_manager_offline_messages", "Messages that wait for a login.",
                     static_cast<std::uint64_t>(counted->offline_messages));
    }
}

} // namespace jabberd::session_manager
