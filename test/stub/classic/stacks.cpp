// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stacks.h"

#include "strict.h"

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#ifdef HAVE_VALGRIND
#include <valgrind/valgrind.h>
#endif

namespace stub {

namespace {

constexpr std::size_t stack_size = CLASSIC_STACKS_ARE_BIG ? 1 << 20 : 65536;
constexpr std::size_t guard_size = 65536; // a big local at the end of the stack must not jump over it
constexpr unsigned char guard_byte = 0x5A;

struct Stack {
    std::string name;
    std::unique_ptr<char[]> memory; // the guard, then the stack, which grows towards it
    std::function<void()> body;

    bool holds(const void *address) const
    {
        return address >= memory.get() && address < memory.get() + guard_size + stack_size;
    }
};

std::vector<std::unique_ptr<Stack>> stacks;

void *run(void *argument)
{
    static_cast<Stack *>(argument)->body();
    return nullptr;
}

} // namespace

void spawn(const char *name, std::function<void()> body)
{
    auto stack = std::make_unique<Stack>();
    stack->name = name;
    stack->memory = std::make_unique<char[]>(guard_size + stack_size);
    stack->body = std::move(body);
    char *base = stack->memory.get() + guard_size;
    std::memset(stack->memory.get(), guard_byte, guard_size);
#ifdef HAVE_VALGRIND
    static_cast<void>(VALGRIND_STACK_REGISTER(base, base + stack_size));
#endif
    pth_attr_t attributes = pth_attr_new();
    pth_attr_set(attributes, PTH_ATTR_NAME, name);
    pth_attr_set(attributes, PTH_ATTR_JOINABLE, FALSE);
    pth_attr_set(attributes, PTH_ATTR_STACK_SIZE, static_cast<unsigned>(stack_size));
    pth_attr_set(attributes, PTH_ATTR_STACK_ADDR, base);
    if (pth_spawn(attributes, run, stack.get()) == nullptr)
        refuse("no thread for %s", name);
    pth_attr_destroy(attributes);
    stacks.push_back(std::move(stack));
}

void check_stack(const char *after)
{
    const char here = 0;
    for (const auto &stack : stacks) {
        if (!stack->holds(&here))
            continue;
        // All bytes are the first one. By one call, for this is done after each packet, without optimisation as well.
        const char *const guard = stack->memory.get();
        if (static_cast<unsigned char>(*guard) != guard_byte || std::memcmp(guard, guard + 1, guard_size - 1) != 0)
            refuse("%s left the stack of a thread (%s) that has %zu bytes", after, stack->name.c_str(), stack_size);
        return;
    }
}

void free_stacks()
{
    stacks.clear();
}

Worker::Worker(const char *name)
{
    spawn(name, [this] { work(); });
}

void Worker::post(std::function<void()> task)
{
    tasks_.push_back(std::move(task));
    pth_mutex_acquire(&mutex_, FALSE, nullptr);
    pth_cond_notify(&posted_, FALSE);
    pth_mutex_release(&mutex_);
}

void Worker::work()
{
    for (;;) {
        pth_mutex_acquire(&mutex_, FALSE, nullptr);
        while (tasks_.empty())
            pth_cond_await(&posted_, &mutex_, nullptr);
        pth_mutex_release(&mutex_);
        const auto task = std::move(tasks_.front());
        tasks_.pop_front();
        task();
    }
}

} // namespace stub
