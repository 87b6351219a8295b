// SPDX-License-Identifier: LGPL-2.1-or-later
// One instance of a component, and the host as that instance sees it.
#pragma once

#include <jabberd/check.h>
#include <jabberd/component.h>
#include <jabberd/host.h>
#include <jabberd/routes.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::host {

class Mistakes;
class Service;

// Functions without a tag are [main]. Its life: component.h has the picture.
class Instance {
public:
    // All is borrowed for its life.
    Instance(Service &service, const jabberd_component &component);
    ~Instance() { destroy(); }
    Instance(const Instance &) = delete;
    Instance &operator=(const Instance &) = delete;

    const jabberd_component &component() const { return component_; }

    // Null unless it is created.
    jabberd_instance *get() const { return instance_; }

    bool create(const jabberd_config &element, Mistakes &mistakes);
    // Without an instance (include/jabberd/check.h).
    void check(const jabberd_check &check, const jabberd_config &element, Mistakes &mistakes);

    bool create_successor(const jabberd_config &element,
                          Mistakes &mistakes); // offers JABBERD_SUCCESSION and JABBERD_TAKEOVER
    bool start();
    bool reload(const jabberd_config &element, Mistakes &mistakes);
    bool can_reload() const { return component_.reload != nullptr; }
    void stop(std::chrono::milliseconds deadline);
    void destroy(); // may be called again

    // [any-thread] While it is started. The answer of the first handler that does not pass.
    jabberd_result ask_handlers(const jabberd_packet &packet) const;

    // [any-thread] While it is created. `name`: of the destination that takes packets again; "": all do.
    void resume(std::string_view name);
    void names_changed();

    // [any-thread] While it is created. Beyond it: where the packet comes from, that it is delivering, or would go to;
    // "" where that is nowhere.
    std::string peer_of(const jabberd_packet &packet, bool arrives) const;

    // An extension, or null; only while created.
    const void *extension(const char *name) const;

    // [any-thread] Of a successor. Whether it may touch what the snapshot names: asked by itself, once.
    void open_claim() { claim_ = Claim::Open; } // before anything else
    bool claim();
    void give_claim_back();

    // [any-thread] Nobody waits for it any more, and nothing that it still does counts. False: it has claimed.
    bool abandon();
    bool knows_claims() const { return knows_claims_; }
    bool is_abandoned() const { return claim_ == Claim::TooLate; }

    // "" when it does by itself all that `old` does, as far as can be seen before it is started: handlers of the same
    // orders, for those that are registered in create(), and the extensions of which a host makes use.
    std::string what_it_lacks(const Instance &old) const;
    void look_at_extensions(); // what what_it_lacks() compares, on the thread that may call it

    // What it logs from now on is kept as well, up to take_notes().
    void note_what_it_logs() { takes_notes_ = true; }
    std::vector<std::string> take_notes();

private:
    struct Handler {
        jabberd_order order;
        bool in_create;
        jabberd_handler function;
        void *data;
    };

    friend struct HostFunctions; // what the instance calls

    enum class Claim { None, Open, Claimed, TooLate };

    bool add_handler(Handler handler);
    const jabberd_destinations *destinations() const; // or null
    void log(const jabberd_log_record &record);

    Service &service_;
    const jabberd_component &component_;
    const jabberd_host host_;

    jabberd_instance *instance_ = nullptr;
    bool takes_handlers_ = false;           // inside create() and start()
    Mistakes *mistakes_ = nullptr;          // inside create() and reload(): where report() goes
    std::atomic<bool> is_successor_{false}; // inside create_successor()
    std::atomic<Claim> claim_{Claim::None}; // of a successor
    std::atomic<bool> knows_claims_{false}; // it has asked how
    bool is_inspected_ = false;             // it has JABBERD_INSPECT
    std::vector<Handler> handlers_;         // by order; does not change once packets arrive

    std::atomic<bool> takes_notes_{false};
    std::mutex mutex_; // for notes_
    std::vector<std::string> notes_;
};

} // namespace jabberd::host
