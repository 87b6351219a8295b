// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/duration_histogram.h"
#include "base/metric_writer.h"
#include "base/view.h"
#include "host/metrics/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace jabberd::host {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Metrics : public testing::Test {
protected:
    void tell(const std::function<void(MetricWriter &)> &what, std::string_view prefix = "hello_",
              std::string_view service = "h")
    {
        families_.collect(
            [&](const jabberd_metric_sink &sink) {
                MetricWriter writer{sink};
                what(writer);
            },
            prefix, service, [&](const std::string &complaint) { complaints_.push_back(complaint); });
    }
    std::string prometheus() const { return to_text(families_, MetricFormat::Prometheus); }
    std::string open_metrics() const { return to_text(families_, MetricFormat::OpenMetrics); }

    MetricFamilies families_;
    std::vector<std::string> complaints_;
};

TEST_F(Metrics, OfACounterAreToldInBothFormats)
{
    tell([](MetricWriter &writer) {
        writer.counter("hello_wait_seconds", "How long \"it\" waits.");
        writer.sample(2.5, {{"state", "up"}});
    });
    EXPECT_EQ(prometheus(), "# HELP hello_wait_seconds_total How long \"it\" waits.\n"
                            "# TYPE hello_wait_seconds_total counter\n"
                            "hello_wait_seconds_total{service=\"h\",state=\"up\"} 2.5\n");
    EXPECT_EQ(open_metrics(), "# HELP hello_wait_seconds How long \\\"it\\\" waits.\n"
                              "# TYPE hello_wait_seconds counter\n"
                              "# UNIT hello_wait_seconds seconds\n"
                              "hello_wait_seconds_total{service=\"h\",state=\"up\"} 2.5\n"
                              "# EOF\n");
    EXPECT_THAT(complaints_, IsEmpty());
}

TEST_F(Metrics, OfAHistogramCountEachBucketWithThoseBeforeIt)
{
    static constexpr DurationHistogram::Bound bounds[] = {1ms, 1s};
    DurationHistogram times{bounds};
    for (const std::chrono::nanoseconds took : std::initializer_list<std::chrono::nanoseconds>{1ms, 2ms, 500ms, 3s})
        times.add(took);
    tell([&](MetricWriter &writer) {
        writer.histogram("hello_answer_seconds", "How long an answer takes.");
        writer.sample(times);
    });
    EXPECT_THAT(prometheus(), HasSubstr("hello_answer_seconds_bucket{service=\"h\",le=\"0.001\"} 1\n"
                                        "hello_answer_seconds_bucket{service=\"h\",le=\"1\"} 3\n"
                                        "hello_answer_seconds_bucket{service=\"h\",le=\"+Inf\"} 4\n"
                                        "hello_answer_seconds_sum{service=\"h\"} 3.503\n"
                                        "hello_answer_seconds_count{service=\"h\"} 4\n"));
    EXPECT_THAT(open_metrics(), HasSubstr("{service=\"h\",le=\"1.0\"} 3\n"));
}

TEST_F(Metrics, OfServicesWithOneComponentAreOneFamily)
{
    for (const char *service : {"a", "b"})
        tell([](MetricWriter &writer) { writer.gauge("hello_names", "Names.", 1); }, "hello_", service);
    EXPECT_EQ(prometheus(), "# HELP hello_names Names.\n# TYPE hello_names gauge\n"
                            "hello_names{service=\"a\"} 1\nhello_names{service=\"b\"} 1\n");
}

TEST_F(Metrics, AreWholeNumbersWhereTheyAreThat)
{
    tell([](MetricWriter &writer) {
        writer.gauge("hello_numbers", "Numbers.");
        writer.sample(std::uint64_t{123456789012345}, {{"a", "1"}});
        writer.sample(-0.25, {{"a", "2"}});
        writer.sample(std::numeric_limits<double>::infinity(), {{"a", "3"}});
        writer.sample(std::numeric_limits<double>::quiet_NaN(), {{"a", "4"}});
        writer.sample(1e300, {{"a", "5"}});
    });
    EXPECT_THAT(prometheus(), HasSubstr("a=\"1\"} 123456789012345\n"));
    EXPECT_THAT(prometheus(), HasSubstr("a=\"2\"} -0.25\n"));
    EXPECT_THAT(prometheus(), HasSubstr("a=\"3\"} +Inf\n"));
    EXPECT_THAT(prometheus(), HasSubstr("a=\"4\"} NaN\n"));
    EXPECT_THAT(prometheus(), HasSubstr("a=\"5\"} 1e+300\n"));
}

TEST_F(Metrics, KeepToOneLineWhateverIsInThem)
{
    tell([](MetricWriter &writer) {
        writer.gauge("hello_odd", "One\nline and \\.");
        writer.sample(1.0, {{"name", "a\"b\\c\nd\x1b\xff"}});
    });
    EXPECT_THAT(prometheus(), HasSubstr("# HELP hello_odd One\\nline and \\\\.\n"));
    EXPECT_THAT(prometheus(), HasSubstr("{service=\"h\",name=\"a\\\"b\\\\c\\\\u{a}d\\\\u{1b}\\\\xff\"} 1\n"));
}

TEST_F(Metrics, AgainstTheRulesAreLeftOut)
{
    const auto refused = [this](const std::function<void(MetricWriter &)> &what) {
        complaints_.clear();
        tell(what);
        return complaints_.size() == 1;
    };
    for (const char *name :
         {"other_names", "hello_", "hello_a-b", "hello_a_total", "hello_a_bucket", "hello_\xc3\xa4", ""})
        EXPECT_TRUE(refused([&](MetricWriter &writer) { writer.gauge(name, "It.", 1); })) << name;
    EXPECT_EQ(prometheus(), "");

    const auto refused_label = [&](const char *name) {
        return refused([&](MetricWriter &writer) {
            writer.gauge("hello_labels", "It.");
            writer.sample(1.0, {{name, "x"}});
        });
    };
    for (const char *name : {"service", "le", "quantile", "__name__", "1st", "a b", ""})
        EXPECT_TRUE(refused_label(name)) << name;
    EXPECT_TRUE(refused([](MetricWriter &writer) {
        writer.gauge("hello_labels", "It.");
        writer.sample(1.0, {{"a", "x"}, {"a", "y"}});
    }));
    EXPECT_TRUE(refused([](MetricWriter &writer) {
        writer.counter("hello_count_down", "It.");
        writer.sample(-1.0);
    }));
    EXPECT_EQ(prometheus().find("} "), std::string::npos) << "no sample";
}

TEST_F(Metrics, ToldTwiceAreToldOnce)
{
    tell([](MetricWriter &writer) {
        writer.gauge("hello_names", "Names.", 1);
        writer.gauge("hello_names", "Names.", 2);
        writer.counter("hello_names", "Names.", 3);
    });
    EXPECT_THAT(complaints_, ElementsAre(HasSubstr("the same labels"), HasSubstr("another type")));
    EXPECT_THAT(prometheus(), HasSubstr("hello_names{service=\"h\"} 1\n"));
}

TEST_F(Metrics, OfAHistogramThatIsNoneAreLeftOut)
{
    const std::vector<std::vector<jabberd_metric_bucket>> wrong{
        {{1, 5}, {0.5, 6}}, {{1, 5}, {2, 4}}, {{1, 11}}, {{std::numeric_limits<double>::infinity(), 10}}};
    for (const auto &buckets : wrong) {
        complaints_.clear();
        families_.collect(
            [&](const jabberd_metric_sink &sink) {
                const jabberd_metric_family family{sizeof family, view("hello_times_seconds"), JABBERD_HISTOGRAM,
                                                   view("seconds"), view("Times.")};
                sink.family(sink.data, &family);
                const jabberd_metric_sample sample{sizeof sample, nullptr, 0, 0, buckets.data(), buckets.size(), 1, 10};
                sink.sample(sink.data, &sample);
            },
            "hello_", "h", [&](const std::string &complaint) { complaints_.push_back(complaint); });
        EXPECT_THAT(complaints_, ElementsAre(HasSubstr("the buckets of a histogram grow")));
    }
}

TEST(MetricPrefix, IsTheNameOfTheComponentAsFarAsAMetricCanHaveIt)
{
    EXPECT_EQ(metric_prefix("socket_manager"), "socket_manager_");
    EXPECT_EQ(metric_prefix("pthsock client"), "pthsock_client_");
}

} // namespace
} // namespace jabberd::host
