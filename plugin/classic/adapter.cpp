// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classic/adapter.h"

#include "base/address.h"
#include "base/descriptor_limit.h"
#include "base/signals_blocked.h"
#include "base/view.h"
#include "classic/configuration.h"
#include "dialect/element.h"
#include "host/text/printable.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <pthread.h>

namespace jabberd::classic {

namespace {

using namespace std::chrono_literals;

// A classic jabberd gives its components no time to say goodbye: it kills all its threads a second after SIGTERM.
constexpr std::chrono::milliseconds drain = 500ms;

void run_on_main(std::function<void()> what)
{
    GSource *source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(
        source,
        [](gpointer data) -> gboolean {
            (*static_cast<std::function<void()> *>(data))();
            return G_SOURCE_REMOVE;
        },
        new std::function<void()>{std::move(what)},
        [](gpointer data) { delete static_cast<std::function<void()> *>(data); });
    g_source_attach(source, nullptr);
    g_source_unref(source);
}

std::unique_ptr<dialect::Dialect> dialect_of(const Functions &functions, std::string_view xmlns)
{
    return functions.protocol() == SessionProtocol::Session ? dialect::make_session_dialect()
                                                            : dialect::make_route_dialect(xmlns);
}

} // namespace

Adapter::Adapter(const Functions &functions, Instance &instance, std::filesystem::path file)
    : functions_(functions)
    , instance_(instance)
    , file_(std::move(file))
    , name_(std::string{"jabberd "} + functions.version())
    , xmlns_(functions.has_namespaces() ? "jabber:server" : "")
    , dialect_(dialect_of(functions, xmlns_))
    , host_(trace_, this)
    , control_(static_cast<host::Commands &>(*this), trace_)
    , loop_(g_main_loop_new(nullptr, FALSE))
    , pump_(
          functions, instance,
          [this] {
              if (is_prepared_)
                  run_on_main([this] { start_component(); });
          },
          [this] { host_.beyond_is_ready(); },
          [this](std::string element) { intake_.put(std::move(element), Intake::Origin::Returned); })
{
}

Adapter::~Adapter()
{
    end(HostIs::Gone);
    g_main_loop_unref(loop_);
}

void Adapter::load()
{
    raise_descriptor_limit(); // a jabberd that select()s allows itself 1024 at most; ours lie above those
    host_.expect_to_stay(reinterpret_cast<const void *>(&Adapter::receive)); // it is the server that has loaded us
    host::log::send_to(*this, instance_.id);
    host::Mistakes mistakes;
    host::Configuration configuration = read_configuration(functions_, instance_, file_, mistakes);
    std::string log_as = log_address(configuration);
    {
        const SignalsBlocked blocked;
        intake_.start([this](const std::string &element, Intake::Origin origin) { on_element(element, origin); });
        main_ = std::thread{[this, &configuration, &mistakes] { run(std::move(configuration), std::move(mistakes)); }};
    }
    is_prepared_ = prepared_.get_future().get();
    if (!is_prepared_) {
        main_.join(); // it runs no loop
        intake_.stop();
    }
    // The pump says why even where there is nothing else for it to do: 1.1 has its log only when all its services are
    // loaded.
    if (!pump_.start(std::move(log_as)))
        return end(HostIs::Alive);
    if (is_prepared_)
        functions_.register_handler(&instance_, receive, this);
}

void Adapter::reload_soon()
{
    if (is_prepared_ && !ended_)
        run_on_main([this] { reload(); });
}

// Every 1.1 has had the id "pthsock client to server manager", which is no address; the <host/> beside it is one.
std::string Adapter::log_address(const host::Configuration &configuration) const
{
    std::vector<std::string> names{instance_.id};
    if (!configuration.services.empty())
        names.insert(names.end(), configuration.services.front().names.begin(),
                     configuration.services.front().names.end());
    const auto found =
        std::ranges::find_if(names, [&](const std::string &name) { return functions_.is_address(name); });
    return found == names.end() ? "" : *found;
}

void Adapter::run(host::Configuration configuration, host::Mistakes mistakes)
{
    pthread_setname_np(pthread_self(), "main");
    const bool prepared = prepare(std::move(configuration), mistakes);
    prepared_.set_value(prepared); // after which nothing of load() is touched
    if (prepared)
        g_main_loop_run(loop_);
    host_.destroy();
}

bool Adapter::prepare(host::Configuration configuration, host::Mistakes &mistakes)
{
    namespace log = host::log;
    if (!mistakes.fatal()) {
        names_ = configuration.services.front().names;
        host_.load(std::move(configuration), mistakes);
    }
    if (!mistakes.fatal())
        host_.create(mistakes);
    mistakes.log(instance_.id);
    if (mistakes.fatal()) {
        log::write(JABBERD_LOG_ERROR, instance_.id,
                   "the socket manager has mistakes in its configuration; this server runs without it");
        return false;
    }
    log::write(JABBERD_LOG_NOTICE, instance_.id,
               "socket manager " SOCKET_MANAGER_VERSION " in a " + name_ +
                   (functions_.protocol() == SessionProtocol::Session ? ", sessions by sto and sfrom"
                                                                      : ", sessions by <route/>"));
    const auto &path = host_.settings().control;
    if (std::string why; path && !control_.listen(*path, why))
        log::write(JABBERD_LOG_WARNING, instance_.id,
                   "the control socket " + *path + " cannot be used: " + why + "; <control/> names another, ignoring");
    return true;
}

void Adapter::start_component()
{
    if (!host_.start())
        host::log::write(JABBERD_LOG_ERROR, instance_.id, "this server runs without its socket manager");
}

void Adapter::end(HostIs host_is)
{
    if (ended_.exchange(true))
        return;
    if (main_.joinable()) {
        run_on_main([this] {
            host_.stop(drain);
            g_main_loop_quit(loop_);
        });
        main_.join();
    }
    intake_.stop();
    if (host_is == HostIs::Alive)
        pump_.log_now();
    pump_.stop();
    host::log::stop_sending_to(*this);
}

Result Adapter::receive(Instance *, Packet *packet, void *self) noexcept
{
    auto &adapter = *static_cast<Adapter *>(self);
    std::string element = adapter.functions_.take(packet);
    if (!adapter.ended_)
        adapter.intake_.put(std::move(element), Intake::Origin::Host);
    return r_DONE;
}

void Adapter::on_element(const std::string &element, Intake::Origin origin)
{
    const auto document = dialect::parse_element(element, xmlns_);
    if (!document)
        return host::log::write(JABBERD_LOG_WARNING, instance_.id,
                                "the host sent what cannot be read as XML: " +
                                    std::string{host::cut(element.substr(0, element.find('>') + 1), 300)} +
                                    ", ignoring");
    if (origin == Intake::Origin::Returned)
        dialect_->not_taken(dialect::element_of(*document), *this);
    else
        dialect_->from_host(dialect::element_of(*document), *this);
}

jabberd_result Adapter::take(const jabberd_packet &packet)
{
    dialect_->from_component(packet, *this);
    return pump_.full() ? JABBERD_CONGESTED : JABBERD_DONE;
}

void Adapter::write(jabberd_log_level level, std::string_view line, std::span<const jabberd_log_field> fields)
{
    pump_.log(level, std::string{line});
    for (Record &record : records_.complete(fields))
        pump_.record(std::move(record));
}

void Adapter::login_ended(const dialect::LoginEnd &login)
{
    if (functions_.has_records())
        records_.add(login);
}

void Adapter::to_host(std::string element)
{
    pump_.deliver(std::move(element));
}

void Adapter::to_component(const jabberd_packet &packet)
{
    // What is for others came here by mistake, and would come again.
    const std::string_view name = split_address(text(present(packet.sto) ? packet.sto : packet.to)).host;
    if (std::ranges::any_of(names_, [&](const std::string &own) { return same_host(own, name); }))
        return host_.route(packet);
    const bool in_session = present(packet.sto);
    dropped(text(packet.name), text(in_session ? packet.sfrom : packet.from), text(in_session ? packet.sto : packet.to),
            "it is not for this service");
}

// Never a body: only messages are missed, the rest comes with every client that goes at the wrong moment.
void Adapter::dropped(std::string_view name, std::string_view from, std::string_view to, std::string_view why)
{
    constexpr std::size_t enough = 100;
    host::log::write(name == "message" ? JABBERD_LOG_WARNING : JABBERD_LOG_INFO, instance_.id,
                     "dropped a packet '" + std::string{host::cut(name, enough)} + "' from " +
                         host::quoted(from, enough) + " to " + host::quoted(to, enough) + ": " + std::string{why});
}

void Adapter::sent_back(std::string_view name, std::string_view session, std::string_view connection)
{
    constexpr std::size_t enough = 100;
    host::log::write(JABBERD_LOG_WARNING, instance_.id,
                     "a packet '" + std::string{host::cut(name, enough)} + "' of " + host::quoted(session, enough) +
                         " goes back: it is of a session that " + host::quoted(connection, enough) + " does not have");
}

host::Configuration Adapter::configuration_now(host::Mistakes &mistakes)
{
    return read_changed_configuration(instance_.id, file_, mistakes);
}

void Adapter::reload_host(host::Mistakes &mistakes)
{
    control_.restore(mistakes);
    const host::Configuration changed = configuration_now(mistakes);
    host_.reload(changed, mistakes);
}

void Adapter::stop()
{
    kill(getpid(), SIGTERM);
}

} // namespace jabberd::classic
