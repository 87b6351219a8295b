// SPDX-License-Identifier: LGPL-2.1-or-later
// A server that gets another name: the accounts of its old one.
#include "session_manager/storage/hosts.h"
#include "session_manager/storage/storage.h"
#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace jabberd::test {
namespace {

using session_manager::accounts_by_host;
using session_manager::accounts_elsewhere;
using session_manager::HostAccounts;
using session_manager::rename_host;
using session_manager::RosterItem;
using session_manager::Storage;
using testing::ElementsAre;
using testing::IsEmpty;

class HostsOfAccounts : public testing::Test {
protected:
    void make(const std::string &address) { EXPECT_TRUE(storage_->accounts.create(address, {})); }

    void befriend(const std::string &account, const std::string &contact)
    {
        RosterItem item;
        item.contact = contact;
        item.listed = true;
        EXPECT_TRUE(storage_->rosters.save(account, item));
    }

    std::vector<std::string> contacts_of(const std::string &account)
    {
        std::vector<std::string> contacts;
        const session_manager::Roster roster = storage_->rosters.load(account);
        for (const auto &[contact, item] : roster)
            contacts.push_back(contact);
        return contacts;
    }

    std::vector<std::string> files() const
    {
        std::vector<std::string> names;
        for (const auto &entry : std::filesystem::directory_iterator{dir_.path()})
            names.push_back(entry.path().filename().string());
        std::ranges::sort(names);
        return names;
    }

    TempDir dir_;
    const std::string path_ = dir_.path("a?b#c%d.db");
    std::optional<Storage> storage_{std::in_place, path_};
};

TEST_F(HostsOfAccounts, AreCounted)
{
    EXPECT_THAT(accounts_by_host(storage_->database), IsEmpty());
    for (const char *address : {"alice@localhost", "bob@localhost", "alice@foo.com", "carol@bar.com"})
        make(address);
    EXPECT_THAT(accounts_by_host(storage_->database),
                ElementsAre(HostAccounts{"bar.com", 1}, HostAccounts{"foo.com", 1}, HostAccounts{"localhost", 2}));
    EXPECT_THAT(accounts_elsewhere(storage_->database, {"foo.com", "bar.com"}),
                ElementsAre(HostAccounts{"localhost", 2}));
}

TEST_F(HostsOfAccounts, AreCountedInAFileThatNobodyHasOpenAndNothingIsMade)
{
    make("alice@localhost");
    storage_.reset();
    const auto before = files();
    EXPECT_THAT(before, ElementsAre("a?b#c%d.db"));
    EXPECT_THAT(accounts_elsewhere(path_, {"foo.com"}), ElementsAre(HostAccounts{"localhost", 1}));
    EXPECT_EQ(files(), before);
}

// What it has written is in the log beside the database still.
TEST_F(HostsOfAccounts, AreCountedInAFileThatAServerHasOpen)
{
    make("alice@localhost");
    EXPECT_THAT(accounts_elsewhere(path_, {"foo.com"}), ElementsAre(HostAccounts{"localhost", 1}));
    make("bob@localhost");
    EXPECT_THAT(accounts_elsewhere(path_, {"foo.com"}), ElementsAre(HostAccounts{"localhost", 2}));
}

TEST_F(HostsOfAccounts, AreNoneInWhatIsNoDatabase)
{
    EXPECT_THAT(accounts_elsewhere(dir_.path("missing.db"), {}), IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(dir_.path("missing.db")));
    EXPECT_THAT(accounts_elsewhere(dir_.write("empty.db", ""), {}), IsEmpty());
    EXPECT_THAT(accounts_elsewhere(dir_.write("junk.db", std::string(1000, 'x')), {}), IsEmpty());
}

TEST_F(HostsOfAccounts, AreRenamedWithAllThatBelongsToThem)
{
    for (const char *address : {"alice@localhost", "bob@localhost", "carol@bar.com"})
        make(address);
    for (const char *contact : {"bob@localhost", "localhost", "dave@localhost.org", "eve@bar.com"})
        befriend("alice@localhost", contact);
    befriend("carol@bar.com", "bob@localhost");
    storage_->blocklists.add("bob@localhost", "eve@localhost/a@b");
    storage_->blocklists.add("bob@localhost", "localhost.org/x@localhost");
    session_manager::OfflineMessage message;
    message.sender = "bob@localhost/home";
    message.recipient = "alice@localhost";
    storage_->offline.add("alice@localhost", message);

    EXPECT_THAT(rename_host(storage_->database, "localhost", "foo.com"), IsEmpty());

    EXPECT_THAT(accounts_by_host(storage_->database),
                ElementsAre(HostAccounts{"bar.com", 1}, HostAccounts{"foo.com", 2}));
    EXPECT_THAT(contacts_of("alice@foo.com"),
                ElementsAre("bob@foo.com", "dave@localhost.org", "eve@bar.com", "foo.com"));
    EXPECT_THAT(contacts_of("carol@bar.com"), ElementsAre("bob@localhost")) << "of another host: it stays";
    EXPECT_TRUE(storage_->blocklists.covers("bob@foo.com", "eve@foo.com/a@b"));
    EXPECT_TRUE(storage_->blocklists.covers("bob@foo.com", "localhost.org/x@localhost"));
    const auto messages = storage_->offline.load("alice@foo.com");
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(messages[0].sender, "bob@foo.com/home");
    EXPECT_EQ(messages[0].recipient, "alice@foo.com");
}

TEST_F(HostsOfAccounts, StayAsTheyAreWhereOneOfTheirNewNamesIsTaken)
{
    for (const char *address : {"alice@localhost", "bob@localhost", "bob@foo.com"})
        make(address);
    befriend("alice@localhost", "bob@localhost");
    EXPECT_THAT(rename_host(storage_->database, "localhost", "foo.com"), ElementsAre("bob@foo.com"));
    EXPECT_THAT(accounts_by_host(storage_->database),
                ElementsAre(HostAccounts{"foo.com", 1}, HostAccounts{"localhost", 2}));
    EXPECT_THAT(contacts_of("alice@localhost"), ElementsAre("bob@localhost"));
}

} // namespace
} // namespace jabberd::test
