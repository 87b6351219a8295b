// SPDX-License-Identifier: LGPL-2.1-or-later
// Attacks of all kinds on a whole server with its default limits, while two friends chat. Each case prints a line; what
// it says about times no test judges.
#include "support/environment.h"
#include "support/process.h"
#include "trial.h"

#include <gtest/gtest.h>

#include <sqlite3.h>

#include <cstdio>
#include <memory>
#include <ostream>
#include <string>

namespace jabberd::chaos {
namespace {

struct Attack {
    const char *kind;
    unsigned addresses = 1, connections = 1;
    bool locks_database = false;
    const char *name = nullptr; // where one kind comes in several ways

    friend void PrintTo(const Attack &attack, std::ostream *out) { *out << attack.kind; }
};

// Somebody else's hand on the database, as that of a backup.
class Lock {
public:
    explicit Lock(const std::string &path)
    {
        EXPECT_EQ(sqlite3_open(path.c_str(), &database_), SQLITE_OK);
        sqlite3_busy_timeout(database_, 5000);
        EXPECT_EQ(sqlite3_exec(database_, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
    }
    ~Lock()
    {
        sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
        sqlite3_close(database_);
    }
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;

private:
    sqlite3 *database_ = nullptr;
};

class Chaos : public testing::TestWithParam<Attack> {};

TEST_P(Chaos, FriendsGoOnChatting)
{
    const Attack attack = GetParam();
    Trial trial{{}};
    test::Process flood{{test::needed_environment("FLOOD"), attack.kind, std::to_string(trial.host().port()),
                         std::to_string(attack.addresses), std::to_string(attack.connections),
                         std::to_string(seconds())}};
    std::unique_ptr<Lock> lock;
    trial.watch(seconds() * 5);
    if (attack.locks_database)
        lock = std::make_unique<Lock>(trial.host().path("db"));
    trial.watch(seconds() * 5);
    EXPECT_EQ(flood.wait(), 0) << flood.output();
    lock.reset();
    trial.recover();
    char name[80];
    std::snprintf(name, sizeof name, "%-18s %u x %-4u", attack.name == nullptr ? attack.kind : attack.name,
                  attack.addresses, attack.connections);
    trial.end(name, flood.output());
}

INSTANTIATE_TEST_SUITE_P(
    , Chaos,
    testing::Values(Attack{"password-changes"}, Attack{"registrations", 1, 900}, Attack{"wrong-logins", 6, 150},
                    Attack{"roster-changes"}, Attack{"roster-changes", 1, 1, true, "locked-database"},
                    Attack{"large-rosters", 1, 6}, Attack{"roster-questions"}, Attack{"long-language"},
                    Attack{"prefixes"}, Attack{"subscriptions", 1, 50}, Attack{"half-stanzas", 1, 460},
                    Attack{"half-logins", 10, 850}, Attack{"stanzas", 4, 50}, Attack{"slow-readers", 2, 200},
                    Attack{"slow-writers", 4, 500}, Attack{"resets", 20, 20}, Attack{"silent", 10, 200}),
    [](const testing::TestParamInfo<Attack> &attack) {
        std::string name = attack.param.name == nullptr ? attack.param.kind : attack.param.name;
        std::erase(name, '-');
        return name;
    });

} // namespace
} // namespace jabberd::chaos
