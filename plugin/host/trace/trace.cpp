// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/trace/trace.h"

#include "host/text/json.h"
#include "host/text/printable.h"
#include "host/trace/redact.h"

#include <glib.h>
#include <sys/eventfd.h>

#include <algorithm>

namespace jabberd::host {

namespace {

constexpr std::size_t max_packet =
    64 * 1024; // shown of one packet: the start and the children that matter are in front
constexpr std::size_t max_waiting_lines = 1024 * 1024; // bytes for one listener: seconds of a busy host

std::string time_now()
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *text = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S.%f%:z");
    return text;
}

std::string shown_text(const jabberd_packet &packet)
{
    const std::string whole = redacted(packet);
    const std::string_view head = cut(whole, max_packet);
    std::string out;
    append_printable(out, head);
    if (head.size() < whole.size())
        out += "…";
    return out;
}

bool holds(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

} // namespace

Trace::Trace() : wake_(at_or_above(0, UniqueFd{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}))
{
}

void Trace::show(std::string_view from, std::string_view to, const jabberd_packet &packet)
{
    const std::string text = shown_text(packet);
    const std::string line = JsonWriter{}
                                 .object()
                                 .name("time")
                                 .text(time_now())
                                 .name("from")
                                 .text(from)
                                 .name("to")
                                 .text(to)
                                 .name("packet")
                                 .text(text)
                                 .end_object()
                                 .line();
    bool has_news = false;
    {
        const std::lock_guard lock{mutex_};
        for (TraceListener *listener : listeners_) {
            if (!holds(text, listener->filter_) && !holds(from, listener->filter_) && !holds(to, listener->filter_))
                continue;
            has_news = true;
            if (listener->lost_ > 0 || listener->lines_.size() + line.size() > max_waiting_lines)
                ++listener->lost_;
            else
                listener->lines_ += line;
        }
    }
    if (has_news)
        eventfd_write(wake_.get(), 1);
}

void Trace::acknowledge()
{
    eventfd_t count;
    eventfd_read(wake_.get(), &count);
}

TraceListener::TraceListener(Trace &trace, std::string filter) : trace_(trace), filter_(std::move(filter))
{
    const std::lock_guard lock{trace_.mutex_};
    trace_.listeners_.push_back(this);
    trace_.active_.store(true, std::memory_order_relaxed);
}

TraceListener::~TraceListener()
{
    const std::lock_guard lock{trace_.mutex_};
    std::erase(trace_.listeners_, this);
    trace_.active_.store(!trace_.listeners_.empty(), std::memory_order_relaxed);
}

std::string TraceListener::take()
{
    const std::lock_guard lock{trace_.mutex_};
    std::string lines = std::exchange(lines_, {});
    if (const std::uint64_t lost = std::exchange(lost_, 0); lost > 0)
        lines += JsonWriter{}.object().name("lost").number(lost).end_object().line();
    return lines;
}

} // namespace jabberd::host
