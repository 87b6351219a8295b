// SPDX-License-Identifier: LGPL-2.1-or-later
// The log: GLib's structured logging, to a file where one is named, otherwise to the journal where standard error is
// that, otherwise one line each on standard error.
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

enum class Format { Text, Json };

// [any-thread] How a record becomes a line (line.h, json_line.h). The journal has fields of its own.
void set_format(Format format);

// [any-thread] From the next record on they go to the file that `descriptor` is, which may be closed then: what
// open_regular_file() has opened for appending. One line each, with its date. What the file has no room for is lost,
// and the first line that it takes again says how many were.
void use_file(int descriptor);
void use_no_file();

// [any-thread] Until this is called what goes to a file goes to standard error, or the journal, as well: an operator
// who starts a host in vain looks there.
void leave_standard_error_to_others();

// [any-thread] Whether of network addresses in records only the network is written, and of the addresses of users only
// the domain (privacy.h). No in the beginning.
void set_privacy(bool wanted);

// [any-thread] Says of warnings and errors that came too often what was left out in a minute that is over, where it has
// not been said yet; the next record of any kind says it as well.
void tell_repeats();

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

// [any-thread] All is borrowed. Of warnings and errors of one kind only the first in a minute are written (repeats.h).
// What strangers may have chosen belongs into fields or goes through the message
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
