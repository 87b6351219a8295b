// SPDX-License-Identifier: LGPL-2.1-or-later
// JSON of the control socket: built with json-glib, one value a line.
#pragma once

#include <json-glib/json-glib.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace jabberd::host {

// A JsonBuilder with C++ strings. Text that is not UTF-8 is made so, with U+FFFD.
class JsonWriter {
public:
    JsonWriter() : builder_(json_builder_new()) {}
    ~JsonWriter() { g_object_unref(builder_); }
    JsonWriter(const JsonWriter &) = delete;
    JsonWriter &operator=(const JsonWriter &) = delete;

    JsonWriter &object();
    JsonWriter &end_object();
    JsonWriter &array();
    JsonWriter &end_array();
    JsonWriter &name(const char *member);
    JsonWriter &text(std::string_view value);
    JsonWriter &number(std::uint64_t value);
    JsonWriter &boolean(bool value);

    // All that was written, on one line, with its end.
    std::string line() const;

private:
    JsonBuilder *builder_;
};

} // namespace jabberd::host
