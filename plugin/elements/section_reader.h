// SPDX-License-Identifier: LGPL-2.1-or-later
// What all who read a component's section say alike: mistakes, and values that are none.
#pragma once

#include "elements/element.h"

#include <jabberd/host.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::elements {

// A base. Borrows the host, which shows the operator what is reported.
class SectionReader {
public:
    explicit SectionReader(const jabberd_host &host) : host_(host) {}

    unsigned errors() const { return errors_; }
    bool failed() const { return errors_ != 0; }
    void error(const jabberd_config &at, const std::string &message);
    void warning(const jabberd_config &at, const std::string &message); // ends in ", ignoring"

    // The section is read: warns of what nothing has asked for, and of further sections of its namespace. `component`
    // is what the operator calls it: "the session manager".
    void tell_unread(const jabberd_config &section, const Asked &asked, const std::string &component);

protected:
    const jabberd_host &host() const { return host_; }

    // The element's text, or one of its attributes. Where it is no such number, that is an error and `value` stays.
    template <typename Number>
    void number(const Element &element, std::uint64_t min, std::uint64_t max, Number &value)
    {
        store(number_of(element, "", element.text(), min, max), value);
    }
    template <typename Number>
    void number(const Element &element, std::string_view attribute, std::uint64_t min, std::uint64_t max, Number &value)
    {
        if (const char *text = element.attribute(attribute))
            store(number_of(element, attribute, text, min, max), value);
    }

    // The file that a text of the element, or of one of its attributes, means (elements/path.h). "" after an error.
    std::string path(const Element &element, std::string_view text);

    void yes_or_no(const Element &element, bool &value);

private:
    template <typename Number>
    static void store(std::optional<std::uint64_t> parsed, Number &value)
    {
        if (parsed)
            value = static_cast<Number>(*parsed);
    }
    std::optional<std::uint64_t> number_of(const Element &element, std::string_view attribute, std::string_view text,
                                           std::uint64_t min, std::uint64_t max);

    const jabberd_host &host_;
    unsigned errors_ = 0;
};

} // namespace jabberd::elements
