// SPDX-License-Identifier: LGPL-2.1-or-later
// Swaps of real shared objects: the fixtures of test/abi, in the folder that FIXTURES names.
#include "base/view.h"
#include "host/component/image.h"
#include "host/control/reports.h"
#include "host/host.h"
#include "host/trace/trace.h"
#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>

namespace jabberd::host {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::filesystem::path fixture(const std::string &name)
{
    const char *folder = std::getenv("FIXTURES");
    return std::filesystem::path{folder == nullptr ? "" : folder} / (name + ".so");
}

std::size_t open_descriptors()
{
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, std::filesystem::directory_iterator{}));
}

// Of files; those of the allocator come and go.
std::size_t mapped_files()
{
    std::ifstream maps{"/proc/self/maps"};
    std::size_t count = 0;
    for (std::string line; std::getline(maps, line);)
        count += line.find(".so") == std::string::npos ? 0 : 1;
    return count;
}

class SwappingFiles : public testing::Test {
protected:
    // Puts a copy of the fixture where <load> looks, as an installation does: a new file of the same name.
    void install(const std::string &name, const std::string &as = "c.so") const
    {
        const std::filesystem::path copy = dir_.path(as + ".new");
        std::filesystem::copy_file(fixture(name), copy);
        std::filesystem::rename(copy, dir_.path(as));
    }

    Configuration configuration(const std::string &tag, const std::string &file = "c.so",
                                const std::string &component = "collector")
    {
        return read_configuration(dir_.write("jabber.xml", "<jabber>\n<service id='c'>\n<load><" + component + ">" +
                                                               file + "</" + component +
                                                               "></load>\n<collector xmlns='test:collector' tag='" +
                                                               tag + "'/></service>\n</jabber>"),
                                  mistakes_);
    }

    // As it is in the file.
    Configuration now() { return read_configuration(dir_.path("jabber.xml"), mistakes_); }

    void start(const std::string &name = "collector")
    {
        install(name);
        host_.load(configuration("first"), mistakes_);
        host_.create(mistakes_);
        ASSERT_FALSE(mistakes_.fatal()) << to_text(mistakes_.all().front());
        ASSERT_TRUE(host_.start());
    }

    void send(const std::string &id)
    {
        jabberd_packet packet{};
        packet.size = sizeof packet;
        packet.name = view("message");
        packet.to = view("c");
        packet.from = view("x@y");
        packet.id = view(id);
        host_.route(packet);
    }

    const LoadedService &service() const { return host_.services().front(); }

    std::string status(const std::string &wanted) const
    {
        for (const auto &[key, value] : status_of(service().service)) {
            if (key == wanted)
                return value;
        }
        return "";
    }

    // The swap fails at `step`, and the old component goes on with all it has.
    void expect_failure(const std::filesystem::path &file, SwapStep step, const std::string &why)
    {
        send("before");
        const ImageId image = service().library->image();
        mistakes_ = {}; // each try by itself
        const SwapOutcome outcome = host_.swap("c", file, now(), mistakes_);
        EXPECT_STREQ(name_of(outcome.reached), name_of(step));
        EXPECT_THAT(to_text(outcome), AllOf(HasSubstr(why), HasSubstr("the old component goes on")));
        EXPECT_EQ(service().swaps.last_failure, to_text(outcome));
        EXPECT_EQ(service().library->image(), image);
        send("after");
        EXPECT_THAT(status("seen"), testing::EndsWith("before after "));
        EXPECT_EQ(host_.images_left(), 0u);
    }

    std::vector<std::string> reload(Configuration configuration)
    {
        mistakes_ = Mistakes{};
        host_.reload(std::move(configuration), mistakes_);
        std::vector<std::string> messages;
        for (const Mistake &mistake : mistakes_.all())
            messages.push_back(to_text(mistake));
        return messages;
    }

    const test::TempDir dir_;
    Mistakes mistakes_;
    Trace trace_;
    Host host_{trace_};
};

TEST_F(SwappingFiles, PutsAnotherComponentInPlaceAndTheOldOneOutOfMemory)
{
    start();
    const ImageId old = service().library->image();
    send("1");
    const SwapOutcome outcome = host_.swap("c", fixture("parallel_collector"), now(), mistakes_);
    ASSERT_TRUE(outcome.is_done()) << to_text(outcome);
    send("2");
    EXPECT_EQ(service().component_name(), "parallel_collector 2.0");
    EXPECT_EQ(status("seen"), "1 2 ");
    EXPECT_EQ(status("tag"), "first");
    EXPECT_EQ(status("resumed"), "1");
    EXPECT_EQ(service().swaps.done, 1u);
    EXPECT_FALSE(is_mapped(old));
    EXPECT_TRUE(is_mapped(service().library->image()));
    EXPECT_EQ(host_.images_left(), 0u);
}

TEST_F(SwappingFiles, AHundredTimesLeavesNothingOpenOrMapped)
{
    start();
    std::string sent;
    std::size_t descriptors = 0;
    std::size_t files = 0;
    for (int i = 0; i < 100; ++i) {
        install(i % 2 == 0 ? "parallel_collector" : "collector");
        const std::string id = std::to_string(i);
        send(id);
        sent += id + " ";
        ASSERT_TRUE(host_.swap("c", dir_.path("c.so"), now(), mistakes_).is_done());
        if (i == 1) {
            descriptors = open_descriptors();
            files = mapped_files();
        }
    }
    EXPECT_EQ(status("seen"), sent);
    EXPECT_EQ(open_descriptors(), descriptors);
    EXPECT_EQ(mapped_files(), files);
    EXPECT_EQ(host_.images_left(), 0u);
}

TEST_F(SwappingFiles, TakesTheNewFileOfAPathNotTheOneInMemory)
{
    start();
    const ImageId old = service().library->image();
    install("parallel_collector");
    ASSERT_TRUE(host_.swap("c", dir_.path("c.so"), now(), mistakes_).is_done());
    EXPECT_EQ(service().component_name(), "parallel_collector 2.0");
    EXPECT_NE(service().library->image(), old);
    EXPECT_FALSE(is_mapped(old));
}

TEST_F(SwappingFiles, ToTheSameFileKeepsTheImage)
{
    start();
    send("1");
    const ImageId old = service().library->image();
    ASSERT_TRUE(host_.swap("c", dir_.path("c.so"), now(), mistakes_).is_done());
    send("2");
    EXPECT_EQ(service().library->image(), old);
    EXPECT_EQ(status("seen"), "1 2 ");
    EXPECT_EQ(host_.images_left(), 0u);
}

TEST_F(SwappingFiles, WhateverFailsBeforeTheCommitLeavesTheOldOneRunning)
{
    start();
    expect_failure(dir_.path("none.so"), SwapStep::Load, "none.so cannot be read");
    expect_failure(dir_.write("text.so", "text"), SwapStep::Load, "text.so is not an ELF file");
    expect_failure(fixture("other_major"), SwapStep::Load, "was built for component ABI 2");
    expect_failure(fixture("good"), SwapStep::Compare, "reads none of the sections");
    expect_failure(fixture("no_commit"), SwapStep::Compare, "does not offer jabberd.handover/1");
    expect_failure(fixture("succession_fails"), SwapStep::Create, "could not be created");
    EXPECT_EQ(to_text(mistakes_.all().back()), dir_.path("jabber.xml") + ":2: this cannot be inherited");
    expect_failure(fixture("thaw_fails"), SwapStep::Thaw, "a record is unknown to me");
    EXPECT_EQ(service().swaps.done, 0u);
}

TEST_F(SwappingFiles, OneThatAnswersForNothingIsRefused)
{
    start();
    expect_failure(fixture("no_handler"), SwapStep::Compare, "registers no handler of order");
}

TEST_F(SwappingFiles, OneThatDoesNotReturnStaysInMemoryAndTheOldOneGoesOn)
{
    start();
    send("before");
    const SwapOutcome late = host_.swap("c", fixture("thaw_hangs"), now(), mistakes_);
    EXPECT_THAT(to_text(late), AllOf(HasSubstr("thaw: the new component did not return within 2000 ms"),
                                     HasSubstr("the old component goes on")));
    EXPECT_EQ(host_.images_left(), 1u);
    send("between");
    install("parallel_collector", "next.so");
    EXPECT_TRUE(host_.swap("c", dir_.path("next.so"), now(), mistakes_).is_done());
    send("after");
    EXPECT_EQ(status("seen"), "before between after ");
    EXPECT_EQ(host_.images_left(), 1u);
}

TEST_F(SwappingFiles, OnlyToARegularFile)
{
    start();
    ASSERT_EQ(mkfifo(dir_.path("fifo.so").c_str(), 0600), 0);
    std::filesystem::create_symlink(dir_.path("fifo.so"), dir_.path("link.so"));
    std::filesystem::create_directory(dir_.path("folder.so"));
    expect_failure(dir_.path("fifo.so"), SwapStep::Load, "it is a FIFO; a regular file is needed");
    expect_failure(dir_.path("link.so"), SwapStep::Load, "it is a FIFO; a regular file is needed");
    expect_failure(dir_.path("folder.so"), SwapStep::Load, "it is a directory; a regular file is needed");
    expect_failure("/dev/zero", SwapStep::Load, "/dev/zero is writable by everybody");
}

TEST_F(SwappingFiles, OnlyToAFileThatNobodyElseCanChange)
{
    start();
    install("collector", "open.so");
    std::filesystem::permissions(dir_.path("open.so"), std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    expect_failure(dir_.path("open.so"), SwapStep::Load, "open.so is writable by everybody");
    install("collector", "open.so");
    EXPECT_TRUE(host_.swap("c", dir_.path("open.so"), now(), mistakes_).is_done());
}

TEST_F(SwappingFiles, AFileThatOthersCanChangeIsAWarningAtTheStart)
{
    install("collector");
    std::filesystem::permissions(dir_.path("c.so"), std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    host_.load(configuration("first"), mistakes_);
    EXPECT_FALSE(mistakes_.fatal());
    ASSERT_EQ(mistakes_.all().size(), 1u);
    EXPECT_THAT(to_text(mistakes_.all()[0]),
                AllOf(HasSubstr("jabber.xml:3: "), HasSubstr("c.so is writable by everybody")));
}

TEST_F(SwappingFiles, AComponentThatCannotFreezeGoesOn)
{
    start("freeze_fails");
    expect_failure(fixture("collector"), SwapStep::Freeze, "a thread of mine is stuck");
}

TEST_F(SwappingFiles, OneThatRefusesOthersTakesItsOwnSnapshotBack)
{
    start("thaw_fails");
    expect_failure(fixture("thaw_fails"), SwapStep::Thaw, "a record is unknown to me");
}

TEST_F(SwappingFiles, StopsTheServiceWhenTheNewOneTakesOverAndDoesNotStart)
{
    start();
    const std::size_t descriptors = open_descriptors();
    const SwapOutcome outcome = host_.swap("c", fixture("start_fails_late"), now(), mistakes_);
    EXPECT_TRUE(outcome.is_stopped());
    EXPECT_THAT(to_text(outcome), AllOf(HasSubstr("no thread could be made"), HasSubstr("the service is stopped")));
    EXPECT_EQ(open_descriptors(), descriptors - 2);
    send("1"); // goes back, to nobody
    EXPECT_THAT(status_report(host_, std::chrono::seconds{1}), HasSubstr("\"running\":false"));
    EXPECT_THAT(to_text(host_.swap("c", fixture("collector"), now(), mistakes_)), HasSubstr("is stopped"));
    EXPECT_THAT(reload(configuration("second")), ElementsAre(HasSubstr("service 'c' is stopped")));
    host_.stop(std::chrono::milliseconds{0});
}

TEST_F(SwappingFiles, CountsAnImageThatStays)
{
    install("stays", "stays.so");
    start();
    ASSERT_TRUE(host_.swap("c", dir_.path("stays.so"), now(), mistakes_).is_done());
    ASSERT_TRUE(host_.swap("c", dir_.path("c.so"), now(), mistakes_).is_done());
    EXPECT_EQ(host_.images_left(), 1u);
}

TEST_F(SwappingFiles, KnowsItsServices)
{
    start();
    EXPECT_EQ(to_text(host_.swap("d", fixture("collector"), now(), mistakes_)),
              "find: there is no service 'd'; there are c");
}

TEST_F(SwappingFiles, ByHandTakesTheConfigurationThatIsInTheFileNow)
{
    start();
    configuration("second");
    ASSERT_TRUE(host_.swap("c", dir_.path("c.so"), now(), mistakes_).is_done());
    EXPECT_EQ(std::string{jabberd_config_attribute_value(
                  jabberd_config_section(host_.services().front().config.element, "test:collector"), "tag")},
              "second");
    host_.reload(configuration("second"), mistakes_);
    EXPECT_EQ(host_.services().front().swaps.done, 1u) << "nothing is left for a reload to do";
}

TEST_F(SwappingFiles, ByHandIsRefusedByAConfigurationWithMistakes)
{
    start();
    dir_.write("jabber.xml", "<jabber>\n<service id='c'/></jabber>");
    EXPECT_THAT(to_text(host_.swap("c", dir_.path("c.so"), now(), mistakes_)),
                HasSubstr("create: the configuration has mistakes"));
    mistakes_ = {};
    dir_.write("jabber.xml", "<jabber><service id='other'><load><collector>c.so</collector></load></service></jabber>");
    EXPECT_THAT(to_text(host_.swap("c", dir_.path("c.so"), now(), mistakes_)), HasSubstr("has no such service"));
    EXPECT_EQ(host_.services().front().swaps.done, 0u);
}

TEST_F(SwappingFiles, ReloadSwapsWhenLoadNamesAnotherFile)
{
    start();
    install("parallel_collector", "d.so");
    send("1");
    EXPECT_THAT(reload(configuration("second", "d.so", "parallel_collector")), IsEmpty());
    EXPECT_EQ(status("seen"), "1 ");
    EXPECT_EQ(status("tag"), "second");
    EXPECT_THAT(reload(configuration("second", "d.so", "parallel_collector")),
                Not(Contains(HasSubstr("after a restart, ignoring"))));
    EXPECT_EQ(service().swaps.done, 1u);
}

TEST_F(SwappingFiles, ReloadSwapsWhenTheFileWasReplaced)
{
    start();
    install("collector");
    EXPECT_THAT(reload(configuration("second")), IsEmpty());
    EXPECT_EQ(service().swaps.done, 1u);
    EXPECT_EQ(status("tag"), "second");
}

TEST_F(SwappingFiles, ReloadSaysWhereTheLoadIsThatFailed)
{
    start();
    EXPECT_THAT(reload(configuration("second", fixture("thaw_fails"))),
                ElementsAre(AllOf(HasSubstr("jabber.xml:3: service 'c' was not swapped to "),
                                  HasSubstr("a record is unknown to me"), HasSubstr("with its old configuration"))));
    EXPECT_TRUE(mistakes_.fatal());
    EXPECT_EQ(status("tag"), "first");
    // Its own mistake stands beside.
    EXPECT_THAT(reload(configuration("second", fixture("succession_fails"))),
                ElementsAre(HasSubstr("jabber.xml:2: this cannot be inherited"), HasSubstr("jabber.xml:3: ")));
    EXPECT_THAT(reload(configuration("second", "none.so")), ElementsAre(HasSubstr("cannot be read")));
    EXPECT_THAT(reload(configuration("second", fixture("collector"), "other")),
                ElementsAre(HasSubstr("is the component 'collector', not 'other'")));
    // What fails is tried again; what is right again is no swap.
    EXPECT_THAT(reload(configuration("first")), Not(Contains(HasSubstr("swapped"))));
    EXPECT_EQ(service().swaps.done, 0u);
}

TEST_F(SwappingFiles, ReloadLeavesWhatWasSwappedByHand)
{
    start();
    ASSERT_TRUE(host_.swap("c", fixture("parallel_collector"), now(), mistakes_).is_done());
    EXPECT_THAT(reload(configuration("first")),
                ElementsAre(HasSubstr("goes on with " + fixture("parallel_collector").string())));
    EXPECT_EQ(service().component_name(), "parallel_collector 2.0");
}

TEST_F(SwappingFiles, ReloadWarnsWhenALoadedFileWasWrittenOver)
{
    start();
    std::filesystem::last_write_time(dir_.path("c.so"),
                                     std::filesystem::file_time_type::clock::now() + std::chrono::seconds{5});
    EXPECT_THAT(reload(configuration("second")), ElementsAre(HasSubstr("was written over while it is loaded")));
    EXPECT_EQ(status("tag"), "second");
}

TEST_F(SwappingFiles, OneThatCannotBeHandedOverStaysUntilARestart)
{
    install("good");
    Configuration good = read_configuration(
        dir_.write("jabber.xml", "<jabber>\n<service id='c'><load><good>c.so</good></load></service></jabber>"),
        mistakes_);
    host_.load(std::move(good), mistakes_);
    host_.create(mistakes_);
    ASSERT_TRUE(host_.start());
    EXPECT_THAT(to_text(host_.swap("c", fixture("collector"), now(), mistakes_)),
                HasSubstr("good 1.0, which runs, does not offer jabberd.handover/1"));
    EXPECT_THAT(reload(configuration("x")),
                Contains(HasSubstr("another component for service 'c' takes effect after a restart, ignoring")));
}

TEST_F(SwappingFiles, StatusTellsOfSwaps)
{
    start();
    host_.swap("c", fixture("collector"), now(), mistakes_);
    host_.swap("c", fixture("thaw_fails"), now(), mistakes_);
    EXPECT_THAT(status_report(host_, std::chrono::seconds{1}),
                AllOf(HasSubstr("\"swaps\":1,\"last_pause_us\":"), HasSubstr("\"last_failed_swap\":\"thaw: "),
                      HasSubstr("\"last_failed_swap_at\":\"20"), HasSubstr("\"running\":true")));
}

} // namespace
} // namespace jabberd::host
