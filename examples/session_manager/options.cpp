// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/options.h"

#include "session_manager/jid.h"
#include "session_manager/sasl/mechanisms.h"
#include "xml/escape.h"

#include <charconv>
#include <filesystem>
#include <string_view>
#include <utility>

namespace jabberd::sessions {

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
        host_.report(&host_, &at, JABBERD_LOG_WARNING, message.c_str());
    }

    void yes_or_no(const jabberd_config &element, bool &value)
    {
        const std::string_view text = element.text;
        if (text != "yes" && text != "no")
            return error(element,
                         "<" + std::string{element.name} + "> must be 'yes' or 'no', not '" + element.text + "'");
        value = text == "yes";
    }

    void number(const jabberd_config &element, std::string_view text, unsigned min, unsigned max, unsigned &value)
    {
        unsigned parsed = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), parsed);
        if (problem != std::errc{} || end != text.data() + text.size() || parsed < min || parsed > max) {
            return error(element, "<" + std::string{element.name} + "> needs a number from " + std::to_string(min) +
                                      " to " + std::to_string(max) + ", not '" + std::string{text} + "'");
        }
        value = parsed;
    }

    void offline(const jabberd_config &element, Options &options)
    {
        const char *max = jabberd_config_attribute_value(&element, "max");
        const char *bytes = jabberd_config_attribute_value(&element, "bytes");
        if (max == nullptr && bytes == nullptr)
            return error(element, "<offline> needs max='…', the number of messages stored for one user, or bytes='…', "
                                  "how large they may be together");
        if (max != nullptr)
            number(element, max, 0, max_offline_max, options.offline_max);
        if (bytes != nullptr)
            number(element, bytes, 0, max_offline_bytes, options.offline_bytes);
    }

    void registrations(const jabberd_config &element, net::Rate &rate)
    {
        const char *at_once = jabberd_config_attribute_value(&element, "at-once");
        const char *per_hour = jabberd_config_attribute_value(&element, "per-hour");
        if (at_once == nullptr && per_hour == nullptr)
            return error(element, "<registrations> needs per-hour='…', the accounts that one address may make in an "
                                  "hour, 0 for no limit, or at-once='…', how many of them in a moment");
        unsigned number_at_once = rate.burst + 1, number_per_hour = 60;
        if (at_once != nullptr)
            number(element, at_once, 1, max_registrations, number_at_once);
        if (per_hour != nullptr)
            number(element, per_hour, 0, max_registrations, number_per_hour);
        rate = {.per_second = number_per_hour / 3600.0, .burst = number_at_once - 1};
    }

    void mechanisms(const jabberd_config &element, std::vector<std::string> &value)
    {
        value.clear();
        for (const jabberd_config *child = element.first_child; child != nullptr; child = child->next) {
            if (std::string_view{child->name} != "mechanism")
                warning(*child, "unknown option <" + std::string{child->name} + ">, ignoring");
            else if (find_mechanism(child->text) != nullptr)
                value.emplace_back(child->text);
            else
                error(*child, "there is no mechanism '" + std::string{child->text} + "', only " + mechanism_names());
        }
        if (jabberd_config_child(&element, "mechanism") == nullptr)
            error(element, "<mechanisms> needs a <mechanism> for each that may be offered: " + mechanism_names());
    }

    void services(const jabberd_config &element, std::vector<Service> &value)
    {
        value.clear();
        for (const jabberd_config *child = element.first_child; child != nullptr; child = child->next) {
            if (std::string_view{child->name} != "service") {
                warning(*child, "unknown option <" + std::string{child->name} + ">, ignoring");
                continue;
            }
            const char *name = jabberd_config_attribute_value(child, "name");
            if (const auto address = prepare_jid(child->text))
                value.push_back({address->full(), name == nullptr ? "" : name});
            else
                error(*child, "<service> needs the address of a service, not '" + std::string{child->text} + "'");
        }
    }

    void welcome(const jabberd_config &element, std::string &value)
    {
        value.clear();
        for (const char *name : {"subject", "body"}) {
            const jabberd_config *child = jabberd_config_child(&element, name);
            if (child == nullptr)
                continue;
            value.append("<").append(name).append(">");
            xml::append_text(value, child->text);
            value.append("</").append(name).append(">");
        }
        if (jabberd_config_child(&element, "body") == nullptr)
            error(element, "<welcome> needs a <body>");
    }

    void database(const jabberd_config &element, std::string &value)
    {
        if (*element.text == '\0')
            return error(element, "<database> needs the path of a file");
        value = (std::filesystem::path{element.file}.parent_path() / element.text)
                    .string(); // an absolute path stays what it is
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
    for (const jabberd_config *element = section->first_child; element != nullptr; element = element->next) {
        const std::string_view name = element->name;
        if (name == "database")
            reader.database(*element, options.database);
        else if (name == "register")
            reader.yes_or_no(*element, options.registration);
        else if (name == "registrations")
            reader.registrations(*element, options.registration_rate);
        else if (name == "digest")
            reader.yes_or_no(*element, options.digest);
        else if (name == "iterations")
            reader.number(*element, element->text, min_iterations, max_iterations, options.iterations);
        else if (name == "offline")
            reader.offline(*element, options);
        else if (name == "services")
            reader.services(*element, options.services);
        else if (name == "welcome")
            reader.welcome(*element, options.welcome);
        else if (name == "mechanisms")
            reader.mechanisms(*element, options.mechanisms);
        else
            reader.warning(*element, "unknown option <" + std::string{name} + ">, ignoring");
    }
    if (jabberd_config_child(section, "database") == nullptr)
        reader.error(*section, "needs <database>path</database>, the file where accounts are kept");
    if (reader.failed())
        return std::nullopt;
    return options;
}

} // namespace jabberd::sessions
