// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/accounts/registration_form.h"

#include "xml/document.h"
#include "xml/escape.h"

namespace jabberd::session_manager {

namespace {

constexpr std::string_view xmlns = "jabber:iq:register";
constexpr std::string_view data_xmlns = "jabber:x:data";

void append_field(std::string &out, std::string_view name, std::string_view type, std::string_view label,
                  std::string_view value)
{
    out += "<field";
    xml::append_attribute(out, "type", type);
    xml::append_attribute(out, "var", name);
    xml::append_attribute(out, "label", label);
    out += "><required/>";
    if (!value.empty()) {
        out += "<value>";
        xml::append_text(out, value);
        out += "</value>";
    }
    out += "</field>";
}

std::optional<std::string> element_value(const xmlNode *query, std::string_view name)
{
    const xmlNode *field = xml::child(query, name, xmlns);
    return field == nullptr ? std::nullopt : std::optional{xml::content(field)};
}

std::optional<std::string> field_value(const xmlNode *form, std::string_view name)
{
    for (const xmlNode *node = form->children; node != nullptr; node = node->next) {
        if (!xml::is_element(node, "field", data_xmlns) || xml::attribute(node, "var") != name)
            continue;
        const xmlNode *value = xml::child(node, "value", data_xmlns);
        return value == nullptr ? std::nullopt : std::optional{xml::content(value)};
    }
    return std::nullopt;
}

} // namespace

void append_registration_fields(std::string &query, std::string_view username)
{
    constexpr std::string_view instructions = "<instructions>Choose a username and a password.</instructions>";
    query += instructions;
    if (username.empty()) {
        query += "<username/>";
    } else {
        query += "<username>";
        xml::append_text(query, username);
        query += "</username>";
    }
    query += "<password/><x xmlns='jabber:x:data' type='form'><title>Registration</title>";
    query += instructions;
    query += "<field type='hidden' var='FORM_TYPE'><value>jabber:iq:register</value></field>";
    append_field(query, "username", "text-single", "Username", username);
    append_field(query, "password", "text-private", "Password", {});
    query += "</x>";
}

RegistrationFields read_registration_fields(const xmlNode *query)
{
    using Form = RegistrationFields::Form;
    const xmlNode *form = xml::child(query, "x", data_xmlns);
    if (form == nullptr)
        return {Form::Filled, element_value(query, "username"), element_value(query, "password")};
    const std::string_view type = xml::attribute(form, "type");
    if (type == "cancel")
        return {Form::Cancelled, {}, {}};
    // XEP-0068: a form that does not say what it is for is taken for the one that was asked for.
    if (type != "submit" || field_value(form, "FORM_TYPE").value_or(std::string{xmlns}) != xmlns)
        return {Form::Wrong, {}, {}};
    return {Form::Filled, field_value(form, "username"), field_value(form, "password")};
}

void remove_registration_secrets(xmlNode *query)
{
    while (xmlNode *form = xml::child(query, "x", data_xmlns)) {
        xmlUnlinkNode(form);
        xmlFreeNode(form);
    }
}

} // namespace jabberd::session_manager
