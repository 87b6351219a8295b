// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/metrics/exposition.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace jabberd::host {

namespace {

constexpr std::array<std::string_view, 3> type_names{"counter", "gauge", "histogram"}; // by jabberd_metric_type

// The shortest that reads back as the same number; not in powers of ten where it is whole, for people.
std::string number(double value)
{
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "+Inf" : "-Inf";
    constexpr double largest_whole = 9007199254740992.0; // 2^53
    std::array<char, 32> digits;
    const bool is_whole = std::abs(value) <= largest_whole && value == std::trunc(value);
    const auto end = is_whole
                         ? std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<long long>(value))
                         : std::to_chars(digits.data(), digits.data() + digits.size(), value);
    return {digits.data(), end.ptr};
}

// OpenMetrics wants "1.0" (its canonical numbers), so that one series has one name.
std::string bound(double most, MetricFormat format)
{
    std::string digits = number(most);
    if (format == MetricFormat::OpenMetrics && digits.find_first_not_of("-0123456789") == std::string::npos)
        digits += ".0";
    return digits;
}

std::string escaped(std::string_view help, MetricFormat format)
{
    std::string out;
    for (const char c : help) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || (c == '"' && format == MetricFormat::OpenMetrics))
            out += '\\';
        out += c;
    }
    return out;
}

void append_sample(std::string &out, std::string_view name, std::string_view labels, std::string_view value)
{
    out += name;
    if (!labels.empty())
        out.append("{").append(labels).append("}");
    out.append(" ").append(value).append("\n");
}

void append_histogram(std::string &out, const std::string &name, const std::string &labels, const MetricSample &sample,
                      MetricFormat format)
{
    const std::string before = labels.empty() ? "le=\"" : labels + ",le=\"";
    for (const auto &[most, count] : sample.buckets)
        append_sample(out, name + "_bucket", before + bound(most, format) + "\"", std::to_string(count));
    append_sample(out, name + "_bucket", before + "+Inf\"", std::to_string(sample.count));
    append_sample(out, name + "_sum", labels, number(sample.sum));
    append_sample(out, name + "_count", labels, std::to_string(sample.count));
}

} // namespace

std::string to_text(const MetricFamilies &families, MetricFormat format)
{
    std::string out;
    const bool is_open = format == MetricFormat::OpenMetrics;
    for (const auto &[name, family] : families.all()) {
        const std::string sampled = family.type == JABBERD_COUNTER ? name + "_total" : name;
        const std::string &described = is_open ? name : sampled;
        out += "# HELP " + described + " " + escaped(family.help, format) + "\n";
        out.append("# TYPE ").append(described).append(" ").append(type_names[family.type]).append("\n");
        if (is_open && !family.unit.empty())
            out += "# UNIT " + described + " " + family.unit + "\n";
        for (const auto &[labels, sample] : family.samples) {
            if (family.type == JABBERD_HISTOGRAM)
                append_histogram(out, name, labels, sample, format);
            else
                append_sample(out, sampled, labels, number(sample.value));
        }
    }
    return is_open ? out + "# EOF\n" : out;
}

} // namespace jabberd::host
