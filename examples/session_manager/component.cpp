// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/component.h"

#include "base/view.h"
#include "session_manager/commands/accounts.h"
#include "session_manager/login/bind.h"
#include "session_manager/presence/session_end.h"
#include "session_manager/storage/database_file.h"
#include "session_manager/storage/hosts.h"

#include <libxml/parser.h>

#include <chrono>
#include <future>
#include <utility>

namespace jabberd::session_manager {

namespace {

constexpr std::chrono::seconds status_patience{1}; // an operator who asks waits no longer for a busy storage thread

void report_database(const jabberd_host &host, const jabberd_config &service, const Options &options,
                     const std::string &why)
{
    const std::string message = "cannot use the database " + options.database + ": " + why;
    host.report(&host, &service, JABBERD_LOG_ERROR, message.c_str());
}

// Whether there are any: accounts that were made when the service had another name.
bool warn_of_accounts_elsewhere(const jabberd_host &host, const jabberd_config &service, const Options &options)
{
    if (serves_any_host(host))
        return false;
    const std::vector<std::string> served = prepared_hosts(host);
    const auto elsewhere = accounts_elsewhere(options.database, served);
    const jabberd_config *place = jabberd_config_child(&service, "host");
    for (const HostAccounts &of : elsewhere) {
        const std::string message =
            std::to_string(of.accounts) + (of.accounts == 1 ? " account" : " accounts") + " in " + options.database +
            (of.accounts == 1 ? " is" : " are") + " of " + of.host +
            ", for which this service does not answer: nobody can log in there. `jabberd-ctl accounts rename-host " +
            of.host + " " + (served.empty() ? "foo.com" : served.front()) +
            "` makes them accounts of the new name, and <host>" + of.host + "</host> beside the other has both";
        host.report(&host, place == nullptr ? &service : place, JABBERD_LOG_WARNING, message.c_str());
    }
    return !elsewhere.empty();
}

} // namespace

std::optional<Options> check(const jabberd_host &host, const jabberd_config &service)
{
    auto options = read_options(host, service);
    if (!options)
        return std::nullopt;
    const std::string why = database_defect(options->database);
    if (why.empty()) {
        warn_of_accounts_elsewhere(host, service, *options);
        return options;
    }
    report_database(host, service, *options, why);
    return std::nullopt;
}

std::unique_ptr<Component> Component::create(const jabberd_host &host, const jabberd_config &service)
{
    xmlInitParser(); // must not happen first on two of our threads at once
    auto options = read_options(host, service);
    if (!options)
        return nullptr;
    try {
        const bool any_elsewhere = warn_of_accounts_elsewhere(host, service, *options);
        auto component = std::make_unique<Component>(host, *options);
        if (any_elsewhere)
            component->core_.stored.look_elsewhere(component->core_.hosts());
        return component;
    } catch (const StorageError &error) {
        report_database(host, service, *options, error.what());
        return nullptr;
    }
}

Component::Component(const jabberd_host &host, const Options &options) : core_(host, options)
{
}

bool Component::start()
{
    core_.start();
    forget_passwords_unless_needed();
    return true;
}

bool Component::reload(const jabberd_config &service)
{
    auto options = read_options(core_.host, service);
    if (!options)
        return false;
    const std::string &database = core_.settings.current()->database;
    if (options->database != database) {
        core_.host.report(&core_.host, &service, JABBERD_LOG_WARNING,
                          "a change of <database> needs a restart, ignoring");
        options->database = database;
    }
    core_.replace(*options);
    forget_passwords_unless_needed();
    return true;
}

void Component::stop(std::chrono::milliseconds deadline)
{
    const auto end = std::chrono::steady_clock::now() + deadline;
    core_.stopping = true;
    {
        LockedDirectory locked{core_.directory};
        for (const auto &session : locked.all_sessions())
            end_session(core_, locked, *session, "shutting down",
                        packet::EndReason{"system-shutdown", "The session manager is shutting down"});
        end_unbound(core_, locked);
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (!core_.storage.wait_idle(std::max(left, std::chrono::milliseconds{0})))
        core_.log.error("not everything was stored in time; the rest is being written while the program ends");
}

void Component::status(jabberd_status_sink sink, void *data)
{
    const auto tell = [&](std::string_view key, std::int64_t value) {
        sink(data, view(key), view(std::to_string(value)));
    };
    tell("sessions", static_cast<std::int64_t>(core_.directory.sessions()));
    tell("work waiting", static_cast<std::int64_t>(core_.work.pieces()));
    tell("work bytes waiting", static_cast<std::int64_t>(core_.work.bytes()));
    for (const auto &[name, count] : core_.work.refusals()) {
        if (count != 0)
            tell("refused: " + name, static_cast<std::int64_t>(count));
    }

    for (const auto &[name, count] : core_.logins.refusals()) {
        if (count != 0)
            tell("refused: logins, " + name, static_cast<std::int64_t>(count));
    }
    tell("logins in progress", static_cast<std::int64_t>(core_.logins.pieces()));
    tell("roster bytes", static_cast<std::int64_t>(core_.directory.roster_bytes()));
    const auto refused = [&](std::string_view what, std::uint64_t count) {
        if (count != 0)
            tell("refused: " + std::string{what}, static_cast<std::int64_t>(count));
    };
    refused("roster of an account", core_.rosters_refused);
    refused("roster bytes of all", core_.directory.roster_quota().refused);
    refused("blocklist of an account", core_.blocks_refused);
    refused("documents of an account", core_.documents_refused);

    if (const auto counted = core_.stored.ask(core_.storage, status_patience)) {
        tell("accounts", counted->accounts);
        tell("offline_messages", counted->offline_messages);
        for (const HostAccounts &of : counted->elsewhere)
            sink(data, view("accounts of " + of.host),
                 view(std::to_string(of.accounts) + ": nobody can log in, for this service does not answer for " +
                      of.host));
    }
}

void Component::list_commands(jabberd_command_sink sink, void *data)
{
    commands::list(sink, data);
}

jabberd_command_result Component::run_command(const jabberd_command_call &call)
{
    return commands::run(core_, call);
}

void Component::complete_command(const jabberd_command_call &call)
{
    commands::complete(core_, call);
}

void Component::advise(jabberd_advice_sink sink, void *data)
{
    commands::advise(core_, sink, data);
}

void Component::forget_passwords_unless_needed()
{
    if (!core_.settings.current()->digest)
        core_.storage.post(
            {{}, {}, StorageUse::Kind::Alone},
            [](Storage &storage) {
                storage.accounts.forget_passwords();
                return true;
            },
            [](bool) {}, [](StorageFailure) {});
}

} // namespace jabberd::session_manager
