// SPDX-License-Identifier: LGPL-2.1-or-later
// An allocation that fails ends the request that asked for it, and nothing else.
#include "support/server.h"

#include "base/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

namespace {

std::atomic<std::size_t> largest = 0; // allocation that succeeds; 0: any

} // namespace

// Of the whole program: what the session manager allocates by itself. Libraries of C have their own.
void *operator new(std::size_t size)
{
    const std::size_t limit = largest;
    void *memory = limit != 0 && size > limit ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr)
        throw std::bad_alloc{};
    return memory;
}

void operator delete(void *memory) noexcept
{
    std::free(memory);
}

void operator delete(void *memory, std::size_t) noexcept
{
    std::free(memory);
}

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

class OutOfMemory : public testing::Test {
protected:
    ~OutOfMemory() override { largest = 0; }

    // As alice's connection sends it, while no large allocation succeeds.
    std::string sends(const std::string &xml)
    {
        const OwnedPacket owned = packet_from_xml(xml);
        jabberd_packet packet = owned.packet();
        packet.sto = view(alice_.session);
        packet.sfrom = view(alice_.connection);
        largest = 50'000;
        EXPECT_EQ(server_.host.handle(packet), JABBERD_DONE);
        std::string answer = alice_.gets();
        largest = 0;
        return answer;
    }

    static std::string card(std::size_t bytes)
    {
        return "<iq type='set' id='card'><vCard xmlns='vcard-temp'><FN>" + std::string(bytes, 'x') +
               "</FN></vCard></iq>";
    }

    Server server_;
    ConnectedClient alice_ = server_.log_in("alice", "home");
    const std::string get_card_ = "<iq type='get' id='get'><vCard xmlns='vcard-temp'/></iq>";
};

TEST_F(OutOfMemory, EndsARequestThatIsTooLarge)
{
    EXPECT_THAT(sends(card(200'000)), AllOf(HasSubstr("id='card'"), HasSubstr("resource-constraint")));
    EXPECT_THAT(server_.host.logs(), Contains(HasSubstr("the session manager failed")));
    EXPECT_THAT(sends(card(100)), AllOf(HasSubstr("id='card'"), HasSubstr("type='result'")));
}

TEST_F(OutOfMemory, EndsAJobOfTheDatabase)
{
    alice_.sends(card(200'000));
    EXPECT_THAT(alice_.gets(), HasSubstr("type='result'"));
    EXPECT_THAT(sends(get_card_), AllOf(HasSubstr("id='get'"), HasSubstr("resource-constraint")));
    alice_.sends(get_card_);
    EXPECT_THAT(alice_.gets(), AllOf(HasSubstr("type='result'"), HasSubstr("xxx")));
}

} // namespace
} // namespace jabberd::test
