// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/log/log.h"

#include "base/view.h"
#include "host/log/line.h"

#include <glib.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

namespace jabberd::host::log {

namespace {

constexpr int patience_ms = 50; // for a program at the other end of our standard error that does not read

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

std::string time_now()
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *seconds = g_date_time_format(now, "%H:%M:%S");
    char out[32];
    g_snprintf(out, sizeof out, "%s.%03d", seconds, g_date_time_get_microsecond(now) / 1000);
    return out;
}

// A pipe that its reader does not empty must not stop the host: the line is lost instead. Once it was full we do not
// wait again until it takes something.
void write_to_stderr(std::string_view text)
{
    static std::atomic<bool> stuck{false};
    pollfd writable{STDERR_FILENO, POLLOUT, 0};
    stuck = poll(&writable, 1, stuck ? 0 : patience_ms) == 0;
    if (!stuck) [[maybe_unused]]
        const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

GLogWriterOutput write_line(GLogLevelFlags flags, const GLogField *fields, gsize count)
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
    write_to_stderr(to_text(line, g_log_writer_supports_color(STDERR_FILENO) && g_getenv("NO_COLOR") == nullptr));
    return G_LOG_WRITER_HANDLED;
}

GLogWriterOutput writer(GLogLevelFlags flags, const GLogField *fields, gsize count, gpointer)
{
    static const bool to_journal = g_log_writer_is_journald(STDERR_FILENO);
    if (!enabled(our_level(flags)))
        return G_LOG_WRITER_HANDLED;
    if (to_journal && g_log_writer_journald(flags, fields, count, nullptr) == G_LOG_WRITER_HANDLED)
        return G_LOG_WRITER_HANDLED;
    return write_line(flags, fields, count);
}

GLogField glib_field(const char *name, std::string_view value)
{
    return {name, value.data() == nullptr ? "" : value.data(), static_cast<gssize>(value.size())};
}

void submit(jabberd_log_level level, std::vector<GLogField> fields)
{
    const char priority = static_cast<char>('0' + level);
    fields.push_back({"PRIORITY", &priority, 1});
    g_log_structured_array(glib_level(level), fields.data(), fields.size());
}

} // namespace

void start()
{
    g_log_set_writer_func(writer, nullptr, nullptr);
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
