// SPDX-License-Identifier: LGPL-2.1-or-later
// The real jabberd-host, or the stub of a classic one, in a process and a directory of its own, and what it takes of
// the machine.
#pragma once

#include "base/unique_fd.h"
#include "swap/options.h"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace jabberd::bench {

struct Footprint {
    std::size_t resident = 0; // bytes
    std::size_t descriptors = 0;
    std::size_t images = 0;   // socket managers in memory
    std::size_t mappings = 0; // of these
};

class Server {
public:
    // Returns when it is ready; throws std::runtime_error with its log when it does not get so far.
    explicit Server(const Options &options);
    ~Server();
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    std::uint16_t port() const { return port_; } // for TLS only
    std::string control() const { return (directory_ / "control").string(); }

    // One of three copies of the socket manager, the first is loaded: files of their own, so that their images are,
    // too.
    std::string copy(unsigned number) const;

    // Writes its configuration anew: another copy, and more in the socket manager's section.
    void configure(unsigned copy, const std::string &more) const;

    Footprint footprint() const;
    std::uint64_t counter(const std::string &name) const; // as `jabberd-ctl status` has it; 0: there is none

    // Ends it in order. True when it has, and no sanitizer had anything to say; otherwise its log is shown.
    bool stop();

private:
    std::string native_configuration(unsigned copy, const std::string &more) const;
    std::string classic_configuration(unsigned copy, const std::string &more) const;
    std::uint16_t ask_port() const;
    std::string ask_status() const;
    void launch();
    void show_log() const;

    const Options &options_;
    std::filesystem::path directory_;
    pid_t pid_ = -1;
    std::uint16_t port_ = 0;
    UniqueFd output_; // open for as long as it runs: it may print
};

} // namespace jabberd::bench
