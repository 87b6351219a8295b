// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/storage_thread.h"

#include "support/recording_host.h"
#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

namespace jabberd::session_manager {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

// Jobs are posted before the thread starts, so that it takes them together.
class StorageThreadTest : public testing::Test {
protected:
    void change(const std::string &owner, const std::string &name, const std::string &turn = "")
    {
        post({Work::of_nobody({turn, ""}), owner, StorageUse::Kind::Changes}, name,
             [name](Storage &storage) { return storage.accounts.create(name, {}); });
    }

    template <typename Run>
    void post(StorageUse use, const std::string &name, Run run)
    {
        thread_.post(
            std::move(use), std::move(run), [this, name](const auto &) { outcomes_.push_back(name); },
            [this, name](StorageFailure why) {
                outcomes_.push_back(name + " failed " + std::to_string(static_cast<int>(why)));
            });
    }

    void execute(const std::string &sql)
    {
        post({{}, {}, StorageUse::Kind::Alone}, "executed", [sql](Storage &storage) {
            storage.database.execute(sql.c_str());
            return true;
        });
    }

    std::vector<std::string> outcomes()
    {
        thread_.start();
        thread_.finish();
        return outcomes_;
    }

    std::int64_t stored_accounts() const
    {
        Storage storage{path_};
        return storage.accounts.count();
    }

    static std::string failed(const std::string &name, StorageFailure why)
    {
        return name + " failed " + std::to_string(static_cast<int>(why));
    }

    test::TempDir directory_;
    const std::string path_ = directory_.path("db");
    test::RecordingHost host_{{"foo.com"}};
    Log log_{*host_.host()};
    std::vector<std::string> outcomes_;
    StorageThread thread_{path_, log_, [] {}};
};

TEST_F(StorageThreadTest, JobsAreDoneInTheirOrderWhenWhatTheyChangeIsStored)
{
    std::int64_t stored = 0;
    change("x", "first");
    post({{}, "x"}, "read", [](Storage &storage) { return storage.accounts.count(); });
    change("x", "second");
    thread_.post(
        {{}, "x"}, [](Storage &) { return true; },
        [&](bool) { stored = stored_accounts(); }, // by another connection: it is committed
        [](StorageFailure) {});
    EXPECT_THAT(outcomes(), ElementsAre("first", "read", "second"));
    EXPECT_EQ(stored, 2);
}

TEST_F(StorageThreadTest, AJobThatFailsTakesNoOtherWithIt)
{
    change("", "first");
    post({{}, {}, StorageUse::Kind::Changes}, "bad", [](Storage &storage) -> bool {
        storage.accounts.create("half", {});
        throw std::runtime_error{"no"};
    });
    post({{}, {}, StorageUse::Kind::Changes}, "hungry", [](Storage &storage) -> bool {
        storage.accounts.create("other half", {});
        throw std::bad_alloc{};
    });
    change("", "last");
    EXPECT_THAT(outcomes(), ElementsAre("first", failed("bad", StorageFailure::Broken),
                                        failed("hungry", StorageFailure::Memory), "last"));
    EXPECT_EQ(stored_accounts(), 2);
}

TEST_F(StorageThreadTest, OnAFullDiskEachFailsForItself)
{
    execute("PRAGMA max_page_count=40"); // less than it has becomes what it has
    change("", "small");
    post({{}, {}, StorageUse::Kind::Changes}, "large", [](Storage &storage) {
        storage.accounts.create("owner", {});
        return storage.documents.save("owner", "x", "y", std::string(1'000'000, 'x'), 10, 2'000'000);
    });
    change("", "small too");
    EXPECT_THAT(outcomes(), ElementsAre("executed", "small", failed("large", StorageFailure::Full), "small too"));
    EXPECT_EQ(stored_accounts(), 2);
    EXPECT_THAT(host_.logs(), ElementsAre(HasSubstr("the database failed")));
}

TEST_F(StorageThreadTest, ACommitThatFailsFailsThoseThatAreToBlame)
{
    post({{}, {}, StorageUse::Kind::Changes}, "orphan", [](Storage &storage) { // found out by the commit
        storage.database.execute("PRAGMA defer_foreign_keys=ON;"
                                 "INSERT INTO roster VALUES (12345, 'c', '', '', 0, 0, 0, 0, NULL)");
        return true;
    });
    change("", "innocent");
    EXPECT_THAT(outcomes(), ElementsAre(failed("orphan", StorageFailure::Broken), "innocent"));
    EXPECT_EQ(stored_accounts(), 1);
}

TEST_F(StorageThreadTest, WhileAnotherProcessHasItLockedReadersGoOn)
{
    Database other{path_};
    other.execute("BEGIN IMMEDIATE");
    for (int i = 0; i < 5; ++i)
        change("", "change");
    post({{}, {}}, "read", [](Storage &storage) { return storage.accounts.count(); });
    auto all = outcomes();
    EXPECT_EQ(all.back(), "read");
    all.pop_back();
    EXPECT_THAT(all, Each(failed("change", StorageFailure::Locked)));
    EXPECT_EQ(all.size(), 5u);
}

TEST_F(StorageThreadTest, AReadingSeesOneMomentWhateverAnotherProcessStores)
{
    Storage other{path_};
    std::vector<std::int64_t> counts;
    post({{}, {}}, "read", [&](Storage &storage) {
        const Reading reading{storage.reading};
        counts.push_back(storage.accounts.count());
        other.accounts.create("another process's", {});
        counts.push_back(storage.accounts.count());
        return true;
    });
    post({{}, {}}, "read later", [&](Storage &storage) {
        counts.push_back(storage.accounts.count());
        return true;
    });
    change("", "change");
    EXPECT_THAT(outcomes(), ElementsAre("read", "read later", "change"));
    EXPECT_THAT(counts, ElementsAre(0, 0, 1));
    EXPECT_EQ(stored_accounts(), 2);
}

TEST_F(StorageThreadTest, AReadingThatFailsLeavesNoTransactionBehind)
{
    post({{}, {}}, "read", [](Storage &storage) -> bool {
        const Reading reading{storage.reading};
        storage.accounts.count();
        throw std::bad_alloc{};
    });
    change("", "change");
    EXPECT_THAT(outcomes(), ElementsAre(failed("read", StorageFailure::Memory), "change"));
    EXPECT_EQ(stored_accounts(), 1);
}

TEST_F(StorageThreadTest, AReadingBehindAChangeIsAPartOfItsTransaction)
{
    std::int64_t seen = 0;
    change("", "first");
    post({{}, {}}, "read", [&](Storage &storage) {
        const Reading reading{storage.reading};
        seen = storage.accounts.count();
        return true;
    });
    change("", "last");
    EXPECT_THAT(outcomes(), ElementsAre("first", "read", "last"));
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(stored_accounts(), 2);
}

TEST_F(StorageThreadTest, JobsOfAnOwnerKeepTheirOrderInWhoeversTurn)
{
    for (const char *name : {"m1", "m2", "m3"})
        change("victim", name, "mallory");
    change("alice", "a1", "alice");
    change("victim", "a2", "alice");
    thread_.expect({"bob", ""}, "victim");
    change("bob", "b1", "bob");
    // Turns: mallory, alice, bob, mallory, alice, bob, mallory; what is for the victim comes in the order of posting.
    EXPECT_THAT(outcomes(), ElementsAre("m1", "a1", "m2", "m3", "a2", "b1"));
}

} // namespace
} // namespace jabberd::session_manager
