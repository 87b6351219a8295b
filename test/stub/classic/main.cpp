// SPDX-License-Identifier: LGPL-2.1-or-later
// A small jabberd for tests: loads components of the classic ABI, and is strict where a real one crashes or leaks.
#include "host_functions.h"
#include "loading.h"
#include "stacks.h"
#include "strict.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

// Pth frees no event of a thread that is killed.
extern "C" __attribute__((visibility("default"))) const char *__lsan_default_suppressions();
extern "C" const char *__lsan_default_suppressions()
{
    return "leak:pth_event\nleak:pth_kill\n";
}

#if STUB_FLAVOUR >= 106
extern stub::Node *greymatter__;
#else
extern "C" stub::Node *greymatter__;
#endif

namespace {

constexpr const char *usage = "usage: %s -c FILE [--grace SECONDS]\n"
                              "  -c FILE          a jabberd configuration\n"
                              "  --grace SECONDS  what components have to stop in (1)\n";

struct Options {
    std::string file;
    double grace = 1;
};

bool read_options(int count, char **words, Options &options)
{
    for (int i = 1; i < count; i += 2) {
        const std::string option = words[i];
        if (i + 1 == count)
            return false;
        if (option == "-c")
            options.file = words[i + 1];
        else if (option == "--grace")
            options.grace = std::atof(words[i + 1]);
        else
            return false;
    }
    return !options.file.empty();
}

int signals[2]; // a pipe
volatile sig_atomic_t missed_hangup = 0;

void on_signal(int number)
{
    const int saved = errno;
    const auto byte = static_cast<char>(number);
    static_cast<void>(!write(signals[1], &byte, 1));
    errno = saved;
}

// In 1.1, where Pth polls while no thread waits for it, as before the first wait: it is raised anew.
void on_missed_hangup(int)
{
    missed_hangup = 1;
}

void catch_signals()
{
    if (pipe2(signals, O_CLOEXEC | O_NONBLOCK) != 0)
        stub::refuse("no pipe");
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    for (const int number : {SIGHUP, SIGINT, SIGTERM})
        if (stub::has_routes || number != SIGHUP)
            sigaction(number, &action, nullptr);
    if (!stub::has_routes) {
        action.sa_handler = on_missed_hangup;
        sigaction(SIGHUP, &action, nullptr);
    }
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, nullptr);
}

// Other Pth threads run meanwhile. It looks every now and then, as a real one does: on a busy machine Pth was seen to
// notice a byte in the pipe only with its next timer.
int next_signal()
{
    char byte;
    while (read(signals[0], &byte, 1) != 1) {
        pth_nap(pth_time(0, 100'000));
        if (std::exchange(missed_hangup, 0) != 0)
            raise(SIGHUP);
    }
    return byte;
}

// 1.1 waits for its signals in Pth, and has nothing to do at this one. Beginning a wait before a component does, it is
// served first, unless that one's thread goes before.
void wait_for_hangup_as_1_1()
{
    stub::spawn("hangup", [] {
        sigset_t hangup;
        sigemptyset(&hangup);
        sigaddset(&hangup, SIGHUP);
        for (int number = 0;;)
            pth_sigwait(&hangup, &number);
    });
}

// While another Pth thread runs it stays pending. The real one would be killed by it, then and whenever Pth polls while
// no thread waits for it.
void block_hangup()
{
    sigset_t hangup;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &hangup, nullptr);
}

// Everything else that lives is the host's own, and dies with it.
[[noreturn]] void leave(double grace)
{
    stub::check_signal_masks();
    if (stub::has_routes) {
        stub::disable_delivery();
        stub::host::run_shutdown_functions();
    }
    pth_nap(pth_time(0, static_cast<long>(grace * 1e6)));
    if (stub::has_routes)
        stub::free_instances(); // which runs the cleanups of their pools
    pth_kill();

    const std::size_t leaked = stub::packets_of_the_component(), lists = stub::host::namespace_lists_leaked();
    stub::print_packets_of_the_component();
    std::fprintf(stderr, "stub: %zu packets leaked\n", leaked);
    if (lists > 0)
        std::fprintf(stderr, "stub: %zu lists of namespaces leaked\n", lists);
    stub::free_session_managers();
    stub::free_all_pools();
    stub::free_stacks();
    std::exit(leaked + lists == 0 ? 0 : 1); // OS threads of the component may still run
}

} // namespace

int main(int count, char **words)
{
    Options options;
    if (!read_options(count, words, options)) {
        std::fprintf(stderr, usage, words[0]);
        return 2;
    }
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core); // it aborts on purpose
    stub::remember_thread();
    if (!stub::has_routes)
        block_hangup();
    pth_init();
    catch_signals();

    if (!stub::has_routes)
        wait_for_hangup_as_1_1();
    greymatter__ = stub::read_configuration(options.file);
    if (greymatter__ == nullptr || !stub::validate(greymatter__))
        return 1;
    stub::execute(greymatter__);
    stub::host::start_heartbeat();
    stub::enable_delivery();
    std::puts("stub: ready");
    std::fflush(stdout);
    for (;;) {
        if (next_signal() != SIGHUP)
            leave(options.grace);
        // Only what greymatter__ says changes; the instances keep their sections of the old tree.
        if (stub::has_routes)
            if (stub::Node *again = stub::read_configuration(options.file))
                greymatter__ = again;
    }
}
