// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/log/destinations.h"

#include "host/log/journal.h"
#include "host/log/json_line.h"
#include "host/log/line.h"
#include "host/log/log.h"
#include "host/log/outlet.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace jabberd::host::log {

namespace {

std::atomic<Format> line_format{Format::Text};
std::atomic<bool> has_file{false};
std::atomic<bool> is_starting{true};

// Not GLib's: that allocates for a line, and ends the process when it cannot.
std::string with_milliseconds(const char *format, const tm &time, const timespec &now)
{
    char seconds[32], out[48];
    std::strftime(seconds, sizeof seconds, format, &time);
    std::snprintf(out, sizeof out, "%s.%03d", seconds, static_cast<int>(now.tv_nsec / 1'000'000));
    return out;
}

// For who looks at it as it is written.
std::string time_of_day()
{
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    tm local{};
    localtime_r(&now.tv_sec, &local);
    return with_milliseconds("%H:%M:%S", local, now);
}

// RFC 3339: for what is kept.
std::string time_with_date()
{
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    tm utc{};
    gmtime_r(&now.tv_sec, &utc);
    return with_milliseconds("%Y-%m-%dT%H:%M:%S", utc, now) + 'Z';
}

bool has_colour()
{
    return g_log_writer_supports_color(STDERR_FILENO) && g_getenv("NO_COLOR") == nullptr;
}

std::string lost_text(std::uint64_t lost, std::string_view why = "the log is not read")
{
    return std::to_string(lost) + (lost == 1 ? " line was" : " lines were") + " lost here, because " + std::string{why};
}

enum class Place { StandardError, File };

// `line` without its time.
std::string formatted(Line line, Place place, bool is_mistake)
{
    const bool is_json = line_format == Format::Json;
    const bool is_dated = is_json || place == Place::File;
    const std::string time = is_dated ? time_with_date() : time_of_day();
    if (is_dated || !is_mistake)
        line.time = time;
    return is_json ? to_json(line) : to_text(line, place == Place::StandardError && has_colour());
}

std::string lost_line(std::uint64_t lost)
{
    const std::string text = lost_text(lost);
    return formatted({{}, JABBERD_LOG_WARNING, "host", text, {}}, Place::StandardError, false);
}

std::string lost_in_file(std::uint64_t lost)
{
    const std::string text = lost_text(lost, "the log file could not be written");
    return formatted({{}, JABBERD_LOG_WARNING, "host", text, {}}, Place::File, false);
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

Outlet &log_file()
{
    static Outlet &outlet = *new Outlet{-1, lost_in_file};
    return outlet;
}

Outlet *journal()
{
    static Outlet *const outlet =
        g_log_writer_is_journald(STDERR_FILENO) && open_journal() ? new Outlet{open_journal, lost_record} : nullptr;
    return outlet;
}

void write_line(GLogLevelFlags flags, std::span<const GLogField> fields, Place place)
{
    Line line{{}, our_level(flags), "host", {}, {}};
    std::vector<LineField> others;
    bool is_mistake = false;
    for (const GLogField &field : fields) {
        const std::string_view key = field.key;
        if (key == "MESSAGE")
            line.message = value_of(field);
        else if (key == "SERVICE")
            line.service = value_of(field);
        else if (const bool is_place = key.starts_with("CONFIG_"); is_place && line_format == Format::Text)
            is_mistake = true; // the message begins with it
        else if (key != "PRIORITY" && key != "GLIB_DOMAIN" && !key.starts_with("CODE_"))
            others.push_back({key, value_of(field)});
    }
    line.fields = others;
    (place == Place::File ? log_file() : standard_error()).write(formatted(line, place, is_mistake));
}

} // namespace

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

void open_destinations()
{
    standard_error(); // while there are descriptors
    journal();
}

void write_record(GLogLevelFlags flags, std::span<const GLogField> fields)
{
    const bool to_file = has_file;
    if (to_file)
        write_line(flags, fields, Place::File);
    if (to_file && !is_starting)
        return;
    if (Outlet *const records = journal(); records != nullptr)
        records->write(journal_record(fields));
    else
        write_line(flags, fields, Place::StandardError);
}

void flush_all(std::chrono::milliseconds patience)
{
    const auto end = std::chrono::steady_clock::now() + patience;
    const auto left = [&] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    };
    standard_output().flush(left());
    if (has_file)
        log_file().flush(left());
    (journal() != nullptr ? *journal() : standard_error()).flush(left());
}

void print(std::string text)
{
    standard_output().write(std::move(text));
}

void set_format(Format format)
{
    line_format = format;
}

void use_file(int descriptor)
{
    log_file().redirect(descriptor);
    has_file = true;
}

void use_no_file()
{
    has_file = false;
}

void leave_standard_error_to_others()
{
    is_starting = false;
}

} // namespace jabberd::host::log
