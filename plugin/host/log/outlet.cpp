// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/log/outlet.h"

#include "base/signals_blocked.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace jabberd::host::log {

struct Outlet::State {
    struct Record {
        std::string text;
        std::uint64_t stands_for; // one, or as many as it says are lost
        std::size_t written = 0;
        bool ends_another = false; // its first byte
    };

    enum class Written { All, NoRoom, Failed };

    // Where to, and how that is done without blocking.
    struct Destination {
        UniqueFd fd;
        bool is_socket = false;
        bool never_blocks = false; // a caller may write

        explicit Destination(int descriptor)
        {
            struct stat status {};
            if (fstat(descriptor, &status) != 0)
                return; // closed: each write fails
            is_socket = S_ISSOCK(status.st_mode);
            if (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)) {
                const std::string name = "/proc/self/fd/" + std::to_string(descriptor);
                fd = at_or_above(0, UniqueFd{::open(name.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)});
            }
            // A file waits for nothing but its disk.
            never_blocks = fd || is_socket || S_ISREG(status.st_mode);
            if (!fd) // not ours to open, such as a pipe of root's
                fd = UniqueFd{fcntl(descriptor, F_DUPFD_CLOEXEC, first_of_ours)};
        }

        explicit Destination(UniqueFd socket) : fd(std::move(socket)), is_socket(true), never_blocks(true) {}

        Written put(Record &record) const
        {
            while (record.written < record.text.size()) {
                const std::string_view rest = std::string_view{record.text}.substr(record.written);
                const ssize_t count = is_socket ? send(fd.get(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                                                : ::write(fd.get(), rest.data(), rest.size());
                if (count > 0)
                    record.written += static_cast<std::size_t>(count);
                else if (count < 0 && errno == EAGAIN)
                    return Written::NoRoom;
                else if (count == 0 || errno != EINTR)
                    return Written::Failed;
            }
            return Written::All;
        }

        void wait() const
        {
            constexpr int look_again_ms = 1000; // poll() knows the room of our own side only, on some sockets
            pollfd writable{fd.get(), POLLOUT, 0};
            poll(&writable, 1, look_again_ms);
        }
    };

    State(Destination destination, std::function<UniqueFd()> opener, Note its_note)
        : to(std::move(destination)), open(std::move(opener)), note(std::move(its_note))
    {
    }

    // [with the mutex] Whether a caller has written it, or it is lost.
    bool put_now(Record &record)
    {
        if (!to.never_blocks || !waiting.empty())
            return false;
        return put(record) != Written::NoRoom;
    }

    // Counts what is lost by it. A caller has the mutex; the thread has not, and is the only one to write then.
    Written put(Record &record)
    {
        if (is_inside_a_line && record.written == 0) { // a disk got full in the middle of it
            record.text.insert(0, 1, '\n');
            record.ends_another = true;
            is_inside_a_line = false;
        }
        Written written = to.put(record);
        if (written == Written::Failed && open && record.written == 0) {
            to = Destination{open()};
            written = to.put(record);
        }
        if (written == Written::Failed) {
            lost += record.stands_for;
            is_inside_a_line = record.written > 0 || record.ends_another;
        }
        return written;
    }

    // [with the mutex, while nothing waits]
    void move_on()
    {
        if (!next)
            return;
        to = std::move(*next);
        next.reset();
        is_inside_a_line = false;
    }

    // [with the mutex]
    void add(std::string text, std::uint64_t stands_for, const std::shared_ptr<State> &self)
    {
        Record record{std::move(text), stands_for};
        if (put_now(record))
            return;
        if (!has_thread && !start_thread(self)) {
            lost += stands_for;
            return;
        }
        waiting_bytes += record.text.size();
        waiting.push_back(std::move(record));
        changed.notify_all();
    }

    // [with the mutex] Once it was full, half of it has to be gone: otherwise every second record would say what was
    // lost.
    bool has_room(std::size_t bytes)
    {
        was_full = waiting_bytes + bytes > (was_full ? max_waiting / 2 : max_waiting);
        return !was_full;
    }

    bool start_thread(const std::shared_ptr<State> &self)
    {
        try {
            const SignalsBlocked blocked;
            std::thread{[self] { self->work(); }}.detach();
            has_thread = true;
        } catch (const std::system_error &) { // another record may have more luck
        }
        return has_thread;
    }

    void work()
    {
        pthread_setname_np(pthread_self(), "log");
        std::unique_lock lock{mutex};
        for (unsigned in_vain = 0;;) {
            changed.wait(lock, [this] { return ended || !waiting.empty(); });
            if (ended)
                return;
            Record &first = waiting.front(); // stays where it is while others are added
            lock.unlock();
            const std::size_t before = first.written;
            const bool is_done = put(first) != Written::NoRoom;
            in_vain = is_done || first.written > before ? 0 : in_vain + 1;
            if (in_vain > 1) // a terminal with one byte of room says that it has some, and takes no line end
                std::this_thread::sleep_for(std::chrono::milliseconds{50});
            if (!is_done)
                to.wait();
            lock.lock();
            if (!is_done)
                continue;
            waiting_bytes -= first.text.size();
            waiting.pop_front();
            if (!waiting.empty())
                continue;
            move_on();
            changed.notify_all();
        }
    }

    Destination to;
    std::optional<Destination> next; // until the thread has written what waits
    const std::function<UniqueFd()> open;
    const Note note;
    std::atomic<std::uint64_t> lost{0};

    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Record> waiting; // while there are any, the thread is the only one to write
    std::size_t waiting_bytes = 0;
    bool is_inside_a_line = false;
    bool was_full = false;
    bool has_thread = false;
    bool ended = false;
};

Outlet::Outlet(int descriptor, Note note)
    : state_(std::make_shared<State>(State::Destination{descriptor}, nullptr, std::move(note)))
{
}

Outlet::Outlet(const std::function<UniqueFd()> &open, Note note)
    : state_(std::make_shared<State>(State::Destination{open()}, open, std::move(note)))
{
}

Outlet::~Outlet()
{
    const std::lock_guard lock{state_->mutex};
    state_->ended = true;
    state_->changed.notify_all();
}

void Outlet::write(std::string record)
{
    State &state = *state_;
    const std::lock_guard lock{state.mutex};
    if (!state.has_room(record.size())) {
        ++state.lost;
        return;
    }
    if (const std::uint64_t lost = state.lost.exchange(0); lost > 0)
        state.add(state.note(lost), lost, state_);
    state.add(std::move(record), 1, state_);
}

void Outlet::redirect(int descriptor)
{
    const std::lock_guard lock{state_->mutex};
    state_->next.emplace(descriptor);
    if (state_->waiting.empty())
        state_->move_on();
}

bool Outlet::flush(std::chrono::milliseconds patience)
{
    std::unique_lock lock{state_->mutex};
    return state_->changed.wait_for(lock, patience, [this] { return state_->waiting.empty(); });
}

std::uint64_t Outlet::lost() const
{
    return state_->lost;
}

} // namespace jabberd::host::log
