// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/metrics/families.h"

#include "base/utf8.h"
#include "base/view.h"
#include "host/text/printable.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace jabberd::host {

namespace {

bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Of a family or label. A colon is for rules of the operator, and "__" for Prometheus itself.
bool is_metric_name(std::string_view name)
{
    return !name.empty() && std::ranges::all_of(name, is_name_character) && !(name[0] >= '0' && name[0] <= '9') &&
           !name.starts_with("__");
}

// Endings that the formats give to samples.
bool has_reserved_ending(std::string_view name)
{
    constexpr std::array<std::string_view, 5> endings{"_total", "_created", "_bucket", "_count", "_sum"};
    return std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
}

std::string why_no_family(const jabberd_metric_family &family, std::string_view beginning)
{
    const std::string_view name = text(family.name), unit = text(family.unit);
    if (!is_metric_name(name) || has_reserved_ending(name))
        return "that is no name of a family";
    if (!name.starts_with(beginning) || name.size() == beginning.size())
        return "its name does not begin with " + std::string{beginning};
    if (family.type != JABBERD_COUNTER && family.type != JABBERD_GAUGE && family.type != JABBERD_HISTOGRAM)
        return "its type is unknown";
    if (!unit.empty() && (!is_metric_name(unit) || !name.ends_with("_" + std::string{unit})))
        return "its name does not end with its unit";
    return is_utf8(text(family.help)) ? "" : "its help is not UTF-8";
}

std::string why_no_number(jabberd_metric_type type, const MetricSample &sample)
{
    if (type == JABBERD_GAUGE)
        return "";
    if (type == JABBERD_COUNTER)
        return std::isfinite(sample.value) && sample.value >= 0 ? "" : "a counter is a number from 0 on";
    if (!std::isfinite(sample.sum))
        return "the sum of a histogram is a number";
    for (std::size_t i = 0; i < sample.buckets.size(); ++i) {
        const auto &[most, count] = sample.buckets[i];
        const bool grows = i == 0 || (most > sample.buckets[i - 1].first && count >= sample.buckets[i - 1].second);
        if (!std::isfinite(most) || !grows || count > sample.count)
            return "the buckets of a histogram grow";
    }
    return "";
}

void append_label(std::string &labels, std::string_view name, std::string_view value)
{
    if (!labels.empty())
        labels += ',';
    labels.append(name).append("=\"");
    std::string printable;
    append_printable(printable, value);
    for (const char c : printable) {
        if (c == '"' || c == '\\')
            labels += '\\';
        labels += c;
    }
    labels += '"';
}

} // namespace

// One teller's calls.
class MetricFamilies::Collection {
public:
    Collection(std::map<std::string, MetricFamily> &all, std::string_view beginning, std::string_view service,
               const std::function<void(const std::string &)> &complain)
        : all_(all), prefix_(beginning), service_(service), complain_(complain)
    {
    }

    void take(const jabberd_metric_family &family)
    {
        current_ = nullptr;
        name_ = text(family.name);
        if (const std::string why = why_no_family(family, prefix_); !why.empty())
            return complain(why);
        const auto [found, is_new] = all_.try_emplace(
            name_, MetricFamily{family.type, std::string{text(family.unit)}, std::string{text(family.help)}, {}});
        if (!is_new && (found->second.type != family.type || found->second.unit != text(family.unit)))
            return complain("it has been told with another type or unit");
        current_ = &found->second;
    }

    void take(const jabberd_metric_sample &from)
    {
        if (current_ == nullptr)
            return; // it was complained of the family
        std::string labels, why;
        if (!prefix_.empty())
            append_label(labels, "service", service_);
        std::vector<std::string_view> names;
        for (const jabberd_metric_label &label : std::span{from.labels, from.label_count}) {
            const std::string_view name = text(label.name);
            if (!is_metric_name(name) || (name == "service" && !prefix_.empty()) || name == "le" || name == "quantile")
                why = "that is no name of a label";
            if (std::ranges::find(names, name) != names.end())
                why = "a label is there twice";
            names.push_back(name);
            append_label(labels, name, text(label.value));
        }
        MetricSample sample{from.value, {}, from.sum, from.count};
        for (const jabberd_metric_bucket &bucket : std::span{from.buckets, from.bucket_count})
            sample.buckets.emplace_back(bucket.most, bucket.count);
        if (why.empty())
            why = why_no_number(current_->type, sample);
        if (why.empty() && !current_->samples.try_emplace(labels, std::move(sample)).second)
            why = "the same labels were told before";
        if (!why.empty())
            complain(why + " {" + labels + "}");
    }

private:
    void complain(const std::string &why) { complain_(name_ + ": " + why); }

    std::map<std::string, MetricFamily> &all_;
    const std::string prefix_, service_;
    const std::function<void(const std::string &)> &complain_;
    std::string name_;
    MetricFamily *current_ = nullptr;
};

void MetricFamilies::collect(const Teller &teller, std::string_view beginning, std::string_view service,
                             const std::function<void(const std::string &)> &complain)
{
    Collection collection{all_, beginning, service, complain};
    const jabberd_metric_sink sink{
        sizeof sink, &collection,
        [](void *data, const jabberd_metric_family *family) { static_cast<Collection *>(data)->take(*family); },
        [](void *data, const jabberd_metric_sample *sample) { static_cast<Collection *>(data)->take(*sample); }};
    teller(sink);
}

std::string metric_prefix(std::string_view component)
{
    std::string begins{component};
    std::ranges::replace_if(
        begins, [](char c) { return !is_name_character(c); }, '_');
    return begins + "_";
}

} // namespace jabberd::host
