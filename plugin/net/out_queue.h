// SPDX-License-Identifier: LGPL-2.1-or-later
// What a client is still to be sent, and where each stanza in it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::net {

// Stanzas are queued as the bytes that will be written, and written in order. A stanza whose last byte was not taken by
// the kernel was not delivered: it can be taken back, whole, with the sfrom it came with. An empty queue keeps its
// buffers, to be lent to the next connection that has something to write.
class OutQueue {
public:
    // Bytes that are not to be returned: stream header, errors, white space.
    void append(std::string_view bytes) { bytes_ += bytes; }

    // A stanza: its bytes are appended to what begin_stanza() returns, then end_stanza() is told the sfrom of the
    // packet.
    std::string &begin_stanza();
    void end_stanza(std::string_view sfrom);

    // A place between stanzas that is told when it is reached: taken back, it is an empty stanza. Not while empty().
    void mark(std::string_view sfrom)
    {
        begin_stanza();
        end_stanza(sfrom);
    }

    bool empty() const { return written_ == bytes_.size(); }
    std::size_t size() const { return bytes_.size() - written_; }       // bytes to write
    std::size_t held_bytes() const;                                     // memory that it takes while it is not empty
    std::size_t stanzas() const { return edges_.size() - first_edge_; } // with the marks
    std::size_t marks() const;
    void forget_marks();
    // Bytes between the first stanza that is not wholly written and the last. The second takes no stanza for more than
    // so many.
    std::size_t between() const;
    std::size_t between(std::size_t most_of_a_stanza) const;
    std::string_view unwritten() const { return std::string_view{bytes_}.substr(written_); }

    // The first `count` unwritten bytes are gone. Returns how many stanzas became whole, and marks were reached.
    struct Gone {
        std::size_t stanzas = 0;
        unsigned marks = 0;
    };
    Gone wrote(std::size_t count);

    // The first `count` stanzas are gone, with the marks in front of the next. Nothing of them was written.
    Gone drop(std::size_t count);

    // What is not wholly written, in order: stanzas each by itself, and what lies between them.
    struct Piece {
        std::string_view bytes;
        std::size_t written;
        std::string_view sfrom; // no data: not a stanza
    };
    std::vector<Piece> pieces() const;

    // The next of another queue's pieces. Only the first may be written in part.
    void restore(const Piece &piece);

    // Visits every stanza that was not wholly written, in order, and forgets all.
    void take_back(const std::function<void(std::string_view stanza, std::string_view sfrom)> &visit);

private:
    struct Edge {
        std::size_t begin, end;          // in bytes_
        std::uint32_t sfrom, sfrom_size; // in sfroms_
    };

    std::string_view sfrom_of(const Edge &edge) const;
    void clear();
    void drop_written();

    std::string bytes_;
    std::size_t written_ = 0;
    std::size_t stanza_begin_ = 0;
    std::vector<Edge> edges_; // from first_edge_ on: not wholly written
    std::size_t first_edge_ = 0;
    std::string sfroms_; // one behind the other; nearly always one: the user's bare address
};

} // namespace jabberd::net
