// SPDX-License-Identifier: LGPL-2.1-or-later
// What the host itself takes from a jabberd configuration: its settings, and which component answers for which names.
#pragma once

#include "host/config/tree.h"
#include "host/log/log.h"

#include <jabberd/log.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::host {

// One <service id='…'>. An existing jabberd configuration needs only the path in its <load> changed.
struct ServiceConfig {
    std::string id;
    std::vector<std::string>
        names; // its <host/>s, or the id where it has none; "" answers for every name that no other service has
    std::string component;                    // the name of the element inside <load>
    std::vector<std::filesystem::path> files; // where the component may be, the best place first
    const jabberd_config *load;
    const jabberd_config *element;
};

// <metrics port='9464'>127.0.0.1</metrics>: where Prometheus finds the metrics.
struct MetricsPort {
    std::string address; // in numbers; not judged yet
    std::uint16_t port;  // 0: the kernel's choice
    bool has_page;       // page='yes': the status page as well
    std::string file;    // where it says so
    unsigned line;
};

// <user>jabberd</user>: whom the host becomes when root has started it.
struct UserToBecome {
    std::string name; // USER or USER:GROUP
    std::string file; // where it says so
    unsigned line;
};

// <log file='jabberd.log'/>: what is written there instead of to standard error or the journal.
struct LogFile {
    std::string path; // not opened yet
    std::string file; // where it says so
    unsigned line;
};

// The host's own root-level elements. What is absent is left to the command line and the defaults.
struct Settings {
    std::optional<std::string> control;         // <control>/run/jabberd/control.sock</control>
    std::optional<std::chrono::seconds> drain;  // <drain>10</drain>
    std::optional<jabberd_log_level> log_level; // <log level='info'/>
    std::optional<LogFile> log_file;            // <log file='jabberd.log'/>
    log::Format log_format = log::Format::Text; // <log format='json'/>
    bool privacy = false;                       // <privacy>yes</privacy>
    std::optional<MetricsPort> metrics;         // nothing: nowhere
    std::optional<UserToBecome> user;           // nothing: the one who has started it
};

struct Configuration {
    std::shared_ptr<const ConfigTree> tree; // shared with the services that run with it
    Settings settings;
    std::vector<ServiceConfig> services; // in the order of the file
};

// Reads all of it; see mistakes.fatal() for whether it may be used.
Configuration read_configuration(const std::string &file, Mistakes &mistakes);

// Null: there is none with that id.
const ServiceConfig *find_service(const std::vector<ServiceConfig> &services, std::string_view id);

// "error", "warning", "notice", "info", "debug".
std::optional<jabberd_log_level> parse_log_level(std::string_view name);

} // namespace jabberd::host
