// SPDX-License-Identifier: LGPL-2.1-or-later
// The fields of jabber:iq:register, in both of their forms: elements of old, and a data form (XEP-0077 §4, XEP-0004).
#pragma once

#include <libxml/tree.h>

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::session_manager {

// Appends both forms. `username` is filled in; empty: it is asked for.
void append_registration_fields(std::string &query, std::string_view username);

struct RegistrationFields {
    enum class Form {
        Filled,    // or no form at all
        Cancelled, // the client wants nothing
        Wrong,     // a form of something else, or not a submitted one
    };
    Form form = Form::Filled;
    std::optional<std::string> username, password;
};

// What a client has filled in. A submitted form is preferred to the elements.
RegistrationFields read_registration_fields(const xmlNode *query);

// Takes out of a copy of the query what an error must not show.
void remove_registration_secrets(xmlNode *query);

} // namespace jabberd::session_manager
