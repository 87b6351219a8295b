// SPDX-License-Identifier: LGPL-2.1-or-later
// Log records without ceremony.
#pragma once

#include <jabberd/host.h>

#include <initializer_list>
#include <string_view>

namespace jabberd::session_manager {

struct LogField {
    const char *name; // upper case, a constant
    std::string_view value;
};

// [any-thread] Messages are constants; what a user supplied goes into a field, which the host quotes and cuts.
class Log {
public:
    explicit Log(const jabberd_host &host) : host_(host) {}
    void error(std::string_view message, std::initializer_list<LogField> fields = {}) const
    {
        write(JABBERD_LOG_ERROR, message, fields);
    }
    void notice(std::string_view message, std::initializer_list<LogField> fields = {}) const
    {
        write(JABBERD_LOG_NOTICE, message, fields);
    }
    void info(std::string_view message, std::initializer_list<LogField> fields = {}) const
    {
        write(JABBERD_LOG_INFO, message, fields);
    }

private:
    void write(jabberd_log_level level, std::string_view message, std::initializer_list<LogField> fields) const;

    const jabberd_host &host_;
};

} // namespace jabberd::session_manager
