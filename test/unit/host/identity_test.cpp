// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/component/identity.h"
#include "host/component/library.h"
#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <elf.h>
#include <link.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

namespace jabberd::host {
namespace {

using testing::HasSubstr;

// HELLO names the file of the example, set by the build.
std::string hello_path()
{
    const char *path = std::getenv("HELLO");
    return path == nullptr ? "" : path;
}

std::string hello_bytes()
{
    std::ifstream file{hello_path(), std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::optional<jabberd_identity> identity_of(const std::string &bytes, std::string &why)
{
    return find_identity(std::as_bytes(std::span{bytes}), why);
}

std::string refusal(const std::string &bytes)
{
    std::string why;
    EXPECT_FALSE(identity_of(bytes, why));
    return why;
}

TEST(Identity, IsReadFromTheFile)
{
    std::string why;
    const auto identity = identity_of(hello_bytes(), why);
    ASSERT_TRUE(identity) << why;
    EXPECT_STREQ(identity->name, "hello");
    EXPECT_STREQ(identity->version, "1.0");
    EXPECT_EQ(identity->abi_major, JABBERD_ABI_MAJOR);
}

TEST(Identity, SaysWhatTheFileIsInstead)
{
    EXPECT_THAT(refusal(""), HasSubstr("not an ELF file"));
    EXPECT_THAT(refusal(std::string(1000, 'x')), HasSubstr("not an ELF file"));
    std::string other_machine = hello_bytes();
    other_machine[EI_CLASS] = static_cast<char>(other_machine[EI_CLASS] ^ 3);
    EXPECT_THAT(refusal(other_machine), HasSubstr("not a shared object for this machine"));
    std::string not_ours = hello_bytes();
    for (auto at = not_ours.find("jabberd"); at != std::string::npos; at = not_ours.find("jabberd"))
        not_ours[at] = 'J';
    EXPECT_THAT(refusal(not_ours), HasSubstr("not a component"));
}

TEST(Identity, CutAnywhereIsRefusedNotOverread)
{
    const std::string bytes = hello_bytes();
    for (std::size_t size = 0; size < 2000; ++size) {
        std::string why;
        // Its own allocation, so that the address sanitizer sees the first byte too many.
        identity_of(std::string{bytes, 0, size}, why);
    }
}

TEST(Identity, SurvivesAnyDamage)
{
    const std::string bytes = hello_bytes();
    std::mt19937 random{1}; // the same damage in every run
    for (int i = 0; i < 3000; ++i) {
        std::string damaged = bytes;
        for (int j = 0; j < 8; ++j)
            damaged[random() % 700] = static_cast<char>(random());
        std::memcpy(damaged.data(), ELFMAG, SELFMAG);
        std::string why;
        const auto identity = identity_of(damaged, why);
        EXPECT_TRUE(!identity || std::strlen(identity->name) < sizeof identity->name);
    }
}

TEST(Identity, AnotherAbiIsRefusedWithWhatToDo)
{
    jabberd_identity identity{JABBERD_ABI_MAJOR, 99, "x", "1"};
    EXPECT_EQ(abi_mismatch(identity), "");
    identity.abi_major = JABBERD_ABI_MAJOR + 1;
    EXPECT_THAT(abi_mismatch(identity), HasSubstr("install a newer host"));
    identity.abi_major = 0;
    EXPECT_THAT(abi_mismatch(identity), HasSubstr("build the component again"));
}

TEST(Library, LoadsAComponent)
{
    std::string why;
    const auto library = ComponentLibrary::open(hello_path(), why);
    ASSERT_TRUE(library) << why;
    EXPECT_EQ(missing_in(library->component()), "");
}

TEST(Library, SaysWhyAFileCannotBeLoaded)
{
    const test::TempDir dir;
    std::string why;
    EXPECT_FALSE(ComponentLibrary::open(dir.path("none.so"), why));
    EXPECT_THAT(why, HasSubstr("none.so cannot be read: "));
    EXPECT_FALSE(ComponentLibrary::open(dir.write("text.so", "hello"), why));
    EXPECT_THAT(why, HasSubstr("text.so is not an ELF file; a component is a shared object (.so)"));
    // The dynamic linker would die of it.
    EXPECT_FALSE(ComponentLibrary::open(dir.write("half.so", hello_bytes().substr(0, 4096)), why));
    EXPECT_THAT(why, HasSubstr("half.so is cut short; copy it again"));
}

TEST(Library, RefusesAStructItCannotCall)
{
    const auto create = [](const jabberd_host *, const jabberd_config *) -> jabberd_instance * { return nullptr; };
    const auto start = [](jabberd_instance *) { return true; };
    const auto destroy = [](jabberd_instance *) {};
    jabberd_component component{sizeof component, JABBERD_PARALLEL, nullptr, create,  start,
                                nullptr,          nullptr,          destroy, nullptr, nullptr};
    EXPECT_EQ(missing_in(component), "");
    component.start = nullptr;
    EXPECT_THAT(missing_in(component), HasSubstr("create, start or destroy"));
    component.size = sizeof component - 1;
    EXPECT_THAT(missing_in(component), HasSubstr("shorter than ABI 1.0"));
}

} // namespace
} // namespace jabberd::host
