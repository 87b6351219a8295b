// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/proxy_header_reader.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace jabberd::net {

namespace {

// Bytes that a look has shown: they are there.
void take(int fd, std::size_t count)
{
    std::array<char, max_proxy_header> taken;
    ::recv(fd, taken.data(), count, 0);
}

} // namespace

ParsedProxyHeader ProxyHeaderReader::parse(std::string_view bytes) const
{
    ParsedProxyHeader parsed = parse_proxy_header(bytes);
    if (auto *header = std::get_if<ProxyHeader>(&parsed); header != nullptr && header->client == peer_)
        header->client.reset();
    return parsed;
}

bool ProxyHeaderReader::complete() const
{
    return std::holds_alternative<ProxyHeader>(parse(begun_));
}

// A look, and then as many bytes as are certainly the header's are taken: of one that is not complete, all. Left in the
// socket they would make it readable again and again.
ProxyHeaderReader::Result ProxyHeaderReader::read(int fd)
{
    std::array<char, max_proxy_header> seen;
    const ssize_t size = ::recv(fd, seen.data(), seen.size(), MSG_PEEK);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return complete() ? Waiting::ForClient : Waiting::ForHeader;
    if (size <= 0)
        return begun_.empty() || complete() ? Gone::WithoutAWord : Gone::InTheHeader;
    const std::string_view came{seen.data(), static_cast<std::size_t>(size)};
    const std::string so_far = begun_ + std::string{came};
    const auto parsed = parse(so_far);
    if (const auto *fault = std::get_if<ProxyHeaderFault>(&parsed))
        return *fault;
    const auto *header = std::get_if<ProxyHeader>(&parsed);
    const std::size_t of_header = (header != nullptr ? header->bytes : so_far.size()) - begun_.size();
    take(fd, of_header);
    if (header != nullptr && (header->client || of_header < came.size()))
        return *header;
    begun_ = so_far;
    return header != nullptr ? Waiting::ForClient : Waiting::ForHeader;
}

} // namespace jabberd::net
