// SPDX-License-Identifier: LGPL-2.1-or-later
// A dialect between a socket manager and a host for which the test speaks.
#pragma once

#include "dialect/dialect.h"
#include "dialect/element.h"
#include "support/packet_from_xml.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace jabberd::test {

class Told : private dialect::Outlet {
public:
    explicit Told(std::unique_ptr<dialect::Dialect> dialect, std::string xmlns = "")
        : dialect_(std::move(dialect)), xmlns_(std::move(xmlns))
    {
    }

    using Lines = std::vector<std::string>;

    // "connection address accepted" or "connection address refused code", of all logins so far.
    Lines logins;

    // How many log lines say that a packet went back.
    unsigned sent_back_count = 0;

    // What comes of a packet of the socket manager, or of an element of the host: "host <…>" or "component <…>", each
    // in one spelling; or "dropped message from … to …".
    Lines component(const std::string &xml)
    {
        dialect_->from_component(packet_from_xml(xml).packet(), *this);
        return std::exchange(told_, {});
    }

    Lines host(const std::string &xml)
    {
        const auto document = parse(xml);
        dialect_->from_host(dialect::element_of(*document), *this);
        return std::exchange(told_, {});
    }

    // Of an element of ours: the host has not taken it.
    Lines came_back(const std::string &xml)
    {
        const auto document = parse(xml);
        dialect_->not_taken(dialect::element_of(*document), *this);
        return std::exchange(told_, {});
    }

private:
    xml::DocumentPtr parse(const std::string &xml) const
    {
        auto document = dialect::parse_element(xml, xmlns_);
        if (!document)
            throw std::invalid_argument{"not well-formed: " + xml};
        return document;
    }

    void to_host(std::string element) override { add("host " + element); }
    void to_component(const jabberd_packet &packet) override { add("component " + canonical(packet)); }
    void dropped(std::string_view name, std::string_view from, std::string_view to, std::string_view) override
    {
        add("dropped " + std::string{name} + " from " + std::string{from} + " to " + std::string{to});
    }

    void sent_back(std::string_view, std::string_view, std::string_view) override { ++sent_back_count; }

    void login_ended(const dialect::LoginEnd &login) override
    {
        logins.push_back(std::string{login.connection} + ' ' + std::string{login.address} +
                         (login.accepted ? " accepted" : " refused " + std::string{login.error}));
    }

    void add(std::string line)
    {
        std::ranges::replace(line, '"', '\''); // no test holds either inside a value
        told_.push_back(std::move(line));
    }

    std::unique_ptr<dialect::Dialect> dialect_;
    const std::string xmlns_;
    Lines told_;
};

} // namespace jabberd::test
