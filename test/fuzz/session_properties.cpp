// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/session_properties.h"

#include "base/view.h"
#include "fuzz/session_ledger.h"
#include "session_manager/component.h"
#include "session_manager/storage/storage.h"
#include "support/temp_dir.h"

#include <libxml/parser.h>

#include <charconv>
#include <chrono>
#include <filesystem>

namespace jabberd::fuzz {

namespace {

using session_manager::Component;
using session_manager::Options;

constexpr std::size_t most_lines = 60;
constexpr std::chrono::seconds patience{60};

// So small that a script finds their ends.
Options options()
{
    Options small;
    small.registration = true;
    small.registration_rate = {.per_second = 0, .burst = 0};
    small.digest = true;
    small.iterations = 1;
    small.offline_max = 4;
    small.offline_bytes = 2000;
    small.roster_max = 4;
    small.requests_max = 2;
    small.blocked_max = 3;
    small.blocked_bytes = 400;
    small.documents_max = 3;
    small.documents_bytes = 600;
    small.services = {{"rooms.foo.com", "Rooms"}};
    small.welcome = "<subject>Hello</subject><body>you</body>";
    return small;
}

// With the accounts, and nothing else. Made once.
const std::string &first_database()
{
    static const test::TempDir directory;
    static const std::string file = [] {
        session_manager::Storage storage{directory.path("accounts.db")};
        for (std::size_t i = 0; i < std::size(accounts); ++i)
            storage.accounts.create(std::string{accounts[i]},
                                    session_manager::make_credentials(secrets[i], options().iterations, true));
        return directory.path("accounts.db");
    }();
    return file;
}

// A host with a session manager in it.
class Play {
public:
    Play()
    {
        host_.size = sizeof host_;
        host_.name = "ledger";
        host_.version = "0";
        host_.id = "sessions";
        host_.names = names_;
        host_.name_count = std::size(names_);
        host_.host_data = &ledger;
        host_.deliver = [](const jabberd_host *host, const jabberd_packet *packet) {
            static_cast<SessionLedger *>(host->host_data)->receives(*packet);
            return JABBERD_DELIVERED;
        };
        host_.ready = [](const jabberd_host *) {};
        host_.log = [](const jabberd_host *host, const jabberd_log_record *record) {
            std::string line{text(record->message)};
            for (std::size_t i = 0; i < record->field_count; ++i)
                line.append(" ").append(record->fields[i].name).append("=").append(text(record->fields[i].value));
            static_cast<SessionLedger *>(host->host_data)->logs(line);
        };
        host_.report = [](const jabberd_host *, const jabberd_config *, jabberd_log_level, const char *) {};
        host_.get_extension = [](const jabberd_host *, const char *) -> const void * { return nullptr; };

        std::filesystem::copy_file(first_database(), directory_.path("accounts.db"));
        Options small = options();
        small.database = directory_.path("accounts.db");
        component_ = std::make_unique<Component>(host_, small);
        component_->start();
    }

    // False: something was not done in a minute.
    bool line(std::string_view words)
    {
        const Line line{words};
        SessionLedger::Seat seat;
        if (line.seat < seats)
            seat = ledger.seat(line.seat);
        const auto sessions = ledger.sessions();
        const auto asked = asked_by(line, seat.connected_to, sessions);
        if (!asked)
            return true;
        jabberd_packet packet = asked->packet.packet();
        const std::string id = SessionLedger::id_of(++packets);
        const std::string sto = chosen_sto(line, seat.connected_to, sessions);
        if (!present(packet.id))
            packet.id = view(id);
        if (line.seat < seats) {
            packet.sto = view(sto);
            packet.sfrom = view(seat.connection);
        } else {
            packet.sto = packet.sfrom = {};
            if (!present(packet.from))
                packet.from = view("far@far.net/r");
        }
        ledger.sends(line.seat, packet, *asked, packets);
        component_->handle(packet);
        return !line.waits || is_quiet();
    }

    bool is_quiet()
    {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (work_waiting() != 0) {
            if (std::chrono::steady_clock::now() > end)
                return false;
        }
        return true;
    }

    bool ends()
    {
        const bool quiet = is_quiet();
        if (quiet)
            ledger.nothing_waits();
        component_->stop(std::chrono::seconds{5});
        component_.reset();
        ledger.check_answers();
        return quiet;
    }

    SessionLedger ledger;
    unsigned packets = 0;

private:
    // Behind what the storage does already.
    unsigned work_waiting()
    {
        unsigned pieces = 0;
        component_->status(
            [](void *data, jabberd_view key, jabberd_view value) {
                const std::string_view digits = text(value);
                if (text(key) == "work waiting")
                    std::from_chars(digits.data(), digits.data() + digits.size(), *static_cast<unsigned *>(data));
            },
            &pieces);
        return pieces;
    }

    static constexpr const char *names_[] = {"foo.com", "bar.org"};
    jabberd_host host_{};
    test::TempDir directory_;
    std::unique_ptr<Component> component_;
};

} // namespace

Failure sessions_are_kept_apart(std::string_view script, Reached *reached)
{
    xmlInitParser(); // before there are threads
    Play play;
    bool quiet = true;
    std::size_t lines = 0;
    for (std::string_view rest = script; !rest.empty() && quiet && lines < most_lines; ++lines) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        quiet = play.line(line);
    }
    quiet = play.ends() && quiet;
    if (reached != nullptr)
        *reached = {play.packets, play.ledger.logins(), play.ledger.answers()};
    if (const Failure failure = play.ledger.failure())
        return *failure + "\nof the script\n" + std::string{script};
    return quiet ? Failure{} : "not done in a minute:\n" + std::string{script};
}

} // namespace jabberd::fuzz
