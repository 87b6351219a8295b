// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classic/pump.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <functional>
#include <system_error>
#include <utility>

namespace jabberd::classic {

namespace {

// A second's worth of a busy server. Beyond it clients are not read from.
constexpr std::size_t enough_bytes = 1 << 20;

// Pth threads run until they yield: the others, session managers among them, get their turn after so many.
constexpr unsigned at_a_time = 32;

Functions::Level classic_level(jabberd_log_level level)
{
    if (level == JABBERD_LOG_ERROR)
        return Functions::Level::Alert;
    return level == JABBERD_LOG_WARNING ? Functions::Level::Warn : Functions::Level::Notice;
}

} // namespace

Pump::Pump(const Functions &functions, Instance &instance, std::function<void()> on_start,
           std::function<void()> on_relieved, std::function<void(std::string element)> on_dropped)
    : functions_(functions)
    , instance_(instance)
    , on_start_(std::move(on_start))
    , on_relieved_(std::move(on_relieved))
    , on_dropped_(std::move(on_dropped))
    , wake_(at_or_above(0, UniqueFd{eventfd(0, EFD_CLOEXEC)})) // blocking: pth_read() would hand EAGAIN through
{
    if (!wake_)
        throw std::system_error{errno, std::generic_category(), "no descriptor to wake the host with"};
}

bool Pump::start(std::string log_as)
{
    log_as_ = std::move(log_as);
    return functions_.spawn(run, this);
}

void Pump::deliver(std::string element)
{
    const std::size_t bytes = element.size();
    const std::lock_guard lock{mutex_};
    waiting_bytes_ += bytes;
    add(std::move(element));
    full_ = full_ || waiting_bytes_ > enough_bytes;
}

void Pump::log(jabberd_log_level level, std::string line)
{
    const std::size_t bytes = line.size();
    add_to_log(Line{level, std::move(line)}, bytes, &LogRoom::Lost::lines);
}

void Pump::record(Record record)
{
    const std::size_t bytes = record.text.size();
    add_to_log(std::move(record), bytes, &LogRoom::Lost::records);
}

void Pump::add_to_log(Item item, std::size_t bytes, std::uint64_t LogRoom::Lost::*kind)
{
    const std::lock_guard lock{mutex_};
    if (!log_room_.take(bytes, kind))
        return;
    if (const LogRoom::Lost lost = log_room_.take_lost(); lost.any())
        add(Note{std::to_string(lost.lines) + " lines and " + std::to_string(lost.records) +
                 " records were lost here, because the log is not read"});
    add(std::move(item));
}

void Pump::is_logged(std::size_t bytes)
{
    const std::lock_guard lock{mutex_};
    log_room_.give(bytes);
}

void Pump::add(Item item)
{
    waiting_.push_back(std::move(item));
    const std::uint64_t one = 1;
    if (waiting_.size() == 1) [[maybe_unused]]
        const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void *Pump::run(void *self) noexcept
{
    static_cast<Pump *>(self)->work();
    return nullptr;
}

bool Pump::wait()
{
    std::uint64_t count = 0;
    while (!stopped_) {
        if (functions_.read(wake_.get(), &count, sizeof count) == sizeof count)
            return !stopped_;
        if (errno != EINTR)
            return false;
    }
    return false;
}

void Pump::work()
{
    on_start_();
    unsigned done = 0;
    while (wait()) {
        {
            const std::lock_guard lock{mutex_};
            at_work_.swap(waiting_);
        }
        while (!at_work_.empty() && !stopped_) {
            do_any(at_work_.front());
            at_work_.pop_front();
            if (++done % at_a_time == 0)
                functions_.yield();
        }
    }
}

void Pump::do_any(Item &item)
{
    std::visit([this](auto &one) { do_item(one); }, item);
}

void Pump::log_here(Functions::Level level, const std::string &line) const
{
    functions_.log(level, log_as_.empty() ? nullptr : log_as_.c_str(), line);
}

void Pump::do_item(const Line &line)
{
    log_here(classic_level(line.level), line.text);
    is_logged(line.text.size());
}

void Pump::do_item(const Note &note)
{
    log_here(Functions::Level::Warn, note.text);
}

void Pump::do_item(const Record &record)
{
    functions_.record(record);
    is_logged(record.text.size());
}

void Pump::do_item(std::string &element)
{
    bool relieved = false;
    {
        const std::lock_guard lock{mutex_};
        waiting_bytes_ -= element.size();
        relieved = full_ && waiting_bytes_ <= enough_bytes / 2;
        full_ = full_ && !relieved;
    }
    if (relieved)
        on_relieved_();
    if (functions_.deliver(&instance_, element))
        return;
    // Of the element only the start tag: a password may be further inside.
    log_here(Functions::Level::Warn, "a packet that this host cannot read, or cannot address, was dropped: " +
                                         element.substr(0, element.find('>') + 1) + ", ignoring");
    on_dropped_(std::move(element));
}

void Pump::log_now()
{
    const auto is_element = [](const Item &item) { return std::holds_alternative<std::string>(item); };
    std::deque<Item> lines;
    {
        const std::lock_guard lock{mutex_};
        for (Item &item : waiting_) {
            if (!is_element(item))
                lines.push_back(std::move(item));
        }
        std::erase_if(waiting_, std::not_fn(is_element));
    }
    for (Item &line : lines)
        do_any(line);
}

} // namespace jabberd::classic
