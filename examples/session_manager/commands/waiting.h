// SPDX-License-Identifier: LGPL-2.1-or-later
// Work of the storage thread, for a command's thread, which may wait.
#pragma once

#include "session_manager/core/core.h"

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace jabberd::session_manager::commands {

// Its reason in words for the operator; more is in the log.
StorageError error_of(StorageFailure why);

// [command] Has `run` take the storage, in its turn, and waits until what it returns is stored. Throws StorageError.
template <typename Run>
auto wait_for_storage(Core &core, StorageUse use, Run run)
{
    using Result = std::invoke_result_t<Run &, Storage &>;
    const auto promise = std::make_shared<std::promise<Result>>();
    auto result = promise->get_future();
    core.storage.post(
        std::move(use), std::move(run), [promise](Result stored) { promise->set_value(std::move(stored)); },
        [promise](StorageFailure why) { promise->set_exception(std::make_exception_ptr(error_of(why))); });
    return result.get();
}

inline StorageUse to_read()
{
    return {};
}

inline StorageUse to_change(const std::string &address)
{
    return {{}, address, StorageUse::Kind::Changes};
}

} // namespace jabberd::session_manager::commands
