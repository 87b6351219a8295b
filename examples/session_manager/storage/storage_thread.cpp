// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/storage_thread.h"

#include <chrono>
#include <exception>
#include <new>

namespace jabberd::session_manager {

namespace {

// What is committed together: for as long as nobody notices, and not so much that all of it is done again one by one.
constexpr std::size_t most_together = 256;
constexpr std::chrono::milliseconds longest_together{10};

// For a lock of another process, which an operator's sqlite3 shell may hold for a moment. When it was not enough, the
// lock is one of minutes: reading must not wait that long each time.
constexpr int patience_ms = 1000, little_patience_ms = 20;

using namespace std::chrono_literals;
constexpr DurationHistogram::Bound time_bounds[] = {100us, 500us, 1ms,   2500us, 5ms, 10ms,
                                                    25ms,  50ms,  100ms, 500ms,  1s,  5s};

// Of the exception that is being handled.
StorageError failure()
{
    try {
        throw;
    } catch (const StorageError &error) {
        return error;
    } catch (const std::bad_alloc &) {
        return StorageError{"out of memory", StorageFailure::Memory};
    } catch (const std::exception &error) {
        return StorageError{error.what()};
    }
}

} // namespace

StorageThread::StorageThread(const std::string &path, const Log &log, std::function<void()> after_some)
    : log_(log)
    , storage_(path)
    , figures_{DurationHistogram{time_bounds}, {}, {}}
    , thread_("sm-storage", std::move(after_some),
              [this](const std::exception &problem) { log_failure(problem.what()); })
{
}

void StorageThread::post(std::unique_ptr<StorageJob> job)
{
    const Turn turn = job->use().work.turn();
    const std::string owner = job->use().owner;
    push(turn, {std::move(job), owner});
}

void StorageThread::expect(const Turn &turn, const std::string &owner)
{
    push(turn, {nullptr, owner});
}

void StorageThread::push(const Turn &turn, Ticket ticket)
{
    {
        const std::lock_guard lock{mutex_};
        if (!ticket.owner.empty() && ticket.job != nullptr)
            of_owners_[ticket.owner].push_back(std::move(ticket.job));
        tickets_.push(turn, std::move(ticket));
        if (std::exchange(scheduled_, true))
            return;
    }
    thread_.post({}, [this] { work(); });
}

StorageThread::JobPtr StorageThread::next()
{
    const std::lock_guard lock{mutex_};
    while (!tickets_.empty()) {
        Ticket ticket = tickets_.pop();
        if (ticket.job != nullptr)
            return std::move(ticket.job);
        const auto found = of_owners_.find(ticket.owner);
        if (found == of_owners_.end())
            continue; // done in another turn
        JobPtr job = std::move(found->second.front());
        found->second.pop_front();
        if (found->second.empty())
            of_owners_.erase(found);
        return job;
    }
    return nullptr;
}

std::size_t StorageThread::waiting()
{
    const std::lock_guard lock{mutex_};
    return tickets_.size();
}

void StorageThread::work()
{
    run_some();
    {
        const std::lock_guard lock{mutex_};
        if (tickets_.empty()) {
            scheduled_ = false;
            return;
        }
    }
    thread_.post({}, [this] { work(); });
}

void StorageThread::run_some()
{
    std::vector<Attempt> attempts;
    Transaction transaction{statements_};
    JobPtr alone;
    const auto begin = std::chrono::steady_clock::now();
    for (const auto end = begin + longest_together;
         attempts.size() < most_together && !transaction.is_lost() && std::chrono::steady_clock::now() < end;) {
        JobPtr job = next();
        if (job == nullptr)
            break;
        if (job->use().kind == StorageUse::Kind::Alone) {
            alone = std::move(job);
            break;
        }
        attempts.push_back({std::move(job), std::nullopt});
        run(attempts.back(), transaction);
    }
    settle(attempts, transaction);
    if (!attempts.empty())
        figures_.time.add(std::chrono::steady_clock::now() - begin);
    if (alone == nullptr)
        return;
    Attempt last{std::move(alone), std::nullopt};
    run_alone(last);
    tell(last);
}

void StorageThread::run(Attempt &attempt, Transaction &transaction)
{
    const bool changes = attempt.job->use().kind == StorageUse::Kind::Changes;
    bool begun = false;
    try {
        if (changes) {
            sqlite3_busy_timeout(storage_.database.handle(), locked_ ? little_patience_ms : patience_ms);
            transaction.begin_change();
            begun = true;
            locked_ = false;
        }
        attempt.job->run(storage_);
        if (changes)
            transaction.keep_change();
        return;
    } catch (...) {
        attempt.failure = failure();
    }
    if (begun)
        transaction.undo_change();
    else if (changes && attempt.failure->why() == StorageFailure::Locked)
        locked_ = true;
}

void StorageThread::settle(std::vector<Attempt> &attempts, Transaction &transaction)
{
    try {
        if (!transaction.is_lost())
            transaction.commit();
    } catch (const StorageError &error) {
        if (attempts.size() == 1)
            attempts.front().failure = error;
    }
    if (transaction.is_lost())
        transaction.roll_back(); // a COMMIT that fails may leave it open
    if (transaction.is_lost() && attempts.size() > 1) {
        for (Attempt &attempt : attempts) {
            attempt.failure.reset();
            run_alone(attempt);
            tell(attempt);
        }
        return;
    }
    for (Attempt &attempt : attempts)
        tell(attempt);
}

void StorageThread::run_alone(Attempt &attempt)
{
    Transaction transaction{statements_};
    run(attempt, transaction);
    if (attempt.failure)
        return;
    try {
        transaction.commit();
    } catch (const StorageError &error) {
        attempt.failure = error;
    }
}

void StorageThread::tell(Attempt &attempt)
{
    attempt.job->give_work_back();
    (attempt.failure ? figures_.failed : figures_.done).add(1);
    try {
        if (!attempt.failure)
            return attempt.job->done();
        log_failure(attempt.failure->what());
        attempt.job->failed(attempt.failure->why());
    } catch (const std::exception &error) {
        log_.error("the session manager failed", {{"REASON", error.what()}});
    }
}

void StorageThread::log_failure(std::string_view reason)
{
    if (const auto times = logging_.due())
        log_.error("the database failed", {{"REASON", reason}, {"TIMES", std::to_string(*times)}});
}

} // namespace jabberd::session_manager
