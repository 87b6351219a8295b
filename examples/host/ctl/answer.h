// SPDX-License-Identifier: LGPL-2.1-or-later
// A line of JSON from the host, read without surprises: what is missing is empty.
#pragma once

#include <json-glib/json-glib.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jabberd::ctl {

struct NodeDeleter {
    void operator()(JsonNode *node) const { json_node_unref(node); }
};

// A parsed line. Null when it is not a JSON object.
using Answer = std::unique_ptr<JsonNode, NodeDeleter>;
Answer parse(const std::string &line);

// Members of an object; it may be null. What is borrowed lives as long as the answer.
bool has(JsonObject *object, const char *name);
std::string text(JsonObject *object, const char *name);
std::uint64_t number(JsonObject *object, const char *name);
bool flag(JsonObject *object, const char *name);
JsonObject *object(JsonObject *parent, const char *name);
std::vector<JsonObject *> objects(JsonObject *parent, const char *name);
std::vector<std::string> texts(JsonObject *parent, const char *name);

} // namespace jabberd::ctl
