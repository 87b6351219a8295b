// SPDX-License-Identifier: LGPL-2.1-or-later
#include "program.h"

#include "base/descriptor_limit.h"
#include "host/config/log_settings.h"
#include "host/control/socket.h"
#include "host/log/log.h"
#include "host/swap/successor.h"
#include "net/passed_listeners.h"
#include "notify.h"
#include "privileges.h"
#include "summary.h"

#include <glib-unix.h>
#include <libxml/parser.h>

#include <csignal>

namespace jabberd::host {

namespace {

constexpr std::chrono::seconds default_drain{5}; // enough to return what is queued; service managers wait longer

constexpr unsigned seconds_between_looks_at_repeats = 60;

// Signals that would end the process without a word, and that an operator's tool or another program's timer may send;
// and SIGXFSZ, for a file that may not grow is as good as a full disk, of which write() tells.
void ignore_meaningless_signals()
{
    for (const int number : {SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT, SIGXFSZ})
        std::signal(number, SIG_IGN);
    for (int number = SIGRTMIN; number <= SIGRTMAX; ++number)
        std::signal(number, SIG_IGN);
}

void log_ignored_signal(const char *name)
{
    log::write(JABBERD_LOG_NOTICE, "host",
               std::string{name} + " has no meaning for this host, which goes on; HUP reads the configuration again, "
                                   "USR2 reopens a log file, TERM and INT stop it");
}

} // namespace

Program::Program(Options options)
    : options_(std::move(options))
    , loop_(g_main_loop_new(nullptr, FALSE))
    , control_(static_cast<Commands &>(*this), trace_)
    , metrics_([this](MetricFormat format) { return metrics_text(format); })
{
}

Program::~Program()
{
    g_main_loop_unref(loop_);
}

int Program::run()
{
    ignore_meaningless_signals();
    raise_descriptor_limit();
    xmlInitParser(); // before there are threads
    watch_signals();
    if (!prepare())
        return 1;
    if (options_.check) {
        g_print("%s: no mistakes found%s\n", options_.config.c_str(), unchecked_.c_str());
        return 0;
    }
    return serve();
}

// Reads and loads. False when there are mistakes; all have been shown.
bool Program::prepare()
{
    Mistakes mistakes;
    Configuration configuration = read_configuration(options_.config, mistakes);
    if (!become_another_user(configuration.settings))
        return false;
    apply(configuration.settings, mistakes);
    host_ = std::make_unique<Host>(trace_);
    host_->load(std::move(configuration), mistakes);
    // Not after other mistakes: components would open ports and files in vain.
    if (options_.check) {
        MetricsListener::check(host_->settings(), mistakes);
        for (const std::string &id : host_->check(mistakes))
            unchecked_ += "; what " + id + " says of its own section shows when it starts";
    } else if (!mistakes.fatal()) {
        host_->create(mistakes);
        metrics_.use(host_->settings(), mistakes);
        for (const std::string &listener : net::passed_and_not_taken())
            mistakes.add({JABBERD_LOG_WARNING, options_.config, 0,
                          "a socket was passed to this process that nothing here listens on: " + listener +
                              "; clients that come there wait in vain, ignoring"});
    }
    mistakes.log();
    if (mistakes.fatal())
        log::write(JABBERD_LOG_ERROR, "host", "the configuration has mistakes; nothing was started");
    return !mistakes.fatal();
}

// The host becomes that user before it loads a component, so that whatever a component makes is that user's; --check
// says what a start as that user would.
bool Program::become_another_user(const Settings &settings)
{
    const std::string before =
        settings.user ? settings.user->file + ":" + std::to_string(settings.user->line) + ": " : "";
    if (options_.user)
        user_ = *options_.user;
    else if (settings.user)
        user_ = settings.user->name;
    const std::string why = user_.empty() ? "" : become_user(user_);
    if (!why.empty())
        log::write(JABBERD_LOG_ERROR, "host", (options_.user ? "--user: " : before) + why);
    return why.empty();
}

int Program::serve()
{
    std::string why;
    if (!control_.listen(control_path(), why)) {
        log::write(JABBERD_LOG_ERROR, "host",
                   "the control socket " + control_path() + " cannot be used: " + why +
                       "; --control, or <control/> in the configuration, names another");
        return 1;
    }
    watch_stop_signals();
    const bool started = host_->start();
    if (started) {
        log::print(start_summary(*host_, control_path(), metrics_.address()));
        log::leave_standard_error_to_others();
        const auto on_minute = [](gpointer) -> gboolean {
            log::tell_repeats();
            return G_SOURCE_CONTINUE;
        };
        g_timeout_add_seconds(seconds_between_looks_at_repeats, on_minute, nullptr);
        notify_service_manager("READY=1");
        g_main_loop_run(loop_);
        log::write(JABBERD_LOG_NOTICE, "host", "stopping");
        notify_service_manager("STOPPING=1");
    }
    host_->stop(drain());
    host_->destroy();
    if (any_successor_is_late())
        static_cast<void>(host_.release()); // which such a thread may still call
    host_.reset();
    return started ? 0 : 1;
}

// From the beginning: a SIGHUP that arrives while components load is obeyed when all of them run.
void Program::watch_signals()
{
    const auto on_reload = [](gpointer program) -> gboolean {
        static_cast<Program *>(program)->reload();
        return G_SOURCE_CONTINUE;
    };
    const auto on_usr1 = [](gpointer) -> gboolean {
        log_ignored_signal("SIGUSR1");
        return G_SOURCE_CONTINUE;
    };
    const auto on_usr2 = [](gpointer program) -> gboolean {
        static_cast<Program *>(program)->reopen_if_there_is_a_file();
        return G_SOURCE_CONTINUE;
    };
    g_unix_signal_add(SIGHUP, on_reload, this);
    g_unix_signal_add(SIGUSR1, on_usr1, nullptr);
    g_unix_signal_add(SIGUSR2, on_usr2, this);
}

void Program::reopen_if_there_is_a_file()
{
    if (host_ && host_->settings().log_file)
        static_cast<void>(reopen());
    else
        log_ignored_signal("SIGUSR2");
}

void Program::watch_stop_signals()
{
    const auto on_stop = [](gpointer program) -> gboolean {
        static_cast<Program *>(program)->end(SIG_DFL);
        return G_SOURCE_CONTINUE;
    };
    stop_signals_ = {g_unix_signal_add(SIGTERM, on_stop, this), g_unix_signal_add(SIGINT, on_stop, this)};
}

void Program::stop()
{
    // A service manager sends SIGTERM behind its stop command (systemd.service(5), ExecStop=), while clients are still
    // told goodbye: one of these has no effect.
    end([](int) {});
}

// While components stop, no main loop runs that could see a signal. So the next SIGTERM is for `next`; the one after
// it, and SIGINT, have their usual effect, for an operator who will not wait.
void Program::end(sighandler_t next)
{
    struct sigaction action = {};
    action.sa_handler = next;
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop, &before); // between the source's end and the new action
    for (const guint source : stop_signals_)
        g_source_remove(source);
    stop_signals_.clear();
    sigaction(SIGTERM, &action, nullptr);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    g_main_loop_quit(loop_);
}

Configuration Program::configuration_now(Mistakes &mistakes)
{
    return read_configuration(options_.config, mistakes);
}

void Program::reload_host(Mistakes &mistakes)
{
    notify_reloading();
    control_.restore(mistakes);
    const std::string old_control = control_path();
    host_->reload(configuration_now(mistakes), mistakes);
    if (control_path() != old_control)
        mistakes.add({JABBERD_LOG_WARNING, options_.config, 0,
                      "another path for the control socket takes effect after a restart, ignoring"});
    if (!options_.user && host_->settings().user && host_->settings().user->name != user_)
        mistakes.add({JABBERD_LOG_WARNING, host_->settings().user->file, host_->settings().user->line,
                      "another <user> takes effect after a restart, ignoring"});
    apply(host_->settings(), mistakes);
    metrics_.use(host_->settings(), mistakes);
    notify_service_manager("READY=1");
}

void Program::apply(const Settings &settings, Mistakes &mistakes)
{
    if (options_.check)
        check_log(settings, mistakes);
    else
        apply_log(settings, mistakes);
    log::set_level(options_.log_level.value_or(settings.log_level.value_or(JABBERD_LOG_INFO)));
}

std::string Program::control_path() const
{
    if (options_.control)
        return *options_.control;
    return host_->settings().control.value_or(default_control_path());
}

std::chrono::seconds Program::drain() const
{
    return host_->settings().drain.value_or(default_drain);
}

} // namespace jabberd::host
