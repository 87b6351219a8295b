// SPDX-License-Identifier: LGPL-2.1-or-later
// The way of a client to a worker, where its address lets it in.
#pragma once

#include "net/listener.h"
#include "workers/worker.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::workers {

// One for all listeners of an instance. On the first worker's thread, on whose loop they are.
class Entrance {
public:
    // There is one worker at least; borrowed for life.
    explicit Entrance(std::vector<std::unique_ptr<Worker>> &workers) : workers_(workers) {}

    // Gives the client to a worker, or refuses it: by access list, and by what its address may have.
    void admit(net::Accepted client);

    // Counts one that does not come in, by `why` as well unless that is null; of many the log has one line. It is
    // closed, without an answer, with `client`.
    void refuse(const net::Accepted &client, std::string_view reason, Tally connection::Counters::*why);

    Worker &first() const { return *workers_.front(); }
    std::size_t worker_count() const { return workers_.size(); }

private:
    // The same, of an address that has had its share: the log has a line of each, once in a minute.
    void refuse_more(const net::Accepted &client, std::string_view reason, Tally connection::Counters::*why);
    void log(const net::Accepted &client, std::string_view reason, const std::string &so_many);

    connection::Shared &shared() { return first().shared(); }

    std::vector<std::unique_ptr<Worker>> &workers_;
    std::size_t next_worker_ = 0;
    Time next_log_{};
    std::uint64_t refused_since_log_ = 0;
};

} // namespace jabberd::workers
