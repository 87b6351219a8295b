// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handover/records.h"

#include "base/utf8.h"

#include <jabberd/handover.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <limits>

namespace jabberd::handover {

namespace {

std::string hex(std::uint32_t tag)
{
    char digits[8];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), tag, 16).ptr;
    return "0x" + std::string(digits, end);
}

} // namespace

void RecordWriter::append(const void *data, std::size_t size)
{
    const auto *bytes = static_cast<const unsigned char *>(data);
    bytes_.insert(bytes_.end(), bytes, bytes + size);
}

void RecordWriter::open(std::uint32_t tag)
{
    part(tag);
    part(std::uint32_t{0}); // its length, once that is known
    records_ += open_.empty();
    open_.push_back(bytes_.size());
}

void RecordWriter::close()
{
    assert(!open_.empty() && "close() without open()");
    const std::size_t begin = open_.back(), size = bytes_.size() - begin;
    open_.pop_back();
    if (size > std::numeric_limits<std::uint32_t>::max())
        throw std::length_error("a record of the snapshot would be longer than 4 GiB");
    const auto length = static_cast<std::uint32_t>(size);
    std::memcpy(bytes_.data() + begin - sizeof length, &length, sizeof length);
}

void RecordWriter::u32(std::uint32_t tag, std::uint32_t value)
{
    open(tag);
    part(value);
    close();
}

void RecordWriter::sized_part(std::string_view value)
{
    if (value.size() > std::numeric_limits<std::uint32_t>::max())
        throw std::length_error("a text of the snapshot would be longer than 4 GiB");
    part(static_cast<std::uint32_t>(value.size()));
    part(value);
}

std::string_view Value::take(std::size_t size)
{
    if (size > rest_.size())
        throw Refusal("a value is too short");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
}

jabberd_snapshot snapshot_of(const RecordWriter &writer, std::span<const int> descriptors,
                             std::span<void *const> tokens)
{
    return {.size = sizeof(jabberd_snapshot),
            .records = writer.bytes().data(),
            .record_bytes = writer.bytes().size(),
            .descriptors = descriptors.data(),
            .descriptor_count = descriptors.size(),
            .tokens = tokens.data(),
            .token_count = tokens.size()};
}

std::uint32_t Value::u32()
{
    std::uint32_t number;
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
}

std::uint64_t Value::u64()
{
    std::uint64_t number;
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
}

std::string_view Value::sized_part()
{
    const std::uint32_t size = u32();
    return take(size);
}

void Value::end() const
{
    if (!rest_.empty())
        throw Refusal("a value is too long");
}

std::optional<Record> RecordReader::next()
{
    if (rest_.empty())
        return std::nullopt;
    std::uint32_t head[2];
    if (rest_.size() < sizeof head)
        throw Refusal("it is cut in the head of a record");
    std::memcpy(head, rest_.data(), sizeof head);
    rest_.remove_prefix(sizeof head);
    if (head[1] > rest_.size())
        throw Refusal("the record " + hex(head[0]) + " is longer than what it is in");
    const Record record{head[0], rest_.substr(0, head[1])};
    rest_.remove_prefix(head[1]);
    return record;
}

std::uint32_t read_u32(std::string_view value)
{
    Value parts{value};
    const std::uint32_t number = parts.u32();
    parts.end();
    return number;
}

std::uint32_t read_u32(std::string_view value, std::uint32_t most)
{
    const std::uint32_t number = read_u32(value);
    if (number > most)
        throw Refusal("there is no " + std::to_string(number) + ", " + std::to_string(most) + " is the last");
    return number;
}

std::uint64_t read_u64(std::string_view value)
{
    Value parts{value};
    const std::uint64_t number = parts.u64();
    parts.end();
    return number;
}

std::string read_text(std::string_view value)
{
    if (!is_utf8(value))
        throw Refusal("a text is not UTF-8");
    return std::string{value};
}

void skip_unknown(std::uint32_t tag)
{
    if ((tag & JABBERD_SNAPSHOT_CRITICAL) != 0)
        throw Refusal("the record " + hex(tag) + " is not known here, and must not be skipped");
}

} // namespace jabberd::handover
