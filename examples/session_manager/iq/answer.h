// SPDX-License-Identifier: LGPL-2.1-or-later
// The answer that an iq is owed.
#pragma once

#include "session_manager/core/core.h"

#include <string>
#include <string_view>

namespace jabberd::session_manager::iq {

// Remembers enough of the request to answer it later, on any thread. Answer once.
class Answer {
public:
    Answer(Core &core, const jabberd_packet &request);

    void result(std::string_view body = {}) const;
    void result(LockedDirectory &locked, std::string_view body = {}) const;
    // To a session here, with a body that is made when it leaves, from what `body` owns.
    void result_later(LockedDirectory &locked, Outgoing::Body body) const;
    void error(Condition condition, std::string_view explanation = {}) const;
    void error(LockedDirectory &locked, Condition condition, std::string_view explanation = {}) const;

    // Its asker's share of the work that may wait. Empty: refused, and answered.
    Work take_work(std::size_t bytes) const;

    // Has `run` read, or change, what is stored of the account, and then `done` answer with what it returns, and this
    // answer; when that fails, the answer is an error.
    template <typename Run, typename Done>
    void from_storage(StorageUse use, Run run, Done done) const
    {
        core_->storage.post(
            std::move(use), std::move(run),
            [answer = *this, done = std::move(done)](auto result) { done(answer, std::move(result)); },
            [answer = *this](StorageFailure why) { answer.error(condition_of(why)); });
    }

    // Runs the operation, which changes its asker's roster or blocklist, when the changes before it are done; not when
    // the asker's session has ended. `contact` as for LockedDirectory::change().
    void change(std::string contact, User::Operation operation) const;

    // Inside a change of the user's roster or blocklist: has `run` store it, and then `done` keep it in memory and
    // answer. The changes after it wait until then. When that fails, the answer is an error.
    template <typename Run, typename Done>
    void change_stored(LockedDirectory &locked, User &user, Work work, Run run, Done done,
                       StorageUse::Kind kind = StorageUse::Kind::Changes) const
    {
        locked.keep_changing(user);
        core_->storage.post(
            {std::move(work), user.address, kind}, std::move(run),
            [answer = *this, &user, done = std::move(done)](auto result) mutable {
                LockedDirectory later{answer.core_->directory};
                const LockedDirectory::EndOfChange end{later, user};
                done(later, std::move(result));
            },
            [answer = *this, &user](StorageFailure why) {
                LockedDirectory failed{answer.core_->directory};
                const LockedDirectory::EndOfChange end{failed, user};
                answer.error(failed, condition_of(why));
            });
    }

private:
    void send(LockedDirectory &locked, std::string_view type, std::string_view body) const;

    Core *core_;
    std::string to_, from_, id_;
    bool has_id_;
};

} // namespace jabberd::session_manager::iq
