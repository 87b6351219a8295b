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
    void error(Condition condition, std::string_view explanation = {}) const;
    void error(LockedDirectory &locked, Condition condition, std::string_view explanation = {}) const;

    // Runs `job` on the storage thread, with the storage and this answer; when it throws, the answer is an error.
    template <typename Job>
    void from_storage(Job job) const
    {
        core_->storage.post([answer = *this, job = std::move(job)](Storage &storage) mutable {
            try {
                job(storage, answer);
            } catch (const StorageError &) {
                answer.error(Condition::InternalServerError);
                throw; // to be logged
            }
        });
    }

private:
    void send(LockedDirectory &locked, std::string_view type, std::string_view body) const;

    Core *core_;
    std::string to_, from_, id_;
    bool has_id_;
};

} // namespace jabberd::session_manager::iq
