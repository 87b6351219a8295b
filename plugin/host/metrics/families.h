// SPDX-License-Identifier: LGPL-2.1-or-later
// What the components measure, put together: each family once, with the samples of all who have it.
#pragma once

#include <jabberd/metrics.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jabberd::host {

struct MetricSample {
    double value = 0;
    std::vector<std::pair<double, std::uint64_t>> buckets; // of a histogram
    double sum = 0;
    std::uint64_t count = 0;
};

struct MetricFamily {
    jabberd_metric_type type;
    std::string unit, help;
    std::map<std::string, MetricSample> samples; // by their labels as text: service="c2s",state="detached"
};

class MetricFamilies {
public:
    using Teller = std::function<void(const jabberd_metric_sink &sink)>;

    // Takes what it tells, and leaves out what is against the rules of metrics.h: `complain` is told what, and why.
    // Families begin with `prefix`; with "" it is the host itself that tells, whose samples have no other labels than
    // their own.
    void collect(const Teller &teller, std::string_view prefix, std::string_view service,
                 const std::function<void(const std::string &)> &complain);

    const std::map<std::string, MetricFamily> &all() const { return all_; }

private:
    class Collection;

    std::map<std::string, MetricFamily> all_;
};

// "socket_manager_": what the families of that component begin with.
std::string metric_prefix(std::string_view component);

} // namespace jabberd::host
