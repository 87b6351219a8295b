// SPDX-License-Identifier: LGPL-2.1-or-later
// The log: GLib's structured logging, to the journal where that is what standard error is, otherwise one line each.
#pragma once

#include <jabberd/log.h>

#include <chrono>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace jabberd::host::log {

// [main] Once, before anything else: from here on GLib's own messages come here too. No record ever waits for who reads
// standard error or the journal: what cannot be written soon is lost, and the next record that is written says how
// many.
void start();

// [any-thread] Text for people on standard output, likewise.
void print(std::string text);

// [main] At the end of the process: what still waits is written, if that takes no longer than this.
void finish(std::chrono::milliseconds patience);

// Where records go instead of GLib, when a program around this host keeps a log.
class Sink {
public:
    // [any-thread] What there is to say, printable; without time and level. The fields are borrowed, and as they came.
    virtual void write(jabberd_log_level level, std::string_view line, std::span<const jabberd_log_field> fields) = 0;

protected:
    ~Sink() = default;
};

// [any-thread] Instead of start(): records of `service` go there, until stop_sending_to(). There may be others for
// other services; the first of them gets what is of no service that has one.
void send_to(Sink &sink, std::string_view service);
void stop_sending_to(Sink &sink); // it is called no more

// [any-thread] Records above this level are not written. JABBERD_LOG_INFO in the beginning.
void set_level(jabberd_log_level level);
bool enabled(jabberd_log_level level);

// [any-thread] All is borrowed. What strangers may have chosen belongs into fields or goes through the message
// unharmed: it is written out and cut on a terminal.
void write(jabberd_log_level level, std::string_view service, std::string_view message,
           std::span<const jabberd_log_field> fields = {});

struct Field {
    const char *name;
    std::string_view value;
};
void write(jabberd_log_level level, std::string_view service, std::string_view message,
           std::initializer_list<Field> fields);

// What is about a line of a file: `text` begins with "file:line: ", so that an editor can jump there, and is shown as
// it is, without time and service. Line 0: the file as a whole.
void write_about(std::string_view file, unsigned line, jabberd_log_level level, std::string_view service,
                 std::string_view text);

} // namespace jabberd::host::log
