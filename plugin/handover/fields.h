// SPDX-License-Identifier: LGPL-2.1-or-later
// What a record of a snapshot is to a field of a state: rows of a table, by which both are written, read and wiped.
#pragma once

#include "base/secret.h"
#include "handover/records.h"
#include "handover/state.h"

#include <jabberd/handover.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::handover {

// What goes beside the records of a snapshot, which name it by its index.
struct Attachments {
    std::vector<int> descriptors;
    std::vector<void *> tokens;
};

// Which values of a list have been taken. One that stands in it twice is one value.
template <typename T>
class Taken {
public:
    explicit Taken(std::span<const T> values) : values_(values.begin(), values.end()), taken_(values.size())
    {
        std::ranges::sort(values_);
    }

    // One of the list. False: it has been.
    bool take(T value)
    {
        const auto at = static_cast<std::size_t>(std::ranges::lower_bound(values_, value) - values_.begin());
        const bool first = !taken_[at];
        taken_[at] = true;
        count_ += first;
        return first;
    }
    bool all() const { return count_ == values_.size(); }

private:
    std::vector<T> values_; // in order: nodes of a set would cost more than all else of a descriptor
    std::vector<bool> taken_;
    std::size_t count_ = 0;
};

// The same of a snapshot that is read. What names one has it alone; in the end all must be named, for what nothing
// takes would be open for ever.
class Resources {
public:
    explicit Resources(const jabberd_snapshot &snapshot)
        : snapshot_{snapshot}
        , descriptors_{{snapshot.descriptors, snapshot.descriptor_count}}
        , tokens_{{snapshot.tokens, snapshot.token_count}}
    {
    }

    int descriptor(std::string_view value);
    void *token(std::string_view value);
    void must_be_used_up() const;

private:
    const jabberd_snapshot &snapshot_;
    Taken<int> descriptors_;
    Taken<void *> tokens_;
};

struct Writing {
    RecordWriter &records;
    Attachments &attachments;
};

enum class Presence : std::uint8_t {
    Optional, // left out when it is 0 or empty
    Required,
    Repeated, // once for each element
};

template <typename State>
struct Field {
    std::uint32_t tag;
    Presence presence;
    const char *name; // in a refusal
    void (*write)(Writing &to, std::uint32_t tag, const State &state, Presence presence);
    void (*read)(Resources &resources, std::string_view value, State &state);
    void (*wipe)(State &state); // null: no words of a client or a session manager
};

// Codecs: how a value of one type is written into a record that is open, and read from it.

struct Text {
    static void write(Writing &to, const std::string &value) { to.records.part(std::string_view{value}); }
    static void read(Resources &, std::string_view bytes, std::string &value) { value = read_text(bytes); }
};

struct MaybeText { // "" is not the same as none
    static void write(Writing &to, const std::optional<std::string> &value) { Text::write(to, *value); }
    static void read(Resources &, std::string_view bytes, std::optional<std::string> &value)
    {
        value = read_text(bytes);
    }
};

struct AsTheyCame {
    static void write(Writing &to, const std::string &value) { to.records.part(std::string_view{value}); }
    static void read(Resources &, std::string_view bytes, std::string &value) { value = bytes; }
};

template <std::uint32_t most = UINT32_MAX>
struct Number {
    static void write(Writing &to, std::uint32_t value) { to.records.part(value); }
    static void read(Resources &, std::string_view bytes, std::uint32_t &value) { value = read_u32(bytes, most); }
};

struct Flag {
    static void write(Writing &to, bool value) { to.records.part(std::uint32_t{value}); }
    static void read(Resources &, std::string_view bytes, bool &value) { value = read_u32(bytes, 1) == 1; }
};

struct LongNumber {
    static void write(Writing &to, std::uint64_t value) { to.records.part(value); }
    static void read(Resources &, std::string_view bytes, std::uint64_t &value) { value = read_u64(bytes); }
};

struct Descriptor {
    static void write(Writing &to, int fd)
    {
        to.records.part(static_cast<std::uint32_t>(to.attachments.descriptors.size()));
        to.attachments.descriptors.push_back(fd);
    }
    static void read(Resources &resources, std::string_view bytes, int &fd) { fd = resources.descriptor(bytes); }
};

struct Token {
    static void write(Writing &to, void *token)
    {
        to.records.part(static_cast<std::uint32_t>(to.attachments.tokens.size()));
        to.attachments.tokens.push_back(token);
    }
    static void read(Resources &resources, std::string_view bytes, void *&token) { token = resources.token(bytes); }
};

// Rows.

namespace detail {

inline bool is_absent(const std::string &value)
{
    return value.empty();
}
inline bool is_absent(const std::optional<std::string> &value)
{
    return !value;
}
inline bool is_absent(const void *value)
{
    return value == nullptr;
}
inline bool is_absent(int fd)
{
    return fd == -1;
}
inline bool is_absent(bool value)
{
    return !value;
}
inline bool is_absent(std::uint32_t value)
{
    return value == 0;
}
inline bool is_absent(std::uint64_t value)
{
    return value == 0;
}

template <auto member>
struct Member;
template <typename S, typename V, V S::*member>
struct Member<member> {
    using State = S;
};

using jabberd::wipe;

inline void wipe(ConnectionState::Piece &piece)
{
    wipe(piece.bytes);
}

inline void wipe(ConnectionState::Asked &asked)
{
    wipe(asked.nonce);
}

template <typename Value>
void wipe(std::vector<Value> &values)
{
    for (Value &value : values)
        wipe(value);
}

} // namespace detail

template <auto member, typename Codec, typename State = typename detail::Member<member>::State>
constexpr Field<State> field(std::uint32_t tag, const char *name, Presence presence = Presence::Optional)
{
    return {tag,
            presence,
            name,
            [](Writing &to, std::uint32_t its_tag, const State &state, Presence its_presence) {
                if (its_presence == Presence::Optional && detail::is_absent(state.*member))
                    return;
                to.records.open(its_tag);
                Codec::write(to, state.*member);
                to.records.close();
            },
            [](Resources &resources, std::string_view value, State &state) {
                Codec::read(resources, value, state.*member);
            },
            nullptr};
}

// A record for each element of a list.
template <auto member, typename Codec, typename State = typename detail::Member<member>::State>
constexpr Field<State> repeated(std::uint32_t tag, const char *name)
{
    return {tag,
            Presence::Repeated,
            name,
            [](Writing &to, std::uint32_t its_tag, const State &state, Presence) {
                for (const auto &element : state.*member) {
                    to.records.open(its_tag);
                    Codec::write(to, element);
                    to.records.close();
                }
            },
            [](Resources &resources, std::string_view value, State &state) {
                Codec::read(resources, value, (state.*member).emplace_back());
            },
            nullptr};
}

// Two numbers in one record.
template <auto one, auto other, typename State = typename detail::Member<one>::State>
constexpr Field<State> pair(std::uint32_t tag, const char *name)
{
    return {tag,
            Presence::Optional,
            name,
            [](Writing &to, std::uint32_t its_tag, const State &state, Presence) {
                if (state.*one == 0 && state.*other == 0)
                    return;
                to.records.open(its_tag);
                to.records.part(state.*one);
                to.records.part(state.*other);
                to.records.close();
            },
            [](Resources &, std::string_view bytes, State &state) {
                Value value{bytes};
                state.*one = value.u64();
                state.*other = value.u64();
                value.end();
            },
            nullptr};
}

// The row of a field that holds what a client or a session manager has said: it is wiped when it is not needed any
// more.
template <auto member, typename State = typename detail::Member<member>::State>
constexpr Field<State> secret(Field<State> row)
{
    row.wipe = [](State &state) {
        using detail::wipe;
        wipe(state.*member);
    };
    return row;
}

} // namespace jabberd::handover
