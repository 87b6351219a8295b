// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/core/options.h"

#include "elements/element.h"
#include "session_manager/base/jid.h"
#include "session_manager/sasl/mechanisms.h"
#include "xml/escape.h"

#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

namespace jabberd::session_manager {

namespace {

// RFC 7677 asks for at least 4096; with ten millions a login takes seconds.
constexpr unsigned min_iterations = 4096, max_iterations = 10'000'000;
constexpr unsigned max_registrations = 1'000'000;
constexpr unsigned max_offline_max = 100'000;
constexpr unsigned max_offline_bytes = 1'000'000'000;

std::string mechanism_names()
{
    std::string names;
    for (const MechanismKind &kind : all_mechanisms())
        names.append(names.empty() ? "" : ", ").append(kind.name);
    return names;
}

using elements::Element;

class Reader {
public:
    explicit Reader(const jabberd_host &host) : host_(host) {}

    bool failed() const { return failed_; }

    void error(const jabberd_config &at, const std::string &message)
    {
        failed_ = true;
        host_.report(&host_, &at, JABBERD_LOG_ERROR, message.c_str());
    }
    void warning(const jabberd_config &at, const std::string &message)
    {
        host_.report(&host_, &at, JABBERD_LOG_WARNING, (message + ", ignoring").c_str());
    }

    void yes_or_no(const Element &element, bool &value)
    {
        const std::string_view text = element.text();
        if (text != "yes" && text != "no")
            return error(element.at(), "<" + std::string{element.name()} + "> must be 'yes' or 'no', not '" +
                                           std::string{text} + "'");
        value = text == "yes";
    }

    void number(const Element &element, std::string_view text, unsigned min, unsigned max, unsigned &value)
    {
        unsigned parsed = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), parsed);
        if (problem != std::errc{} || end != text.data() + text.size() || parsed < min || parsed > max) {
            return error(element.at(), "<" + std::string{element.name()} + "> needs a number from " +
                                           std::to_string(min) + " to " + std::to_string(max) + ", not '" +
                                           std::string{text} + "'");
        }
        value = parsed;
    }

    void offline(const Element &element, Options &options)
    {
        const char *max = element.attribute("max");
        const char *bytes = element.attribute("bytes");
        if (max == nullptr && bytes == nullptr)
            return error(element.at(), "<offline> needs max='…', the number of messages stored for one user, or "
                                       "bytes='…', how large they may be together");
        if (max != nullptr)
            number(element, max, 0, max_offline_max, options.offline_max);
        if (bytes != nullptr)
            number(element, bytes, 0, max_offline_bytes, options.offline_bytes);
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
        if (at_once != nullptr)
            number(element, at_once, 1, max_registrations, number_at_once);
        if (per_hour != nullptr)
            number(element, per_hour, 0, max_registrations, number_per_hour);
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
             [&](const Element &element) {
                 number(element, element.text(), min_iterations, max_iterations, options.iterations);
             }},
            {"offline", [&](const Element &element) { offline(element, options); }},
            {"services", [&](const Element &element) { services(element, options.services); }},
            {"welcome", [&](const Element &element) { welcome(element, options.welcome); }},
            {"mechanisms", [&](const Element &element) { mechanisms(element, options.mechanisms); }},
        };
    }

private:
    const jabberd_host &host_;
    bool failed_ = false;
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
    const auto warn = [&](const jabberd_config &at, const std::string &message) { reader.warning(at, message); };
    asked.tell_unread(*section, warn);
    for (const jabberd_config *other = section->next; other != nullptr; other = other->next) {
        if (std::string_view{other->xmlns} == options_namespace)
            warn(*other, "one more section for the session manager, beside that in line " +
                             std::to_string(section->line) + ", which is the one that is read");
    }
    if (jabberd_config_child(section, "database") == nullptr)
        reader.error(*section, "needs <database>path</database>, the file where accounts are kept");
    if (reader.failed())
        return std::nullopt;
    return options;
}

} // namespace jabberd::session_manager
