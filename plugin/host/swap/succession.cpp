// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/swap/succession.h"

#include "host/log/log.h"
#include "host/routing/service.h"

#include <utility>

namespace jabberd::host {

namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned deadline_ms = static_cast<unsigned>(freeze_deadline.count());

SwapOutcome failure(SwapStep step, std::string why, Instance &speaker)
{
    return {step, std::move(why), speaker.take_notes(), {}};
}

// While the service is paused. Afterwards it has an instance that runs, unless the outcome is_stopped(); `next` is then
// the one that is to be destroyed. That waits for the end of the pause: freeing what thousands of connections took is a
// fifth of it.
SwapOutcome hand_over(Service &service, std::unique_ptr<Instance> &next)
{
    Instance &old = service.current();
    const jabberd_handover &from = *handover_of(old);
    old.note_what_it_logs();
    const jabberd_snapshot *snapshot = from.freeze(old.get(), deadline_ms);
    if (snapshot == nullptr)
        return failure(SwapStep::Freeze,
                       "the old component could not stop within " + std::to_string(deadline_ms) + " ms", old);
    if (!handover_of(*next)->thaw(next->get(), snapshot)) {
        SwapOutcome outcome = failure(SwapStep::Thaw, "the new component could not take over", *next);
        next->destroy(); // what it made in vain is gone before the old one runs again
        if (!from.thaw(old.get(), snapshot))
            log::write(JABBERD_LOG_ERROR, service.id(), "did not take back its own snapshot; restart the host");
        return outcome;
    }
    from.commit(old.get());
    next = service.succeed(std::move(next));
    if (!service.current().start())
        return failure(SwapStep::Start, "the new component could not be started", service.current());
    service.forget_congestion();
    return {};
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
    auto next = std::make_unique<Instance>(service, component);
    next->note_what_it_logs();
    if (!next->create_successor(element, mistakes))
        return failure(SwapStep::Create, "the new component could not be created", *next);
    if (handover_of(*next) == nullptr)
        return failure(SwapStep::Compare, "the new component does not offer " JABBERD_HANDOVER, *next);

    const auto begin = Clock::now();
    if (!service.pause(begin + freeze_deadline))
        return failure(SwapStep::Pause,
                       "a handler of the old component did not return within " + std::to_string(deadline_ms) + " ms",
                       *next);
    SwapOutcome outcome = hand_over(service, next);
    if (!outcome.is_done())
        next->destroy(); // before the old one runs again, or packets go back
    outcome.pause = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
    service.current().take_notes();
    if (outcome.is_stopped())
        service.destroy();
    else
        service.go_on();
    next->destroy();
    return outcome;
}

} // namespace jabberd::host
