// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/answer.h"

namespace jabberd::ctl {

namespace {

JsonNode *member(JsonObject *parent, const char *name)
{
    return parent == nullptr ? nullptr : json_object_get_member(parent, name);
}

bool is_value(JsonNode *node)
{
    return node != nullptr && JSON_NODE_HOLDS_VALUE(node);
}

std::string text_of(JsonNode *node)
{
    const char *value = is_value(node) ? json_node_get_string(node) : nullptr;
    return value == nullptr ? "" : value;
}

JsonObject *object_of(JsonNode *node)
{
    return node != nullptr && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : nullptr;
}

std::vector<JsonNode *> elements(JsonObject *parent, const char *name)
{
    JsonNode *node = member(parent, name);
    std::vector<JsonNode *> out;
    if (node == nullptr || !JSON_NODE_HOLDS_ARRAY(node))
        return out;
    JsonArray *array = json_node_get_array(node);
    for (guint i = 0; i < json_array_get_length(array); ++i)
        out.push_back(json_array_get_element(array, i));
    return out;
}

} // namespace

Answer parse(const std::string &line)
{
    Answer node{json_from_string(line.c_str(), nullptr)};
    return node && JSON_NODE_HOLDS_OBJECT(node.get()) ? std::move(node) : nullptr;
}

bool has(JsonObject *parent, const char *name)
{
    return member(parent, name) != nullptr;
}

std::string text(JsonObject *parent, const char *name)
{
    return text_of(member(parent, name));
}

std::uint64_t number(JsonObject *parent, const char *name)
{
    JsonNode *node = member(parent, name);
    return is_value(node) ? static_cast<std::uint64_t>(json_node_get_int(node)) : 0;
}

bool flag(JsonObject *parent, const char *name)
{
    JsonNode *node = member(parent, name);
    return is_value(node) && json_node_get_boolean(node) != FALSE;
}

JsonObject *object(JsonObject *parent, const char *name)
{
    return object_of(member(parent, name));
}

std::vector<JsonObject *> objects(JsonObject *parent, const char *name)
{
    std::vector<JsonObject *> out;
    for (JsonNode *node : elements(parent, name))
        out.push_back(object_of(node));
    return out;
}

std::vector<std::string> texts(JsonObject *parent, const char *name)
{
    std::vector<std::string> out;
    for (JsonNode *node : elements(parent, name))
        out.push_back(text_of(node));
    return out;
}

} // namespace jabberd::ctl
