// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/reports.h"

#include "base/view.h"
#include "host/text/json.h"

#include <jabberd/inspect.h>

#include <unistd.h>

#include <algorithm>

namespace jabberd::host {

namespace {

using Details = std::vector<std::pair<std::string, std::string>>;

const jabberd_inspect *inspect_of(const Service &service)
{
    return static_cast<const jabberd_inspect *>(service.extension(JABBERD_INSPECT));
}

std::string local_time(std::chrono::system_clock::time_point time)
{
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_local(std::chrono::system_clock::to_time_t(time));
    g_autofree char *text = g_date_time_format_iso8601(at);
    return text;
}

void write_component(JsonWriter &json, const LoadedService &loaded)
{
    const jabberd_identity &identity = loaded.library->identity();
    json.name("component").text(identity.name).name("version").text(identity.version);
    json.name("file").text(loaded.library->file().string());
}

void write_swaps(JsonWriter &json, const SwapHistory &swaps)
{
    json.name("swaps").number(swaps.done);
    if (swaps.done > 0)
        json.name("last_pause_us").number(static_cast<std::uint64_t>(swaps.last_pause.count()));
    if (!swaps.last_failure.empty())
        json.name("last_failed_swap")
            .text(swaps.last_failure)
            .name("last_failed_swap_at")
            .text(local_time(swaps.last_failure_at));
}

// A component may say a key again, such as one "listen" for each address; in JSON the last would hide the others.
Details joined(const Details &details)
{
    Details result;
    for (const auto &[key, value] : details) {
        const auto same = std::ranges::find(result, key, &Details::value_type::first);
        if (same == result.end())
            result.emplace_back(key, value);
        else
            same->second += ", " + value;
    }
    return result;
}

void write_service(JsonWriter &json, const LoadedService &loaded)
{
    const ServiceCounters counters = loaded.service.counters();
    json.object().name("id").text(loaded.config.id).name("names").array();
    for (const std::string &name : loaded.config.names)
        json.text(name.empty() ? "*" : name);
    json.end_array();
    write_component(json, loaded);
    json.name("since").text(local_time(loaded.since)).name("running").boolean(loaded.service.instance() != nullptr);
    write_swaps(json, loaded.swaps);
    json.name("packets_received").number(counters.received).name("packets_returned").number(counters.returned);
    json.name("details").object();
    for (const auto &[key, value] : joined(status_of(loaded.service)))
        json.name(key.c_str()).text(value);
    json.end_object().end_object();
}

struct SessionSink {
    JsonWriter &json;
    const std::string &service;

    static void take(void *data, const jabberd_session *session)
    {
        auto &[json, service] = *static_cast<SessionSink *>(data);
        json.object()
            .name("service")
            .text(service)
            .name("connection")
            .text(text(session->connection))
            .name("session")
            .text(text(session->session));
        json.name("client").text(text(session->client_address)).name("authenticated").boolean(session->authenticated);
        json.name("age_ms").number(session->age_ms).name("idle_ms").number(session->idle_ms);
        json.name("bytes_in").number(session->bytes_in).name("bytes_out").number(session->bytes_out);
        json.name("stanzas_in").number(session->stanzas_in).name("stanzas_out").number(session->stanzas_out);
        json.name("queued_bytes").number(session->queued_bytes).name("security").text(text(session->security));
        const bool detached = JABBERD_HAS(session, detached_ms) && session->detached;
        json.name("detached_ms").number(detached ? session->detached_ms : 0);
        json.end_object();
    }
};

} // namespace

Details status_of(const Service &service)
{
    Details details;
    const jabberd_inspect *inspect = inspect_of(service);
    if (inspect == nullptr)
        return details;
    const auto sink = [](void *data, jabberd_view key, jabberd_view value) {
        static_cast<Details *>(data)->emplace_back(text(key), text(value));
    };
    inspect->status(service.instance(), sink, &details);
    return details;
}

std::string error_report(std::string_view message)
{
    return JsonWriter{}.object().name("error").text(message).end_object().line();
}

std::string status_report(const Host &host, std::chrono::seconds uptime)
{
    JsonWriter json;
    json.object().name("host").object();
    json.name("name")
        .text(host.name())
        .name("version")
        .text(SOCKET_MANAGER_VERSION)
        .name("pid")
        .number(static_cast<std::uint64_t>(getpid()))
        .name("uptime_s")
        .number(static_cast<std::uint64_t>(uptime.count()))
        .name("images_left")
        .number(host.images_left());
    json.end_object().name("services").array();
    for (const LoadedService &loaded : host.services())
        write_service(json, loaded);
    return json.end_array().end_object().line();
}

std::string sessions_report(const Host &host)
{
    JsonWriter json;
    json.object().name("sessions").array();
    for (const LoadedService &loaded : host.services()) {
        const jabberd_inspect *inspect = inspect_of(loaded.service);
        if (inspect == nullptr || inspect->sessions == nullptr)
            continue;
        SessionSink sink{json, loaded.config.id};
        inspect->sessions(loaded.service.instance(), SessionSink::take, &sink);
    }
    return json.end_array().end_object().line();
}

std::string metrics_report(std::string_view text)
{
    return JsonWriter{}.object().name("metrics").text(text).end_object().line();
}

std::string reload_report(const Mistakes &mistakes)
{
    JsonWriter json;
    json.object().name("reloaded").boolean(!mistakes.fatal()).name("messages").array();
    for (const Mistake &mistake : mistakes.all())
        json.text(to_text(mistake));
    return json.end_array().end_object().line();
}

std::string reopen_report(std::string_view file)
{
    return JsonWriter{}.object().name("reopened").text(file).end_object().line();
}

std::string swap_report(const Host &host, std::string_view service, const SwapOutcome &outcome,
                        const Mistakes &mistakes)
{
    JsonWriter json;
    json.object().name("swapped").boolean(outcome.is_done()).name("service").text(service);
    for (const LoadedService &loaded : host.services()) {
        if (loaded.config.id == service)
            write_component(json, loaded);
    }
    json.name("pause_us").number(static_cast<std::uint64_t>(outcome.pause.count()));
    if (!outcome.is_done())
        json.name("step").text(name_of(outcome.reached)).name("error").text(to_text(outcome));
    json.name("messages").array();
    for (const Mistake &mistake : mistakes.all())
        json.text(to_text(mistake));
    return json.end_array().end_object().line();
}

} // namespace jabberd::host
