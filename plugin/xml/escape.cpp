// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/escape.h"

namespace jabberd::xml {

namespace {

// Copies runs of ordinary characters at once; `special` names those that stop a run.
void append_escaped(std::string &out, std::string_view plain, std::string_view special)
{
    for (;;) {
        const auto run = plain.find_first_of(special);
        out.append(plain.substr(0, run));
        if (run == std::string_view::npos)
            return;
        switch (plain[run]) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '\'': out += "&apos;"; break;
        case '"': out += "&quot;"; break;
        case '\t': out += "&#9;"; break;
        case '\n': out += "&#10;"; break;
        case '\r': out += "&#13;"; break;
        }
        plain.remove_prefix(run + 1);
    }
}

} // namespace

void append_attribute_value(std::string &out, std::string_view plain)
{
    append_escaped(out, plain, "&<>'\"\t\n\r");
}

void append_text(std::string &out, std::string_view plain)
{
    append_escaped(out, plain, "&<>\r");
}

void append_attribute(std::string &out, std::string_view name, std::string_view value)
{
    out += ' ';
    out += name;
    out += "='";
    append_attribute_value(out, value);
    out += '\'';
}

} // namespace jabberd::xml
