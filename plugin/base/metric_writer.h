// SPDX-License-Identifier: LGPL-2.1-or-later
// Tells a host what a component measures (include/jabberd/metrics.h).
#pragma once

#include <jabberd/metrics.h>

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace jabberd {

class DurationHistogram;

class MetricWriter {
public:
    using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    // The sink is borrowed for life.
    explicit MetricWriter(const jabberd_metric_sink &sink) : sink_(sink) {}

    // Begins a family, of which all samples are that follow. Its unit is the last word of its name, where that is one.
    void counter(std::string_view name, std::string_view help) { family(name, JABBERD_COUNTER, help); }
    void gauge(std::string_view name, std::string_view help) { family(name, JABBERD_GAUGE, help); }
    void histogram(std::string_view name, std::string_view help) { family(name, JABBERD_HISTOGRAM, help); }

    void sample(double value, Labels labels = {}) { sample(labels, value, nullptr); }
    void sample(std::uint64_t value, Labels labels = {}) { sample(static_cast<double>(value), labels); }
    void sample(const DurationHistogram &times, Labels labels = {}) { sample(labels, 0, &times); }

    // Families of one sample.
    void counter(std::string_view name, std::string_view help, std::uint64_t value)
    {
        counter(name, help);
        sample(value);
    }
    void gauge(std::string_view name, std::string_view help, std::uint64_t value)
    {
        gauge(name, help);
        sample(value);
    }

private:
    void family(std::string_view name, jabberd_metric_type type, std::string_view help);
    void sample(Labels labels, double value, const DurationHistogram *times);

    const jabberd_metric_sink &sink_;
};

} // namespace jabberd
