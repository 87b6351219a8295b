// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/metrics/process_metrics.h"

#include <glib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>
#include <string>

namespace jabberd::host {

namespace {

double seconds(const timeval &time)
{
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void tell_memory(MetricWriter &writer)
{
    std::ifstream statm{"/proc/self/statm"}; // in pages: all, resident
    std::uint64_t pages = 0, resident = 0;
    if (!(statm >> pages >> resident))
        return;
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    writer.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", pages * page);
    writer.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", resident * page);
}

void tell_descriptors(MetricWriter &writer)
{
    g_autoptr(GDir) directory = g_dir_open("/proc/self/fd", 0, nullptr);
    if (directory != nullptr) {
        std::uint64_t open = 0;
        while (g_dir_read_name(directory) != nullptr)
            ++open;
        writer.gauge("process_open_fds", "Number of open file descriptors.", open - 1); // without the directory's own
    }
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        writer.gauge("process_max_fds", "Maximum number of open file descriptors.", limit.rlim_cur);
}

// In clock ticks since the machine has started, as the 20th word behind the name, which may hold anything.
double start_time()
{
    std::ifstream stat{"/proc/self/stat"};
    stat.ignore(std::numeric_limits<std::streamsize>::max(), ')');
    std::string word;
    for (int i = 0; i < 20; ++i)
        stat >> word;
    timespec now{}, since_boot{};
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &since_boot);
    return static_cast<double>(now.tv_sec - since_boot.tv_sec) +
           std::strtod(word.c_str(), nullptr) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

} // namespace

void tell_process(MetricWriter &writer)
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    writer.counter("process_cpu_seconds", "Total user and system CPU time spent in seconds.");
    writer.sample(seconds(usage.ru_utime) + seconds(usage.ru_stime));
    static const double start = start_time(); // the clock may be set meanwhile, and it must not move
    writer.gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.");
    writer.sample(start);
    tell_memory(writer);
    tell_descriptors(writer);
}

} // namespace jabberd::host
