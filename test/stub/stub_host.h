// SPDX-License-Identifier: LGPL-2.1-or-later
// A host with one component in it, and the test in place of everybody else.
#pragma once

#include "stub/config_tree.h"
#include "stub/handler_list.h"
#include "stub/load_component.h"
#include "stub/stub.h"

#include <jabberd/handover.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace jabberd::test {

// create(), start(), reload(), stop() and destroy() are the component's own, on the thread of the test, which is
// [main]; the destructor does what is left of them. Everything else may be called from any thread.
class StubHost final : public Stub {
public:
    // Loads the shared object and reads the <service/>, but calls nothing yet.
    // Throws std::runtime_error with the reason of a refusal, std::invalid_argument for a bad configuration.
    StubHost(const std::string &component_path, const std::string &service_xml, const std::string &file = "service.xml",
             unsigned first_line = 1);
    ~StubHost() override;
    StubHost(const StubHost &) = delete;
    StubHost &operator=(const StubHost &) = delete;

    bool create() override;
    bool start() override;
    bool reload(const std::string &service_xml);
    void stop(unsigned deadline_ms = 1000) override;
    void destroy();

    std::optional<std::string> swap(const std::string &component_path,
                                    const std::optional<std::string> &service_xml = std::nullopt) override;

    void restart() override; // without stop(), and what the dying instance delivers is nobody's

    // A swap (jabberd/handover.h). Before create(): this one is to succeed another.
    void succeed() { succeeds_ = true; }
    const jabberd_snapshot *freeze(unsigned deadline_ms = 5000);
    bool thaw(const jabberd_snapshot &snapshot);
    void commit();

    // A serialized component that is busy gets it later; the answer is then JABBERD_DONE.
    jabberd_result give(const jabberd_packet &packet) override { return handlers_->give(packet); }

    // Inside the component's own call, so that handlers are entered again.
    void set_reaction(Reaction reaction) override;

    void set_full(const std::string &name) override;
    void resume(const std::string &name) override;
    std::vector<std::string> status(const std::string &key) override;
    const void *extension(const char *id) const;
    const jabberd_identity &identity() const { return loaded_.identity; }

    std::atomic<unsigned> ready_calls{0};

private:
    static StubHost &of(const jabberd_host *host) { return *static_cast<StubHost *>(host->host_data); }
    const jabberd_handover &handover() const;
    jabberd_delivery take(const jabberd_packet &packet);

    loaded_component loaded_;
    std::unique_ptr<ConfigTree> identity_; // what host_ and names_ point into
    std::unique_ptr<ConfigTree> service_;  // what the running instance was created with
    std::vector<const char *> names_;
    jabberd_host host_{};
    std::unique_ptr<HandlerList> handlers_ = std::make_unique<HandlerList>();
    HandlerList *registering_ = handlers_.get();
    jabberd_instance *instance_ = nullptr;
    bool may_register_ = false;
    bool started_ = false;
    bool stopped_ = false;
    bool succeeds_ = false; // while a successor is created
    bool is_full(const jabberd_packet &packet);

    std::mutex full_mutex_;
    std::set<std::string> full_; // names; "": all
    std::atomic<bool> dying_{false};
    std::mutex reaction_mutex_;
    std::shared_ptr<const Reaction> reaction_;
};

} // namespace jabberd::test
