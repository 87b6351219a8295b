// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/metric_writer.h"

#include "base/duration_histogram.h"
#include "base/view.h"

#include <array>
#include <chrono>
#include <cstddef>

namespace jabberd {

namespace {

constexpr std::size_t most_labels = 8;

using Seconds = std::chrono::duration<double>;

std::string_view unit_of(std::string_view family)
{
    for (const std::string_view unit : {"seconds", "bytes"}) {
        if (family.ends_with(unit))
            return unit;
    }
    return "";
}

} // namespace

void MetricWriter::family(std::string_view name, jabberd_metric_type type, std::string_view help)
{
    const jabberd_metric_family family{sizeof family, view(name), type, view(unit_of(name)), view(help)};
    sink_.family(sink_.data, &family);
}

void MetricWriter::sample(Labels labels, double value, const DurationHistogram *times)
{
    std::array<jabberd_metric_label, most_labels> views;
    std::size_t label_count = 0;
    for (const auto &[name, text] : labels) {
        if (label_count < views.size())
            views[label_count++] = {view(name), view(text)};
    }
    jabberd_metric_sample sample{sizeof sample, views.data(), label_count, value, nullptr, 0, 0, 0};
    std::array<jabberd_metric_bucket, DurationHistogram::most_bounds> buckets;
    if (times != nullptr) {
        const auto bounds = times->bounds();
        for (std::size_t i = 0; i < bounds.size(); ++i) {
            sample.count += times->in_bucket(i);
            buckets[i] = {Seconds{bounds[i]}.count(), sample.count};
        }
        sample.count += times->in_bucket(bounds.size());
        sample.buckets = buckets.data();
        sample.bucket_count = bounds.size();
        sample.sum = Seconds{times->sum()}.count();
    }
    sink_.sample(sink_.data, &sample);
}

} // namespace jabberd
