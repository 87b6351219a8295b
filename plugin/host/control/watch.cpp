// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/watch.h"

namespace jabberd::host {

namespace {

using Ready = std::function<void()>;

gboolean call(gint, GIOCondition, gpointer data)
{
    (*static_cast<Ready *>(data))();
    return G_SOURCE_CONTINUE;
}

} // namespace

Watch::Watch(int descriptor, GIOCondition conditions, Ready ready)
    : source_(g_unix_fd_source_new(descriptor, conditions))
{
    // GLib holds the data of a source while it dispatches it, so the function outlives a Watch that ends inside its own
    // call.
    const auto free_ready = [](gpointer data) { delete static_cast<Ready *>(data); };
    g_source_set_callback(source_, reinterpret_cast<GSourceFunc>(reinterpret_cast<void (*)()>(call)),
                          new Ready{std::move(ready)}, free_ready);
    g_source_attach(source_, nullptr);
}

Watch::~Watch()
{
    if (source_ == nullptr)
        return;
    g_source_destroy(source_);
    g_source_unref(source_);
}

} // namespace jabberd::host
