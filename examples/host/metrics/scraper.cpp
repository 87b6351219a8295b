// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metrics/scraper.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace jabberd::host {

namespace {

bool is_for_later(ssize_t result)
{
    return result < 0 && (errno == EAGAIN || errno == EINTR);
}

} // namespace

Scraper::Scraper(UniqueFd socket, const Served &served, const std::function<void()> &on_end,
                 std::chrono::milliseconds longest)
    : served_(served)
    , on_end_(on_end)
    , socket_(std::move(socket))
    , ready_(watch(G_IO_IN, &Scraper::read))
    , end_(longest, [this] {
        finished_ = true;
        on_end_();
    })
{
}

Watch Scraper::watch(GIOCondition conditions, void (Scraper::*ready)())
{
    return Watch{socket_.get(), conditions, [this, ready] {
                     (this->*ready)();
                     if (finished_)
                         on_end_();
                 }};
}

void Scraper::read()
{
    std::array<char, longest_request> buffer;
    const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (is_for_later(count))
        return;
    if (count <= 0) {
        finished_ = true;
        return;
    }
    request_.append(buffer.data(), static_cast<std::size_t>(count));
    const auto request = read_request(request_);
    if (!request)
        return;
    answer_ = http_answer(*request, served_);
    ready_ = watch(G_IO_OUT, &Scraper::write);
}

void Scraper::write()
{
    const ssize_t count = send(socket_.get(), answer_.data() + sent_, answer_.size() - sent_, MSG_NOSIGNAL);
    if (is_for_later(count))
        return;
    if (count < 0) {
        finished_ = true;
        return;
    }
    sent_ += static_cast<std::size_t>(count);
    if (sent_ < answer_.size())
        return;
    // Closed with something unread the answer could be lost with the socket, so the client is read to its end.
    shutdown(socket_.get(), SHUT_WR);
    ready_ = watch(G_IO_IN, &Scraper::discard);
}

void Scraper::discard()
{
    std::array<char, longest_request> buffer;
    const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    finished_ = count <= 0 && !is_for_later(count);
}

} // namespace jabberd::host
