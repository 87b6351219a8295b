// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/log/log.h"

#include "base/view.h"
#include "host/log/journal.h"
#include "host/log/line.h"
#include "host/log/outlet.h"

#include <glib.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <mutex>
#include <string>
#include <vector>

namespace jabberd::host::log {

namespace {

constexpr std::chrono::milliseconds last_words{1000}; // of a process that GLib is about to end

std::atomic<int> highest_level{JABBERD_LOG_INFO};

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

jabberd_log_level our_level(GLogLevelFlags flags)
{
    if ((flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) != 0)
        return JABBERD_LOG_ERROR;
    if ((flags & G_LOG_LEVEL_WARNING) != 0)
        return JABBERD_LOG_WARNING;
    if ((flags & G_LOG_LEVEL_MESSAGE) != 0)
        return JABBERD_LOG_NOTICE;
    return (flags & G_LOG_LEVEL_INFO) != 0 ? JABBERD_LOG_INFO : JABBERD_LOG_DEBUG;
}

std::string_view value_of(const GLogField &field)
{
    const auto *value = static_cast<const char *>(field.value);
    return {value, field.length < 0 ? std::strlen(value) : static_cast<std::size_t>(field.length)};
}

// Not GLib's: that allocates for a line, and ends the process when it cannot.
std::string time_now()
{
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    tm local{};
    localtime_r(&now.tv_sec, &local);
    char seconds[16], out[32];
    std::strftime(seconds, sizeof seconds, "%H:%M:%S", &local);
    std::snprintf(out, sizeof out, "%s.%03d", seconds, static_cast<int>(now.tv_nsec / 1'000'000));
    return out;
}

bool has_colour()
{
    return g_log_writer_supports_color(STDERR_FILENO) && g_getenv("NO_COLOR") == nullptr;
}

std::string lost_text(std::uint64_t lost)
{
    return std::to_string(lost) + (lost == 1 ? " line was" : " lines were") + " lost here, because the log is not read";
}

std::string lost_line(std::uint64_t lost)
{
    return to_text({time_now(), JABBERD_LOG_WARNING, "host", lost_text(lost), {}}, has_colour());
}

std::string lost_record(std::uint64_t lost)
{
    const std::string message = lost_text(lost);
    const GLogField fields[] = {{"MESSAGE", message.data(), static_cast<gssize>(message.size())},
                                {"SERVICE", "host", -1},
                                {"PRIORITY", "4", -1}};
    return journal_record(fields);
}

// They stay to the end of the process, which other threads may log at.
Outlet &standard_error()
{
    static Outlet &outlet = *new Outlet{STDERR_FILENO, lost_line};
    return outlet;
}

Outlet &standard_output()
{
    static Outlet &outlet = *new Outlet{STDOUT_FILENO, [](std::uint64_t) { return std::string{}; }};
    return outlet;
}

Outlet *journal()
{
    static Outlet *const outlet =
        g_log_writer_is_journald(STDERR_FILENO) && open_journal() ? new Outlet{open_journal, lost_record} : nullptr;
    return outlet;
}

void write_line(GLogLevelFlags flags, const GLogField *fields, gsize count)
{
    Line line{{}, our_level(flags), "host", {}, {}};
    std::vector<LineField> others;
    bool is_mistake = false;
    for (const GLogField &field : std::span{fields, count}) {
        const std::string_view key = field.key;
        if (key == "MESSAGE")
            line.message = value_of(field);
        else if (key == "SERVICE")
            line.service = value_of(field);
        else if (key == "CONFIG_FILE")
            is_mistake = true;
        else if (key != "PRIORITY" && key != "GLIB_DOMAIN" && !key.starts_with("CODE_"))
            others.push_back({key, value_of(field)});
    }
    const std::string time = is_mistake ? "" : time_now();
    line.time = time;
    line.fields = others;
    standard_error().write(to_text(line, has_colour()));
}

GLogWriterOutput writer(GLogLevelFlags flags, const GLogField *fields, gsize count, gpointer)
{
    if (!enabled(our_level(flags)))
        return G_LOG_WRITER_HANDLED;
    Outlet *const records = journal();
    if (records != nullptr)
        records->write(journal_record({fields, count}));
    else
        write_line(flags, fields, count);
    if ((flags & (G_LOG_FLAG_FATAL | G_LOG_LEVEL_ERROR)) != 0)
        (records != nullptr ? *records : standard_error()).flush(last_words);
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

} // namespace

void start()
{
    tzset();          // localtime_r() need not
    standard_error(); // while there are descriptors
    journal();
    g_log_set_writer_func(writer, nullptr, nullptr);
}

void print(std::string text)
{
    standard_output().write(std::move(text));
}

void finish(std::chrono::milliseconds patience)
{
    const auto end = std::chrono::steady_clock::now() + patience;
    const auto left = [&] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    };
    standard_output().flush(left());
    (journal() != nullptr ? *journal() : standard_error()).flush(left());
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
