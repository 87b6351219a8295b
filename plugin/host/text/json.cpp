// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/text/json.h"

namespace jabberd::host {

JsonWriter &JsonWriter::object()
{
    json_builder_begin_object(builder_);
    return *this;
}

JsonWriter &JsonWriter::end_object()
{
    json_builder_end_object(builder_);
    return *this;
}

JsonWriter &JsonWriter::array()
{
    json_builder_begin_array(builder_);
    return *this;
}

JsonWriter &JsonWriter::end_array()
{
    json_builder_end_array(builder_);
    return *this;
}

JsonWriter &JsonWriter::name(const char *member)
{
    json_builder_set_member_name(builder_, member);
    return *this;
}

JsonWriter &JsonWriter::text(std::string_view value)
{
    g_autofree char *valid =
        g_utf8_make_valid(value.data() == nullptr ? "" : value.data(), static_cast<gssize>(value.size()));
    json_builder_add_string_value(builder_, valid);
    return *this;
}

JsonWriter &JsonWriter::number(std::uint64_t value)
{
    json_builder_add_int_value(builder_, static_cast<gint64>(value));
    return *this;
}

JsonWriter &JsonWriter::boolean(bool value)
{
    json_builder_add_boolean_value(builder_, value ? TRUE : FALSE);
    return *this;
}

std::string JsonWriter::line() const
{
    g_autoptr(JsonNode) root = json_builder_get_root(builder_);
    g_autofree char *written = json_to_string(root, FALSE);
    return std::string{written} + '\n';
}

} // namespace jabberd::host
