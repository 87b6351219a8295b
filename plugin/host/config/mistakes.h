// SPDX-License-Identifier: LGPL-2.1-or-later
// All that is wrong with a configuration, each with its place, so that the operator sees everything at once.
#pragma once

#include <jabberd/config.h>
#include <jabberd/log.h>

#include <string>
#include <string_view>
#include <vector>

namespace jabberd::host {

struct Mistake {
    jabberd_log_level level; // an error: the configuration is refused; a warning: it is used all the same
    std::string file;
    unsigned line; // 0: the file as a whole
    std::string message;
};

// "file:line: message"
std::string to_text(const Mistake &mistake);

// [any-thread] For the log, as a line of `service`.
void log_mistake(const Mistake &mistake, std::string_view service = "host");

class Mistakes {
public:
    void add(Mistake mistake) { all_.push_back(std::move(mistake)); }
    void error(const jabberd_config &at, std::string message)
    {
        add({JABBERD_LOG_ERROR, at.file, at.line, std::move(message)});
    }
    void warning(const jabberd_config &at, std::string message)
    {
        add({JABBERD_LOG_WARNING, at.file, at.line, std::move(message)});
    }

    // In the order of each file's lines; the files as they were met.
    void sort();

    const std::vector<Mistake> &all() const { return all_; }
    bool fatal() const; // whether any of them is an error

    // [any-thread] All of them, for the log.
    void log(std::string_view service = "host") const;

private:
    std::vector<Mistake> all_;
};

} // namespace jabberd::host
