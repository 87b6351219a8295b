// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/log/log.h"

#include "base/view.h"
#include "host/log/destinations.h"
#include "host/log/line.h"
#include "host/log/privacy.h"
#include "host/log/repeats.h"

#include <glib.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <mutex>
#include <string>
#include <vector>

namespace jabberd::host::log {

namespace {

constexpr std::chrono::milliseconds last_words{1000}; // of a process that GLib is about to end

std::atomic<int> highest_level{JABBERD_LOG_INFO};
std::atomic<bool> hides_people{false};

std::mutex repeats_mutex;

// Other threads may log while the process ends. Made when it is wanted: this code is in components, too, which come and
// go.
Repeats &repeats()
{
    static Repeats &all = *new Repeats;
    return all;
}

struct Route {
    std::string service;
    Sink *sink;
};

// The mutex is held while one is written to, so that it can go.
std::atomic<bool> has_sinks{false};
std::mutex sinks_mutex;
std::vector<Route> sinks;

// False: no other log is kept.
bool write_to_sink(jabberd_log_level level, std::string_view service, std::string_view line,
                   std::span<const jabberd_log_field> fields)
{
    const std::lock_guard lock{sinks_mutex};
    if (sinks.empty())
        return false;
    const auto found = std::ranges::find(sinks, service, &Route::service);
    (found == sinks.end() ? sinks.front() : *found).sink->write(level, line, fields);
    return true;
}

GLogLevelFlags glib_level(jabberd_log_level level)
{
    switch (level) {
    case JABBERD_LOG_ERROR: return G_LOG_LEVEL_CRITICAL; // G_LOG_LEVEL_ERROR would abort
    case JABBERD_LOG_WARNING: return G_LOG_LEVEL_WARNING;
    case JABBERD_LOG_NOTICE: return G_LOG_LEVEL_MESSAGE;
    case JABBERD_LOG_INFO: return G_LOG_LEVEL_INFO;
    case JABBERD_LOG_DEBUG: return G_LOG_LEVEL_DEBUG;
    }
    return G_LOG_LEVEL_CRITICAL;
}

// The fields that GLib, and we, fill in ourselves.
bool tells_of_program(std::string_view key)
{
    return key == "PRIORITY" || key == "GLIB_DOMAIN" || key == "SERVICE" || key.starts_with("CODE_") ||
           key.starts_with("CONFIG_");
}

void write_without_people(GLogLevelFlags flags, std::span<const GLogField> fields)
{
    std::vector<std::string> values;
    values.reserve(fields.size()); // the fields point into it
    std::vector<GLogField> hidden{fields.begin(), fields.end()};
    for (GLogField &field : hidden) {
        if (tells_of_program(field.key))
            continue;
        const std::string &value = values.emplace_back(hide_people(field.key, value_of(field)));
        field.value = value.data();
        field.length = static_cast<gssize>(value.size());
    }
    write_record(flags, hidden);
}

GLogWriterOutput writer(GLogLevelFlags flags, const GLogField *fields, gsize count, gpointer)
{
    if (!enabled(our_level(flags)))
        return G_LOG_WRITER_HANDLED;
    if (hides_people)
        write_without_people(flags, {fields, count});
    else
        write_record(flags, {fields, count});
    if ((flags & (G_LOG_FLAG_FATAL | G_LOG_LEVEL_ERROR)) != 0)
        flush_all(last_words);
    return G_LOG_WRITER_HANDLED;
}

GLogField glib_field(const char *name, std::string_view value)
{
    return {name, value.data() == nullptr ? "" : value.data(), static_cast<gssize>(value.size())};
}

void submit(jabberd_log_level level, std::vector<GLogField> fields)
{
    const char priority = static_cast<char>('0' + level);
    fields.push_back({"PRIORITY", &priority, 1});
    writer(glib_level(level), fields.data(), fields.size(), nullptr); // not through GLib, which blocks until start()
}

void write_anyway(jabberd_log_level level, std::string_view service, std::string_view message,
                  std::span<const jabberd_log_field> fields)
{
    if (has_sinks) {
        std::vector<LineField> shown;
        for (const jabberd_log_field &field : fields)
            shown.push_back({field.name, text(field.value)});
        if (write_to_sink(level, service, to_text(message, shown), fields))
            return;
    }
    std::vector<GLogField> all{glib_field("MESSAGE", message), glib_field("SERVICE", service)};
    for (const jabberd_log_field &field : fields)
        all.push_back(glib_field(field.name, text(field.value)));
    submit(level, std::move(all));
}

// Lines about one client each, at info, are what an operator looks for, however many clients there are.
bool comes_too_often(jabberd_log_level level, std::string_view service, std::string_view message)
{
    if (level > JABBERD_LOG_WARNING)
        return false;
    const std::lock_guard lock{repeats_mutex};
    return !repeats().admit(level, service, message, std::chrono::steady_clock::now());
}

void tell_left_out(Repeats::Time now)
{
    std::vector<Repeats::Summary> all;
    {
        const std::lock_guard lock{repeats_mutex};
        all = repeats().due(now);
    }
    for (const Repeats::Summary &summary : all)
        write_anyway(summary.level, summary.service, summary.message, {});
}

} // namespace

void start()
{
    tzset(); // localtime_r() need not
    open_destinations();
    g_log_set_writer_func(writer, nullptr, nullptr);
}

void finish(std::chrono::milliseconds patience)
{
    tell_left_out(Repeats::Time::max()); // of minutes that are not over
    flush_all(patience);
}

void send_to(Sink &sink, std::string_view service)
{
    const std::lock_guard lock{sinks_mutex};
    sinks.push_back({std::string{service}, &sink});
    has_sinks = true;
}

void stop_sending_to(Sink &sink)
{
    const std::lock_guard lock{sinks_mutex};
    std::erase_if(sinks, [&](const Route &route) { return route.sink == &sink; });
    has_sinks = !sinks.empty();
}

void set_privacy(bool wanted)
{
    hides_people = wanted;
}

void tell_repeats()
{
    tell_left_out(std::chrono::steady_clock::now());
}

void set_level(jabberd_log_level level)
{
    highest_level.store(level, std::memory_order_relaxed);
}

bool enabled(jabberd_log_level level)
{
    return level <= highest_level.load(std::memory_order_relaxed);
}

void write(jabberd_log_level level, std::string_view service, std::string_view message,
           std::span<const jabberd_log_field> fields)
{
    if (!enabled(level))
        return;
    tell_repeats();
    if (!comes_too_often(level, service, message))
        write_anyway(level, service, message, fields);
}

void write(jabberd_log_level level, std::string_view service, std::string_view message,
           std::initializer_list<Field> fields)
{
    if (!enabled(level))
        return;
    std::vector<jabberd_log_field> present;
    for (const Field &field : fields) {
        if (!field.value.empty())
            present.push_back({field.name, view(field.value)});
    }
    write(level, service, message, std::span<const jabberd_log_field>{present});
}

void write_about(std::string_view file, unsigned line, jabberd_log_level level, std::string_view service,
                 std::string_view text)
{
    if (has_sinks && write_to_sink(level, service, to_text(text, {}), {}))
        return;
    const std::string number = std::to_string(line);
    submit(level, {glib_field("MESSAGE", text), glib_field("CONFIG_FILE", file), glib_field("CONFIG_LINE", number)});
}

} // namespace jabberd::host::log
