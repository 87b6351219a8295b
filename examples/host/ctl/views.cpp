// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/views.h"

#include "ctl/answer.h"
#include "host/text/printable.h"
#include "host/text/table.h"

#include <glib.h>

namespace jabberd::ctl {

namespace {

constexpr std::size_t max_cell = 60;

std::string joined(const std::vector<std::string> &items)
{
    std::string out;
    for (const std::string &item : items)
        out += (out.empty() ? "" : ", ") + item;
    return out;
}

std::string plural(std::size_t count, std::string_view noun)
{
    return std::to_string(count) + " " + std::string{noun} + (count == 1 ? "" : "s");
}

// The swaps of one service, as the host counts them.
void add_swaps(host::Table &table, JsonObject *service)
{
    if (has(service, "running") && !flag(service, "running"))
        table.add({"stopped", "a swap failed after it had handed over; restart the host"});
    if (const auto swaps = number(service, "swaps"); swaps > 0)
        table.add(
            {"swapped", plural(swaps, "time") + ", the last pause " + milliseconds(number(service, "last_pause_us"))});
    if (has(service, "last_failed_swap"))
        table.add(
            {"last failed swap", text(service, "last_failed_swap_at") + ": " + text(service, "last_failed_swap")});
}

// One service, a line for each fact: its swaps, then the component's own keys.
std::string details_view(JsonObject *service)
{
    host::Table table{{"", ""}};
    add_swaps(table, service);
    if (JsonObject *details = object(service, "details")) {
        g_autoptr(GList) keys = json_object_get_members(details);
        for (const GList *key = keys; key != nullptr; key = key->next) {
            const auto *name = static_cast<const char *>(key->data);
            table.add({name, text(details, name)});
        }
    }
    const std::string rows = table.text("    ");
    const std::string below_titles = rows.substr(rows.find('\n') + 1);
    return below_titles.empty() ? "" : "\n" + text(service, "id") + ":\n" + below_titles;
}

// The version is that of the socket manager where the host is another program.
std::string host_title(JsonObject *host)
{
    const std::string own = "jabberd-host", version = text(host, "version");
    const std::string name = has(host, "name") ? text(host, "name") : own;
    return name == own ? own + " " + version : name + ", socket manager " + version;
}

} // namespace

std::string duration(std::uint64_t seconds)
{
    const unsigned days = static_cast<unsigned>(seconds / 86400);
    const unsigned hours = static_cast<unsigned>(seconds / 3600 % 24);
    const unsigned minutes = static_cast<unsigned>(seconds / 60 % 60);
    char out[64];
    if (days > 0)
        g_snprintf(out, sizeof out, "%ud %02u:%02u", days, hours, minutes);
    else if (hours > 0 || minutes > 0)
        g_snprintf(out, sizeof out, "%u:%02u:%02u", hours, minutes, static_cast<unsigned>(seconds % 60));
    else
        g_snprintf(out, sizeof out, "%us", static_cast<unsigned>(seconds));
    return out;
}

std::string milliseconds(std::uint64_t microseconds)
{
    char out[32];
    g_snprintf(out, sizeof out, "%.1f ms", static_cast<double>(microseconds) / 1000);
    return out;
}

std::string size(std::uint64_t bytes)
{
    g_autofree char *out = g_format_size_full(bytes, G_FORMAT_SIZE_IEC_UNITS);
    return out;
}

std::string status_view(JsonObject *answer)
{
    JsonObject *host = object(answer, "host");
    const auto services = objects(answer, "services");
    std::string out = host_title(host) + ", process " + std::to_string(number(host, "pid")) + ", up " +
                      duration(number(host, "uptime_s")) + ", " + plural(services.size(), "service") + "\n\n";
    host::Table table{{"SERVICE", "COMPONENT", "VERSION", "ANSWERS FOR", "RECEIVED", "RETURNED", "SINCE", "FILE"}};
    std::string details;
    for (JsonObject *service : services) {
        table.add({text(service, "id"), text(service, "component"), text(service, "version"),
                   joined(texts(service, "names")), std::to_string(number(service, "packets_received")),
                   std::to_string(number(service, "packets_returned")), text(service, "since"), text(service, "file")});
        details += details_view(service);
    }
    out += table.text() + details;
    if (const auto left = number(host, "images_left"); left > 0)
        out += "\n" + plural(left, "component") + " unloaded, but still in memory; the log says which\n";
    return out;
}

std::string swap_view(JsonObject *answer)
{
    return "swapped: " + text(answer, "service") + " is now " + text(answer, "component") + " " +
           text(answer, "version") + ", " + text(answer, "file") + "; its packets waited " +
           milliseconds(number(answer, "pause_us")) + "\n";
}

std::string reopen_view(JsonObject *answer)
{
    return "reopened: " + text(answer, "reopened") + "\n";
}

std::string metrics_view(JsonObject *answer)
{
    return text(answer, "metrics");
}

std::string sessions_view(JsonObject *answer)
{
    const auto sessions = objects(answer, "sessions");
    host::Table table{
        {"SERVICE", "CONNECTION", "SESSION", "CLIENT", "LOGIN", "AGE", "IDLE", "IN", "OUT", "QUEUED", "SECURITY"}};
    for (JsonObject *session : sessions) {
        const std::string security = text(session, "security");
        const auto detached = number(session, "detached_ms");
        const auto cell = [&](const char *name) { return std::string{host::cut(text(session, name), max_cell)}; };
        table.add({cell("service"), cell("connection"), cell("session"), cell("client"),
                   flag(session, "authenticated") ? "yes" : "no", duration(number(session, "age_ms") / 1000),
                   duration(number(session, "idle_ms") / 1000), size(number(session, "bytes_in")),
                   size(number(session, "bytes_out")), size(number(session, "queued_bytes")),
                   detached > 0       ? "gone for " + duration(detached / 1000)
                   : security.empty() ? "plain"
                                      : security});
    }
    return table.text() + "\n" + plural(sessions.size(), "session") + "\n";
}

} // namespace jabberd::ctl
