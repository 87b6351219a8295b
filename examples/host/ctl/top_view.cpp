// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/top_view.h"

#include "ctl/views.h"
#include "host/text/printable.h"
#include "host/text/table.h"

#include <glib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <sstream>
#include <string_view>
#include <tuple>
#include <vector>

namespace jabberd::ctl {

namespace {

constexpr std::size_t longest_session = 48;

// A sample of the text format: name{labels} value.
struct Sample {
    std::string_view name, labels;
    double value = 0;
};

std::vector<Sample> samples_of(std::string_view metrics)
{
    std::vector<Sample> samples;
    while (!metrics.empty()) {
        const auto end = std::min(metrics.find('\n'), metrics.size());
        const std::string_view line = metrics.substr(0, end);
        metrics.remove_prefix(std::min(end + 1, metrics.size()));
        const auto value = line.rfind(' ');
        if (line.starts_with('#') || value == line.npos)
            continue;
        const std::string_view what = line.substr(0, value);
        const auto brace = std::min(what.find('{'), what.size());
        samples.push_back({what.substr(0, brace), what.substr(brace),
                           g_ascii_strtod(std::string{line.substr(value + 1)}.c_str(), nullptr)});
    }
    return samples;
}

// Of all samples of that name that have this label.
double sum(const std::vector<Sample> &samples, std::string_view name, std::string_view label = {})
{
    double sum = 0;
    for (const Sample &sample : samples) {
        if (sample.name == name && sample.labels.find(label) != std::string_view::npos)
            sum += sample.value;
    }
    return sum;
}

std::string value_of_label(std::string_view labels, std::string_view name)
{
    const std::string begin = std::string{name} + "=\"";
    const auto at = labels.find(begin);
    if (at == labels.npos)
        return {};
    labels.remove_prefix(at + begin.size());
    return std::string{labels.substr(0, labels.find('"'))};
}

// What a counter has grown by; after a restart it began anew.
double grown(double before, double now)
{
    return now >= before ? now - before : now;
}

std::string whole(double number)
{
    return std::to_string(static_cast<std::uint64_t>(std::llround(std::max(number, 0.0))));
}

std::string bytes(double number)
{
    return size(static_cast<std::uint64_t>(std::llround(std::max(number, 0.0))));
}

// One client, in a second.
struct Busy {
    double stanzas_in = 0, stanzas_out = 0, bytes_in = 0, bytes_out = 0;
    JsonObject *session = nullptr;
};

JsonObject *root_of(const Look &look)
{
    return look.sessions ? json_node_get_object(look.sessions.get()) : nullptr;
}

std::string key_of(JsonObject *session)
{
    return text(session, "service") + ' ' + text(session, "connection");
}

std::vector<Busy> clients_of(const Look &before, const Look &now, double seconds)
{
    std::map<std::string, JsonObject *> earlier;
    for (JsonObject *session : objects(root_of(before), "sessions"))
        earlier.emplace(key_of(session), session);
    std::vector<Busy> clients;
    for (JsonObject *session : objects(root_of(now), "sessions")) {
        const auto found = earlier.find(key_of(session));
        JsonObject *was = found == earlier.end() ? nullptr : found->second;
        const auto rate = [&](const char *what) {
            const double then = was == nullptr ? 0.0 : static_cast<double>(number(was, what));
            return grown(then, static_cast<double>(number(session, what))) / seconds;
        };
        clients.push_back({rate("stanzas_in"), rate("stanzas_out"), rate("bytes_in"), rate("bytes_out"), session});
    }
    // The client that sends most costs most; among silent ones, the client that is sent most.
    std::ranges::stable_sort(clients, std::greater{}, [](const Busy &client) {
        return std::tuple{client.bytes_in + 100 * client.stanzas_in, client.bytes_out};
    });
    return clients;
}

std::string heading(const std::vector<Sample> &before, const std::vector<Sample> &now, double seconds)
{
    constexpr const char *connections = "socket_manager_connections", *busy = "socket_manager_loop_busy_seconds_total";
    const auto rate = [&](std::string_view name, std::string_view label = {}) {
        return grown(sum(before, name, label), sum(now, name, label)) / seconds;
    };
    std::ostringstream out;
    out << "connections " << whole(sum(now, connections)) << ": "
        << whole(sum(now, connections, "state=\"authenticated\"")) << " authenticated, "
        << whole(sum(now, connections, "state=\"unknown\"")) << " unknown, "
        << whole(sum(now, connections, "state=\"detached\"")) << " detached\n";
    out << "in " << whole(rate("socket_manager_stanzas_total", "direction=\"in\"")) << " stanzas/s, "
        << bytes(rate("socket_manager_traffic_bytes_total", "direction=\"in\"")) << "/s   out "
        << whole(rate("socket_manager_stanzas_total", "direction=\"out\"")) << " stanzas/s, "
        << bytes(rate("socket_manager_traffic_bytes_total", "direction=\"out\"")) << "/s   logins "
        << whole(rate("socket_manager_logins_total", "result=\"accepted\"")) << "/s, refused "
        << whole(rate("socket_manager_logins_total", "result=\"refused\"")) << "/s\n";
    out << "connections refused " << whole(rate("socket_manager_refused_total")) << "/s   held back "
        << whole(rate("socket_manager_limited_total")) << "/s   memory "
        << bytes(sum(now, "socket_manager_memory_bytes")) << " of "
        << bytes(sum(now, "socket_manager_memory_limit_bytes")) << "   unread "
        << bytes(sum(now, "socket_manager_queue_bytes")) << "\n";
    out << "loops";
    for (const Sample &sample : now) {
        if (sample.name != busy)
            continue;
        const auto was = std::ranges::find_if(
            before, [&](const Sample &other) { return other.name == sample.name && other.labels == sample.labels; });
        const double then = was == before.end() ? 0.0 : was->value;
        out << "  " << value_of_label(sample.labels, "service") << '/' << value_of_label(sample.labels, "loop") << ' '
            << whole(100 * grown(then, sample.value) / seconds) << " %";
    }
    return out.str() + "\n";
}

// No line is longer, and there are no more of them.
std::string within(std::string_view text, std::size_t rows, std::size_t columns)
{
    std::string out;
    for (std::size_t row = 0; row < rows && !text.empty(); ++row) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string line{text.substr(0, end)};
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto letters = static_cast<std::size_t>(g_utf8_strlen(line.c_str(), -1));
        const char *cut = g_utf8_offset_to_pointer(line.c_str(), static_cast<long>(std::min(letters, columns)));
        out.append(line.c_str(), cut).append("\n");
    }
    return out;
}

} // namespace

std::string top_view(const Look &before, const Look &now, std::size_t rows, std::size_t columns)
{
    const double seconds = std::max(now.seconds - before.seconds, 0.001);
    const auto clients = clients_of(before, now, seconds);
    double all_in = 0;
    for (const Busy &client : clients)
        all_in += client.bytes_in;
    std::string out = heading(samples_of(before.metrics), samples_of(now.metrics), seconds);
    std::size_t shown = 0;
    host::Table table{{"IN/S", "OUT/S", "BYTES IN/S", "OF ALL", "BYTES OUT/S", "UNREAD", "SESSION", "CLIENT"}};
    for (const Busy &client : clients) {
        if (++shown > rows) // more than can be seen
            break;
        table.add({whole(client.stanzas_in), whole(client.stanzas_out), bytes(client.bytes_in),
                   whole(all_in > 0 ? 100 * client.bytes_in / all_in : 0) + " %", bytes(client.bytes_out),
                   size(number(client.session, "queued_bytes")),
                   std::string{host::cut(text(client.session, "session"), longest_session)},
                   text(client.session, "client")});
    }
    return within(out + "\n" + table.text(), rows, columns);
}

} // namespace jabberd::ctl
