// SPDX-License-Identifier: LGPL-2.1-or-later
// The port at which Prometheus finds the metrics.
#pragma once

#include "host/config/configuration.h"
#include "host/config/mistakes.h"
#include "host/control/watch.h"
#include "metrics/scraper.h"
#include "net/listener.h"

#include <chrono>
#include <functional>
#include <list>
#include <optional>
#include <string>

namespace jabberd::host {

// [main] Works while the main loop runs.
class MetricsListener {
public:
    static constexpr std::chrono::milliseconds longest_scrape{10000}; // what Prometheus waits by itself

    // The listener ends a connection after `longest`, also one whose client still sends.
    explicit MetricsListener(std::function<std::string(MetricFormat)> text,
                             std::chrono::milliseconds longest = longest_scrape);

    // Says what is wrong with the settings, and opens nothing.
    static void check(const Settings &settings, Mistakes &mistakes);

    // Listens where the settings say, or nowhere. What is wrong, a port that is taken as well, is in `mistakes`; then
    // it goes on where it was.
    void use(const Settings &settings, Mistakes &mistakes);

    // Where it listens, with the port that the kernel chose for port 0. Nothing: it does not.
    std::optional<std::string> address() const;

private:
    void accept();
    void pause();
    void go_on();

    Served served_;
    const std::chrono::milliseconds longest_;
    const std::function<void()> on_end_;
    std::optional<net::SocketAddress> configured_;
    std::optional<net::Listener> listener_;
    std::list<Scraper> scrapers_; // the oldest first
    Watch acceptable_;
    Delay pause_;
};

} // namespace jabberd::host
