// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pool.h"

#include "node.h"
#include "strict.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stub {

namespace {

constexpr std::size_t block_size = 2048;
constexpr std::size_t alignment = 16;
constexpr std::size_t most_in_quarantine = 4096; // pools: some MB

struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
};

struct Pool {
    pool_struct face{}; // what the component sees
    Kind kind;
    Owner owner;
    std::vector<Block> blocks;
    std::size_t used = 0; // of the last block
    std::vector<std::pair<void (*)(void *), void *>> cleanups;
};

std::unordered_map<const pool_struct *, std::unique_ptr<Pool>> living;
std::deque<std::unique_ptr<Pool>> quarantine; // their addresses cannot come again while they are here

Pool &of(const pool_struct *pool)
{
    return *living.at(pool);
}

} // namespace

pool_struct *new_pool(Kind kind, Owner owner)
{
    auto pool = std::make_unique<Pool>();
    pool->kind = kind;
    pool->owner = owner;
    pool_struct *face = &pool->face;
    living.emplace(face, std::move(pool));
    return face;
}

void *allocate(pool_struct *face, std::size_t size)
{
    Pool &pool = of(face);
    size = (size + alignment - 1) / alignment * alignment;
    if (pool.blocks.empty() || pool.blocks.back().size - pool.used < size) {
        const std::size_t room = std::max(size, block_size);
        pool.blocks.push_back({std::make_unique<char[]>(room), room});
        pool.used = 0;
    }
    void *bytes = pool.blocks.back().bytes.get() + pool.used;
    pool.used += size;
    face->size += static_cast<int>(size);
    return bytes;
}

char *copy(pool_struct *pool, std::string_view text)
{
    auto *bytes = static_cast<char *>(allocate(pool, text.size() + 1));
    std::memcpy(bytes, text.data(), text.size());
    return bytes;
}

void on_cleanup(pool_struct *pool, void (*function)(void *), void *argument)
{
    of(pool).cleanups.emplace_back(function, argument);
}

void free_pool(pool_struct *face)
{
    Pool &pool = of(face);
    while (!pool.cleanups.empty()) {
        const auto [function, argument] = pool.cleanups.back();
        pool.cleanups.pop_back();
        function(argument);
    }
    for (Block &block : pool.blocks)
        std::memset(block.bytes.get(), freed_byte, block.size);
    std::memset(&pool.face, freed_byte, sizeof pool.face);
    quarantine.push_back(std::move(living.at(face)));
    living.erase(face);
    if (quarantine.size() > most_in_quarantine)
        quarantine.pop_front();
}

int size_of(pool_struct *pool)
{
    return pool->size;
}

bool is_live(const pool_struct *pool)
{
    return living.contains(pool);
}

Owner owner(const pool_struct *pool)
{
    return of(pool).owner;
}

void give_to(pool_struct *pool, Owner owner)
{
    of(pool).owner = owner;
}

void check(const pool_struct *pool, const char *function)
{
    if (is_of_freed_memory(pool) || !is_live(pool))
        refuse("%s() was called for a packet that has been freed", function);
}

void check(const xmlnode_t *node, const char *function)
{
    if (is_of_freed_memory(node))
        refuse("%s() was called for a packet that has been freed", function);
    check(node->p, function);
}

void check_owned(const pool_struct *pool, const char *function)
{
    check(pool, function);
    if (owner(pool) != Owner::Component)
        refuse("%s() was called for a packet that is the host's, or was given to it", function);
}

std::size_t packets_of_the_component()
{
    std::size_t count = 0;
    for (const auto &[face, pool] : living)
        count += pool->kind == Kind::Packet && pool->owner == Owner::Component;
    return count;
}

void print_packets_of_the_component()
{
    for (const auto &[face, pool] : living)
        if (pool->kind == Kind::Packet && pool->owner == Owner::Component && !pool->blocks.empty())
            // Its root was the first thing that was allocated.
            std::fprintf(stderr, "stub: leaked: %s\n",
                         to_string(reinterpret_cast<xmlnode_t *>(pool->blocks.front().bytes.get())).c_str());
}

void free_all_pools()
{
    living.clear();
    quarantine.clear();
}

} // namespace stub
