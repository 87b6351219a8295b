// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/swap/succession.h"

#include "host/log/log.h"
#include "host/routing/service.h"
#include "host/swap/successor.h"

#include <utility>

namespace jabberd::host {

namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned deadline_ms = static_cast<unsigned>(freeze_deadline.count());

SwapOutcome failure(SwapStep step, std::string why, std::vector<std::string> notes)
{
    return {step, std::move(why), std::move(notes), {}};
}

SwapOutcome failure(SwapStep step, Successor &next, Successor::Answer answer, std::string why,
                    std::chrono::milliseconds limit)
{
    const bool is_late = answer == Successor::Answer::Late;
    if (is_late)
        why = "the new component did not return within " + std::to_string(limit.count()) +
              " ms; its thread and its code stay in this process until a restart";
    SwapOutcome outcome = failure(step, std::move(why), next.take_notes());
    outcome.is_late = is_late;
    return outcome;
}

// While the service is paused. Afterwards it has an instance that runs, unless the outcome is_stopped(); `old` is then
// the one that is to be destroyed, if it was replaced. That waits for the end of the pause: freeing what thousands of
// connections took is a fifth of it.
SwapOutcome hand_over(Service &service, Successor &next, std::unique_ptr<Instance> &old)
{
    Instance &current = service.current();
    const jabberd_handover &from = *handover_of(current);
    current.note_what_it_logs();
    const jabberd_snapshot *snapshot = from.freeze(current.get(), deadline_ms);
    if (snapshot == nullptr)
        return failure(SwapStep::Freeze,
                       "the old component could not stop within " + std::to_string(deadline_ms) + " ms",
                       current.take_notes());
    if (const auto answer = next.thaw(*snapshot, freeze_deadline); answer != Successor::Answer::Yes) {
        SwapOutcome outcome =
            failure(SwapStep::Thaw, next, answer, "the new component could not take over", freeze_deadline);
        if (!from.thaw(current.get(), snapshot))
            log::write(JABBERD_LOG_ERROR, service.id(), "did not take back its own snapshot; restart the host");
        return outcome;
    }
    from.commit(current.get());
    old = service.succeed(next.take());
    if (!service.current().start())
        return failure(SwapStep::Start, "the new component could not be started", service.current().take_notes());
    service.forget_congestion();
    return {};
}

SwapOutcome exchange_paused(Service &service, Successor &next, Clock::time_point begin)
{
    std::unique_ptr<Instance> old;
    SwapOutcome outcome = hand_over(service, next, old);
    if (outcome.reached == SwapStep::Freeze) // before the old one runs again
        outcome.is_late = next.destroy(freeze_deadline) == Successor::Answer::Late;
    if (outcome.is_stopped())
        old->destroy(); // before packets go back
    outcome.pause = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
    service.current().take_notes();
    if (outcome.is_stopped())
        service.destroy();
    else
        service.go_on();
    if (old)
        old->destroy();
    return outcome;
}

} // namespace

const jabberd_handover *handover_of(const Instance &instance)
{
    const auto *handover = static_cast<const jabberd_handover *>(instance.extension(JABBERD_HANDOVER));
    if (handover == nullptr || !JABBERD_HAS(handover, commit) || handover->freeze == nullptr ||
        handover->thaw == nullptr || handover->commit == nullptr)
        return nullptr;
    return handover;
}

SwapOutcome succeed(Service &service, const jabberd_component &component, const jabberd_config &element,
                    Mistakes &mistakes)
{
    Successor next{service, component, element};
    if (const auto answer = next.create(create_deadline, mistakes); answer != Successor::Answer::Yes)
        return failure(SwapStep::Create, next, answer, "the new component could not be created", create_deadline);

    const auto begin = Clock::now();
    SwapOutcome outcome;
    if (handover_of(next.instance()) == nullptr)
        outcome = failure(SwapStep::Compare, "the new component does not offer " JABBERD_HANDOVER, next.take_notes());
    else if (const std::string lack = next.instance().what_it_lacks(service.current()); !lack.empty())
        outcome = failure(SwapStep::Compare, "the new component " + lack, next.take_notes());
    else if (!service.pause(begin + freeze_deadline))
        outcome = failure(SwapStep::Pause,
                          "a handler or a command of the old component did not return within " +
                              std::to_string(deadline_ms) + " ms",
                          next.take_notes());
    else
        return exchange_paused(service, next, begin);
    outcome.is_late = next.destroy(create_deadline) == Successor::Answer::Late;
    return outcome;
}

} // namespace jabberd::host
