// SPDX-License-Identifier: LGPL-2.1-or-later
// A classic jabberd with the component in it, as a process. The test is its session managers.
#pragma once

#include "scenarios/classic/route_session_manager.h"
#include "scenarios/classic/script.h"
#include "scenarios/classic/server.h"
#include "stub/stub.h"
#include "support/temp_dir.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace jabberd::test {

class ClassicStub final : public Stub {
public:
    enum class Dialect { Session, Route, RouteInNamespaces }; // jabberd 1.1, 1.4, 1.6
    static Dialect dialect_of(const std::string &program);    // by its name

    // The <service/> is written as for a native host.
    ClassicStub(std::string program, std::string component_path, std::string service_xml);
    ~ClassicStub() override;

    bool create() override; // throws std::runtime_error when the host does not start
    bool start() override;
    void stop(unsigned deadline_ms) override;
    std::optional<std::string> end() override;
    std::optional<std::string> swap(const std::string &component_path,
                                    const std::optional<std::string> &service_xml) override;
    void restart() override; // SIGKILL
    jabberd_result give(const jabberd_packet &packet) override;
    void set_reaction(Reaction reaction) override;
    void set_full(const std::string &name) override; // throws: it is nobody's to say
    void resume(const std::string &name) override;
    std::vector<std::string> status(const std::string &key) override;
    jabberd_log_level level_in_log(jabberd_log_level level) const override;

    // From now on nobody translates: what comes over the wire is recorded as it is,
    void show_wire() { translating_ = false; }
    // and the test says itself what goes there.
    void say(const std::string &elements);

private:
    std::string configuration() const;
    void run_server();
    void printed(const std::string &line);
    void on_element(const std::string &element);
    void record(const std::string &packet);
    void say_on_wire(std::string element);
    void round_trip();

    const std::string program_, component_path_, service_xml_;
    const Dialect dialect_;
    TempDir directory_;
    RouteSessionManager sessions_;
    std::atomic<bool> translating_{true};
    std::atomic<bool> refused_{false};
    std::mutex mutex_; // guards the next three
    std::condition_variable echoed_;
    unsigned echoes_ = 0;
    std::shared_ptr<const Reaction> reaction_;
    unsigned asked_echoes_ = 0;
    std::optional<Script> script_;
    std::string file_;             // jabber.xml
    std::optional<Server> server_; // goes first
};

} // namespace jabberd::test
