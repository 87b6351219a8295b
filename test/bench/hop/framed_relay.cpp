// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets over TCP without sequence numbers, acknowledgements or anything to repair: u32 length, packet.
#include "base/unique_fd.h"
#include "hop/way.h"
#include "link/frame/bytes.h"
#include "link/frame/packet_code.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace jabberd::bench {

namespace {

constexpr std::size_t enough_queued = 1u << 20; // bytes, as a link's window

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void must(bool done, const char *what)
{
    if (!done)
        throw std::system_error{errno, std::generic_category(), what};
}

// Who sends appends, one thread writes all that has come since.
class Near final : public Way {
public:
    explicit Near(Ports ports) : port_(ports.far) {}
    ~Near() override
    {
        {
            const std::lock_guard lock{mutex_};
            ends_ = true;
        }
        changed_.notify_all();
        if (thread_.joinable())
            thread_.join();
    }

    void wait_until_there() override
    {
        const sockaddr_in address = loopback(port_);
        do
            fd_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        while (::connect(fd_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 &&
               errno == ECONNREFUSED);
        const int one = 1;
        ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        thread_ = std::thread{[this] { write_all(); }};
    }

    void send(const jabberd_packet &packet) override
    {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return queue_.size() < enough_queued; });
        const bool first = queue_.empty();
        const std::size_t size = link::encoded_size(packet);
        link::store(queue_, static_cast<std::uint32_t>(size));
        link::encode(packet, size, queue_);
        lock.unlock();
        if (first)
            changed_.notify_all();
    }

private:
    void write_all()
    {
        std::string bytes;
        for (;;) {
            {
                std::unique_lock lock{mutex_};
                changed_.wait(lock, [&] { return ends_ || !queue_.empty(); });
                if (queue_.empty())
                    return;
                bytes.clear();
                bytes.swap(queue_);
            }
            changed_.notify_all();
            for (std::string_view rest = bytes; !rest.empty();) {
                const ssize_t count = ::send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
                if (count <= 0)
                    return;
                rest.remove_prefix(static_cast<std::size_t>(count));
            }
        }
    }

    const std::uint16_t port_;
    UniqueFd fd_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string queue_;
    bool ends_ = false;
    std::thread thread_;
};

class Far final : public Way {
public:
    Far(Ports ports, Arrival arrival) : arrival_(std::move(arrival))
    {
        const sockaddr_in address = loopback(ports.far);
        const int one = 1;
        ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        must(::bind(listener_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0, "bind");
        must(::listen(listener_.get(), 1) == 0, "listen");
        thread_ = std::thread{[this] { read_all(); }};
    }
    ~Far() override { thread_.join(); } // when the near end has gone
    void wait_until_there() override {}
    void send(const jabberd_packet &) override { throw std::logic_error{"this end only listens"}; }

private:
    void read_all()
    {
        const UniqueFd fd{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
        std::string bytes;
        std::array<char, 65536> buffer;
        link::DecodedPacket packet;
        for (ssize_t count = 0; (count = ::read(fd.get(), buffer.data(), buffer.size())) > 0;) {
            bytes.append(buffer.data(), static_cast<std::size_t>(count));
            std::string_view rest = bytes;
            for (std::uint32_t size = 0; rest.size() >= sizeof size;) {
                std::memcpy(&size, rest.data(), sizeof size);
                if (rest.size() < sizeof size + size)
                    break;
                if (link::decode(rest.substr(sizeof size, size), packet))
                    arrival_(packet.packet);
                rest.remove_prefix(sizeof size + size);
            }
            bytes.erase(0, bytes.size() - rest.size());
        }
    }

    const Arrival arrival_;
    UniqueFd listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::thread thread_;
};

} // namespace

std::unique_ptr<Way> relay_near(Ports ports)
{
    return std::make_unique<Near>(ports);
}

std::unique_ptr<Way> relay_far(Ports ports, Arrival arrival)
{
    return std::make_unique<Far>(ports, std::move(arrival));
}

} // namespace jabberd::bench
