// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/core/options.h"

#include "elements/section_reader.h"
#include "session_manager/base/jid.h"
#include "session_manager/sasl/mechanisms.h"
#include "xml/escape.h"

#include <array>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

namespace jabberd::session_manager {

namespace {

// RFC 7677 asks for at least 4096; with ten millions a login takes seconds.
constexpr unsigned min_iterations = 4096, max_iterations = 10'000'000;
constexpr unsigned max_registrations = 1'000'000;
constexpr unsigned max_work = 1'000'000;
constexpr unsigned min_work_bytes = 65'536, max_work_bytes = 250'000'000; // below, no stanza of the usual size gets in
constexpr unsigned max_kept = 100'000;
constexpr unsigned max_kept_bytes = 1'000'000'000;

std::string mechanism_names()
{
    std::string names;
    for (const MechanismKind &kind : all_mechanisms())
        names.append(names.empty() ? "" : ", ").append(kind.name);
    return names;
}

using elements::Element;

class Reader : public elements::SectionReader {
public:
    using SectionReader::SectionReader;

    // Of something that is kept for one user. `what` says of how many.
    void kept(const Element &element, const std::string &what, unsigned &most, unsigned &most_bytes)
    {
        const char *max = element.attribute("max");
        const char *bytes = element.attribute("bytes");
        if (max == nullptr && bytes == nullptr)
            return error(element.at(), "<" + std::string{element.name()} + "> needs max='…', the number of " + what +
                                           " one user, or bytes='…', how large they may be together");
        number(element, "max", 0, max_kept, most);
        number(element, "bytes", 0, max_kept_bytes, most_bytes);
    }

    void roster(const Element &element, Options &options)
    {
        const char *all = element.attribute("all-bytes");
        number(element, "all-bytes", 0, max_kept_bytes, options.rosters_bytes);
        if (all == nullptr || element.attribute("max") != nullptr || element.attribute("bytes") != nullptr)
            kept(element, "contacts of", options.roster_max, options.roster_bytes);
    }

    void work(const Element &element, WorkShares::Limits &limits)
    {
        const char *requests = element.attribute("requests");
        const char *bytes = element.attribute("bytes");
        if (requests == nullptr && bytes == nullptr)
            return error(element.at(), "<work> needs requests='…', how many of one connection may wait for the "
                                       "database or a password check, or bytes='…', how large they may be together");
        unsigned number_of_requests = static_cast<unsigned>(limits.pieces);
        unsigned number_of_bytes = static_cast<unsigned>(limits.bytes);
        number(element, "requests", 1, max_work, number_of_requests);
        number(element, "bytes", min_work_bytes, max_work_bytes, number_of_bytes);
        limits = {number_of_requests, number_of_bytes};
    }

    void registrations(const Element &element, net::Rate &rate)
    {
        const char *at_once = element.attribute("at-once");
        const char *per_hour = element.attribute("per-hour");
        if (at_once == nullptr && per_hour == nullptr)
            return error(element.at(),
                         "<registrations> needs per-hour='…', the accounts that one address may make in an "
                         "hour, 0 for no limit, or at-once='…', how many of them in a moment");
        unsigned number_at_once = rate.burst + 1, number_per_hour = 60;
        number(element, "at-once", 1, max_registrations, number_at_once);
        number(element, "per-hour", 0, max_registrations, number_per_hour);
        rate = {.per_second = number_per_hour / 3600.0, .burst = number_at_once - 1};
    }

    void mechanisms(const Element &element, std::vector<std::string> &value)
    {
        value.clear();
        bool any = false;
        const auto mechanism = [&](const Element &child) {
            any = true;
            if (find_mechanism(child.text()) != nullptr)
                value.emplace_back(child.text());
            else
                error(child.at(),
                      "there is no mechanism '" + std::string{child.text()} + "', only " + mechanism_names());
        };
        element.read(std::array{elements::Option{"mechanism", mechanism, elements::Times::Any}});
        if (!any)
            error(element.at(), "<mechanisms> needs a <mechanism> for each that may be offered: " + mechanism_names());
    }

    void services(const Element &element, std::vector<Service> &value)
    {
        value.clear();
        const auto service = [&](const Element &child) {
            const char *name = child.attribute("name");
            if (const auto address = prepare_jid(child.text()))
                value.push_back({address->full(), name == nullptr ? "" : name});
            else
                error(child.at(), "<service> needs the address of a service, not '" + std::string{child.text()} + "'");
        };
        element.read(std::array{elements::Option{"service", service, elements::Times::Any}});
    }

    void welcome(const Element &element, std::string &value)
    {
        value.clear();
        const auto subject = element.child("subject"), body = element.child("body");
        for (const auto &child : {subject, body}) {
            if (!child)
                continue;
            value.append("<").append(child->name()).append(">");
            xml::append_text(value, child->text());
            value.append("</").append(child->name()).append(">");
        }
        if (!body)
            error(element.at(), "<welcome> needs a <body>");
    }

    void database(const Element &element, std::string &value)
    {
        const char *path = element.text();
        if (*path == '\0')
            return error(element.at(), "<database> needs the path of a file");
        value = (std::filesystem::path{element.at().file}.parent_path() / path)
                    .string(); // an absolute path stays what it is
    }

    // Every option of the section. One that has a name here is read, and no other is.
    std::vector<elements::Option> options_into(Options &options)
    {
        return {
            {"database", [&](const Element &element) { database(element, options.database); }},
            {"register", [&](const Element &element) { yes_or_no(element, options.registration); }},
            {"registrations", [&](const Element &element) { registrations(element, options.registration_rate); }},
            {"digest", [&](const Element &element) { yes_or_no(element, options.digest); }},
            {"iterations",
             [&](const Element &element) { number(element, min_iterations, max_iterations, options.iterations); }},
            {"offline",
             [&](const Element &element) {
                 kept(element, "messages stored for", options.offline_max, options.offline_bytes);
             }},
            {"roster", [&](const Element &element) { roster(element, options); }},
            {"requests",
             [&](const Element &element) {
                 kept(element, "strangers' requests to", options.requests_max, options.requests_bytes);
             }},
            {"blocked",
             [&](const Element &element) {
                 kept(element, "addresses blocked by", options.blocked_max, options.blocked_bytes);
             }},
            {"documents",
             [&](const Element &element) {
                 kept(element, "documents of", options.documents_max, options.documents_bytes);
             }},
            {"work", [&](const Element &element) { work(element, options.work); }},
            {"services", [&](const Element &element) { services(element, options.services); }},
            {"welcome", [&](const Element &element) { welcome(element, options.welcome); }},
            {"mechanisms", [&](const Element &element) { mechanisms(element, options.mechanisms); }},
        };
    }
};

} // namespace

std::optional<Options> read_options(const jabberd_host &host, const jabberd_config &service)
{
    Reader reader{host};
    Options options;
    const jabberd_config *section = jabberd_config_section(&service, options_namespace);
    if (section == nullptr) {
        reader.error(service,
                     std::string{"needs a section <sessions xmlns='"} + options_namespace + "'> with a <database>");
        return std::nullopt;
    }
    elements::Asked asked;
    Element{*section, asked}.read(reader.options_into(options));
    reader.tell_unread(*section, asked, "the session manager");
    if (jabberd_config_child(section, "database") == nullptr)
        reader.error(*section, "needs <database>path</database>, the file where accounts are kept");
    if (reader.failed())
        return std::nullopt;
    return options;
}

} // namespace jabberd::session_manager
