// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/swap/successor.h"

#include "host/routing/service.h"
#include "host/swap/snapshot_copy.h"
#include "host/swap/succession.h"

#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace jabberd::host {

struct Successor::State {
    State(Service &service, const jabberd_component &component, const jabberd_config &its_element)
        : element(its_element), instance(std::make_unique<Instance>(service, component))
    {
    }

    const jabberd_config &element;
    Mistakes mistakes;
    std::optional<SnapshotCopy> snapshot; // before the instance, which may look at it until it is destroyed
    std::unique_ptr<Instance> instance;

    std::mutex mutex;
    std::condition_variable answered;
    std::optional<bool> answer;
};

namespace {

// Those that were given up, for good.
struct Late {
    std::mutex mutex;
    std::list<std::shared_ptr<void>> all;
};

Late &late()
{
    static Late &those = *new Late;
    return those;
}

} // namespace

bool any_successor_is_late()
{
    const std::lock_guard lock{late().mutex};
    return !late().all.empty();
}

Successor::Successor(Service &service, const jabberd_component &component, const jabberd_config &element)
    : state_(std::make_shared<State>(service, component, element))
{
    state_->instance->open_claim();
}

Successor::~Successor() = default;

Successor::Answer Successor::run(bool (*what)(State &), std::chrono::milliseconds limit, bool may_be_left)
{
    const auto end = std::chrono::steady_clock::now() + limit;
    state_->answer.reset();
    const auto answer = [what](State &state) {
        const bool good = what(state);
        const std::lock_guard lock{state.mutex};
        state.answer = good;
        state.answered.notify_one();
    };
    std::thread thread;
    try {
        thread = std::thread{[answer, state = state_] { answer(*state); }};
    } catch (const std::system_error &) {
        answer(*state_); // as well as it can be had
    }
    std::unique_lock lock{state_->mutex};
    const auto has_answered = [this] { return state_->answer.has_value(); };
    if (!state_->answered.wait_until(lock, end, has_answered)) {
        is_late_ = (may_be_left || state_->instance->knows_claims()) && state_->instance->abandon();
        if (!is_late_)
            state_->answered.wait(lock, has_answered);
    }
    lock.unlock();
    if (!is_late_) {
        if (thread.joinable())
            thread.join(); // what it has of its own may be the component's, whose code may go next
        return *state_->answer ? Answer::Yes : Answer::No;
    }
    thread.detach();
    const std::lock_guard those{late().mutex};
    late().all.push_back(state_);
    return Answer::Late;
}

Successor::Answer Successor::create(std::chrono::milliseconds limit, Mistakes &mistakes)
{
    state_->instance->note_what_it_logs();
    const Answer answer = run(
        [](State &state) {
            const bool created = state.instance->create_successor(state.element, state.mistakes);
            if (created)
                state.instance->look_at_extensions();
            return created;
        },
        limit);
    if (answer != Answer::Late) {
        for (const Mistake &mistake : state_->mistakes.all())
            mistakes.add(mistake);
    }
    return answer;
}

Successor::Answer Successor::thaw(const jabberd_snapshot &snapshot, std::chrono::milliseconds limit)
{
    state_->snapshot.emplace(snapshot);
    return run(
        [](State &state) {
            Instance &instance = *state.instance;
            if (handover_of(instance)->thaw(instance.get(), &state.snapshot->abi()))
                return true;
            instance.give_claim_back();
            instance.destroy(); // what it made in vain is gone before the old one runs again
            return false;
        },
        limit, snapshot.token_count == 0);
}

Successor::Answer Successor::destroy(std::chrono::milliseconds limit)
{
    if (is_late_)
        return Answer::Late;
    return run(
        [](State &state) {
            state.instance->destroy();
            return true;
        },
        limit);
}

const Instance &Successor::instance() const
{
    return *state_->instance;
}

std::vector<std::string> Successor::take_notes()
{
    return state_->instance->take_notes();
}

std::unique_ptr<Instance> Successor::take()
{
    return std::move(state_->instance);
}

} // namespace jabberd::host
