// SPDX-License-Identifier: LGPL-2.1-or-later
// The tables: a file of an earlier version, and rows that other programs delete.
#include "session_manager/storage/storage.h"
#include "support/server.h"
#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sqlite3.h>

namespace jabberd::test {
namespace {

using session_manager::OfflineMessage;
using session_manager::RosterItem;
using session_manager::Storage;
using testing::HasSubstr;

// An operator's sqlite3, which knows nothing of PRAGMA foreign_keys.
class ByHand {
public:
    explicit ByHand(const std::string &path)
    {
        EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
        sqlite3_busy_timeout(handle_, 5000);
    }
    ~ByHand() { sqlite3_close(handle_); }
    ByHand(const ByHand &) = delete;
    ByHand &operator=(const ByHand &) = delete;

    // What SQLite says is wrong.
    std::string does(const char *sql)
    {
        char *problem = nullptr;
        sqlite3_exec(handle_, sql, nullptr, nullptr, &problem);
        std::string complaint = problem == nullptr ? "" : problem;
        sqlite3_free(problem);
        return complaint;
    }
    int number(const std::string &sql)
    {
        int found = -1;
        const auto take = [](void *data, int, char **values, char **) {
            *static_cast<int *>(data) = std::atoi(values[0]);
            return 0;
        };
        EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), take, &found, nullptr), SQLITE_OK) << sql;
        return found;
    }
    // Of all tables that belong to accounts.
    int rows_beside_accounts()
    {
        return number("SELECT (SELECT count(*) FROM roster) + (SELECT count(*) FROM offline) + "
                      "(SELECT count(*) FROM documents) + (SELECT count(*) FROM blocked)");
    }

private:
    sqlite3 *handle_ = nullptr;
};

// As version 4 of the schema had it, with an account of id 3 that was deleted by hand and left its rows behind.
constexpr const char *file_of_version_4 = R"sql(
CREATE TABLE accounts (id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, salt BLOB NOT NULL,
    iterations INTEGER NOT NULL, stored_key_sha256 BLOB NOT NULL, server_key_sha256 BLOB NOT NULL,
    stored_key_sha1 BLOB NOT NULL, server_key_sha1 BLOB NOT NULL, password TEXT);
CREATE TABLE roster (account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, contact TEXT NOT NULL,
    name TEXT NOT NULL, groups TEXT NOT NULL, listed INTEGER NOT NULL, subscribed_to INTEGER NOT NULL,
    subscribed_from INTEGER NOT NULL, ask INTEGER NOT NULL, request TEXT, PRIMARY KEY (account, contact)) WITHOUT ROWID;
CREATE TABLE offline (id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE
    CASCADE, sender TEXT, recipient TEXT, stanza_id TEXT, type TEXT, lang TEXT, body TEXT NOT NULL);
CREATE INDEX offline_by_account ON offline (account, id);
CREATE TABLE documents (account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, xmlns TEXT NOT NULL,
    name TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (account, xmlns, name)) WITHOUT ROWID;
CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE blocked (account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, address TEXT NOT NULL,
    PRIMARY KEY (account, address)) WITHOUT ROWID;
INSERT INTO accounts VALUES (2, 'alice@foo.com', 7, x'01', 4096, x'02', x'03', x'04', x'05', 'kept');
INSERT INTO roster VALUES (2, 'bob@foo.com', 'Bob', '', 1, 1, 1, 0, NULL), (3, 'mallory@foo.com', '', '', 1, 1, 1, 0, NULL);
INSERT INTO offline (account, body) VALUES (2, '<body>for alice</body>'), (3, '<body>for the next one</body>');
INSERT INTO documents VALUES (2, 'vcard-temp', 'vCard', '<vCard/>'), (3, 'vcard-temp', 'vCard', '<vCard/>');
INSERT INTO blocked VALUES (2, 'spam.net'), (3, 'spam.net');
INSERT INTO secrets VALUES ('nobody', 'x');
PRAGMA user_version=4;
)sql";

void give_everything(Storage &storage, const std::string &address)
{
    ASSERT_TRUE(storage.accounts.create(address, {}));
    RosterItem item;
    item.contact = "friend@bar.org";
    item.listed = true;
    storage.rosters.save(address, item);
    OfflineMessage message;
    message.body = "<body>hi</body>";
    storage.offline.add(address, message);
    storage.documents.restore(address, {"vcard-temp", "vCard", "<vCard xmlns='vcard-temp'/>"});
    storage.blocklists.add(address, "spam.net");
}

void expect_nothing(Storage &storage, const std::string &address)
{
    EXPECT_TRUE(storage.rosters.load(address).listed().empty());
    EXPECT_TRUE(storage.offline.load(address).empty());
    EXPECT_TRUE(storage.documents.load_all(address).empty());
    EXPECT_TRUE(storage.blocklists.load(address).empty());
}

class Schema : public testing::Test {
protected:
    TempDir directory_;
    const std::string path_ = directory_.path("db");
};

TEST_F(Schema, TakesAFileOfAnEarlierVersionWithoutWhatBelongsToNobody)
{
    EXPECT_EQ(ByHand{path_}.does(file_of_version_4), "");
    {
        Storage storage{path_};
        const auto alice = storage.accounts.find("alice@foo.com");
        ASSERT_TRUE(alice);
        EXPECT_EQ(alice->sha256.server, "\x03");
        EXPECT_EQ(alice->password, "kept");
        const auto state = storage.accounts.state("alice@foo.com");
        ASSERT_TRUE(state);
        EXPECT_EQ(state->created, 7);
        EXPECT_FALSE(state->locked);
        EXPECT_EQ(storage.rosters.load("alice@foo.com").listed().size(), 1u);
        EXPECT_EQ(storage.offline.load("alice@foo.com").size(), 1u);
        EXPECT_TRUE(storage.blocklists.load("alice@foo.com").contains("spam.net"));
        ASSERT_TRUE(storage.accounts.create("carol@foo.com", {})); // had got the id 3
        expect_nothing(storage, "carol@foo.com");
        EXPECT_TRUE(storage.accounts.remove("alice@foo.com")) << "what refers to accounts still does";
    }
    ByHand sqlite{path_};
    EXPECT_EQ(sqlite.number("PRAGMA user_version"), 5);
    EXPECT_EQ(sqlite.rows_beside_accounts(), 0);
    EXPECT_EQ(sqlite.number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    EXPECT_EQ(sqlite.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check='ok'"), 1);
}

TEST_F(Schema, AnAccountThatIsDeletedByHandTakesAllOfItsRowsAlong)
{
    Storage storage{path_};
    give_everything(storage, "alice@foo.com");
    give_everything(storage, "bob@foo.com");
    ByHand sqlite{path_};
    EXPECT_EQ(sqlite.does("DELETE FROM accounts WHERE address='bob@foo.com'"), "");
    EXPECT_EQ(sqlite.rows_beside_accounts(), 4) << "those of alice";
    for (const char *next : {"carol@foo.com", "bob@foo.com"}) {
        ASSERT_TRUE(storage.accounts.create(next, {}));
        expect_nothing(storage, next);
    }
    EXPECT_EQ(sqlite.number("SELECT min(id) FROM accounts WHERE address<>'alice@foo.com'"), 3)
        << "no id comes a second time";
}

// Whatever else is done by hand.
TEST_F(Schema, ANewAccountHasNothingOfAnIdThatIsUsedAgain)
{
    Storage storage{path_};
    give_everything(storage, "bob@foo.com");
    ByHand sqlite{path_};
    EXPECT_EQ(sqlite.does("DROP TRIGGER account_is_gone; DELETE FROM accounts; DELETE FROM sqlite_sequence"), "");
    EXPECT_EQ(sqlite.rows_beside_accounts(), 4) << "nothing took them away";
    ASSERT_TRUE(storage.accounts.create("carol@foo.com", {}));
    EXPECT_EQ(sqlite.number("SELECT id FROM accounts"), 1);
    expect_nothing(storage, "carol@foo.com");
    EXPECT_EQ(sqlite.rows_beside_accounts(), 0);
}

TEST_F(Schema, OfAVersionThatIsNoneIsRefused)
{
    for (const char *version : {"PRAGMA user_version=-1", "PRAGMA user_version=6"}) {
        EXPECT_EQ(ByHand{path_}.does(version), "");
        EXPECT_THROW(Storage{path_}, session_manager::StorageError);
    }
}

TEST_F(Schema, AnIdIsNotGivenToAnotherAccount)
{
    Storage storage{path_};
    give_everything(storage, "alice@foo.com");
    give_everything(storage, "bob@foo.com");
    ByHand sqlite{path_};
    EXPECT_THAT(sqlite.does("UPDATE accounts SET id=7 WHERE address='bob@foo.com'"),
                HasSubstr("the id of an account does not change"));
    EXPECT_EQ(sqlite.does("INSERT OR REPLACE INTO accounts SELECT id, 'carol@foo.com', created, salt, iterations, "
                          "stored_key_sha256, server_key_sha256, stored_key_sha1, server_key_sha1, password, locked "
                          "FROM accounts WHERE address='bob@foo.com'"),
              "");
    expect_nothing(storage, "carol@foo.com");
}

// The server goes on while the row of somebody who is logged in is deleted.
TEST(SchemaOfARunningServer, ANewAccountOfTheSameNameIsNotTheOneThatIsStillLoggedIn)
{
    Server server;
    ConnectedClient former = server.log_in("alice", "home");
    former.sends("<iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='bob@foo.com'/></query></iq>");
    EXPECT_THAT(former.gets(), HasSubstr("type='result'"));
    EXPECT_EQ(ByHand{server.database().string()}.does("DELETE FROM accounts"), "");
    server.register_account("alice", "another");
    EXPECT_THAT(former.gets_routed(), HasSubstr("type='error'")) << "the session of the former account ends";
    server.status();
    ByHand sqlite{server.database().string()};
    EXPECT_EQ(sqlite.rows_beside_accounts(), 0);
    EXPECT_EQ(sqlite.number("SELECT count(*) FROM accounts"), 1);
}

} // namespace
} // namespace jabberd::test
