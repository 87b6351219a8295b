// SPDX-License-Identifier: LGPL-2.1-or-later
// Tagged records as bytes (handover.h of the ABI): written one behind the other, read without trust.
#pragma once

#include "base/secret.h"

#include <jabberd/handover.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::handover {

// Memory that is wiped when it is given back, also when a vector grows out of it.
template <typename T>
struct WipingAllocator {
    using value_type = T;

    WipingAllocator() = default;
    template <typename U>
    WipingAllocator(const WipingAllocator<U> &) // NOLINT: allocators convert
    {
    }

    T *allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
    void deallocate(T *memory, std::size_t count)
    {
        jabberd::wipe(memory, count * sizeof(T));
        std::allocator<T>{}.deallocate(memory, count);
    }

    friend bool operator==(const WipingAllocator &, const WipingAllocator &) { return true; }
};

using Bytes = std::vector<unsigned char, WipingAllocator<unsigned char>>;

// Throws std::length_error when a value does not fit its 32-bit length.
class RecordWriter {
public:
    void u32(std::uint32_t tag, std::uint32_t value);

    // A record of several parts, or of records: what is written between open() and close() is its value.
    void open(std::uint32_t tag);
    void part(std::uint32_t value) { append(&value, sizeof value); }
    void part(std::uint64_t value) { append(&value, sizeof value); }
    void part(std::string_view value) { append(value.data(), value.size()); }
    void sized_part(std::string_view value); // u32 its length, and itself
    void close();

    const Bytes &bytes() const { return bytes_; }
    std::uint32_t records() const { return records_; } // those that are in no other

private:
    void append(const void *data, std::size_t size);

    Bytes bytes_;
    std::vector<std::size_t> open_; // where each value begins
    std::uint32_t records_ = 0;
};

// All of it as the ABI has it, which borrows from the three.
jabberd_snapshot snapshot_of(const RecordWriter &writer, std::span<const int> descriptors,
                             std::span<void *const> tokens = {});

// Why a snapshot cannot be taken over, in words. Thrown and caught where one is read.
struct Refusal : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The value of a record, taken from the front. Throws Refusal.
class Value {
public:
    explicit Value(std::string_view bytes) : rest_{bytes} {}

    std::uint32_t u32();
    std::uint64_t u64();
    std::string_view sized_part();
    std::string_view rest() { return take(rest_.size()); }
    void end() const; // nothing may be left

private:
    std::string_view take(std::size_t size);

    std::string_view rest_;
};

struct Record {
    std::uint32_t tag;
    std::string_view value;
};

// Throws Refusal.
class RecordReader {
public:
    explicit RecordReader(std::string_view records) : rest_{records} {}

    std::optional<Record> next(); // nothing: that was the last
    bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

// What is the whole of a value: a number, a text in strict UTF-8 without NUL.
std::uint32_t read_u32(std::string_view value);
std::uint32_t read_u32(std::string_view value, std::uint32_t most);
std::uint64_t read_u64(std::string_view value);
std::string read_text(std::string_view value);

// Refuses a tag that is not known here, when it must not be skipped.
void skip_unknown(std::uint32_t tag);

} // namespace jabberd::handover
