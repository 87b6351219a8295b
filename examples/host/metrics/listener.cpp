// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metrics/listener.h"

#include <chrono>
#include <system_error>

namespace jabberd::host {

namespace {

constexpr std::size_t most_scrapers = 8; // Prometheus, its standby, a person
constexpr std::chrono::milliseconds until_it_looks_again{50};

std::optional<net::SocketAddress> address_of(const MetricsPort &port, Mistakes &mistakes)
{
    const auto address = net::SocketAddress::parse(port.address, port.port);
    if (!address)
        mistakes.add({JABBERD_LOG_ERROR, port.file, port.line,
                      "<metrics>" + port.address +
                          "</metrics> is no address; it takes an IPv4 or IPv6 address in numbers: <metrics "
                          "port='9464'>127.0.0.1</metrics>"});
    return address;
}

} // namespace

MetricsListener::MetricsListener(std::function<std::string(MetricFormat)> text, std::chrono::milliseconds longest)
    : served_{std::move(text)}
    , longest_(longest)
    , on_end_([this] { scrapers_.remove_if([](const Scraper &scraper) { return scraper.finished(); }); })
{
}

void MetricsListener::check(const Settings &settings, Mistakes &mistakes)
{
    if (settings.metrics)
        address_of(*settings.metrics, mistakes);
}

void MetricsListener::use(const Settings &settings, Mistakes &mistakes)
{
    const auto wanted = settings.metrics ? address_of(*settings.metrics, mistakes) : std::nullopt;
    if (settings.metrics && !wanted)
        return;
    if (wanted == configured_) {
        served_.has_page = settings.metrics && settings.metrics->has_page;
        return;
    }
    try {
        std::optional<net::Listener> opened;
        if (wanted)
            opened.emplace(*wanted);
        acceptable_ = Watch{};
        pause_ = Delay{};
        std::swap(listener_, opened);
        configured_ = wanted;
        served_.has_page = settings.metrics && settings.metrics->has_page;
        if (listener_)
            go_on();
    } catch (const std::system_error &problem) {
        mistakes.add({JABBERD_LOG_ERROR, settings.metrics->file, settings.metrics->line,
                      std::string{"the metrics cannot be told there: "} + problem.what()});
    }
}

std::optional<std::string> MetricsListener::address() const
{
    return listener_ ? std::optional{listener_->address().to_string()} : std::nullopt;
}

void MetricsListener::accept()
{
    auto accepted = listener_->accept();
    if (const auto *problem = std::get_if<net::AcceptProblem>(&accepted)) {
        if (*problem != net::AcceptProblem::Nobody && *problem != net::AcceptProblem::Aborted)
            pause();
        return;
    }
    if (scrapers_.size() >= most_scrapers)
        scrapers_.pop_front();
    scrapers_.emplace_back(std::move(std::get<net::Accepted>(accepted).fd), served_, on_end_, longest_);
}

// The process has no descriptor left, and the main loop would find the same client again and again.
void MetricsListener::pause()
{
    acceptable_ = Watch{};
    pause_ = Delay{until_it_looks_again, [this] { go_on(); }};
}

void MetricsListener::go_on()
{
    acceptable_ = Watch{listener_->fd(), G_IO_IN, [this] { accept(); }};
}

} // namespace jabberd::host
