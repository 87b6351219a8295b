// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/watch.h"

namespace jabberd::host {

namespace {

using Function = std::function<void()>;

void call(gpointer data)
{
    (*static_cast<Function *>(data))();
}

gboolean call_again(gint, GIOCondition, gpointer data)
{
    call(data);
    return G_SOURCE_CONTINUE;
}

gboolean call_once(gpointer data)
{
    call(data);
    return G_SOURCE_REMOVE;
}

// GLib holds the data of a source while it dispatches it, so the function outlives an object that ends inside its own
// call.
void attach(GSource *source, GSourceFunc callback, Function function)
{
    g_source_set_callback(source, callback, new Function{std::move(function)},
                          [](gpointer data) { delete static_cast<Function *>(data); });
    g_source_attach(source, nullptr);
}

void end(GSource *source)
{
    if (source == nullptr)
        return;
    g_source_destroy(source);
    g_source_unref(source);
}

} // namespace

Watch::Watch(int descriptor, GIOCondition conditions, Function ready)
    : source_(g_unix_fd_source_new(descriptor, conditions))
{
    attach(source_, reinterpret_cast<GSourceFunc>(reinterpret_cast<void (*)()>(call_again)), std::move(ready));
}

Watch::~Watch()
{
    end(source_);
}

Delay::Delay(std::chrono::milliseconds time, Function over)
    : source_(g_timeout_source_new(static_cast<guint>(time.count())))
{
    attach(source_, call_once, std::move(over));
}

Delay::~Delay()
{
    end(source_);
}

} // namespace jabberd::host
