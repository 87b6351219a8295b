// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component.h"

#include "base/address.h"
#include "base/view.h"
#include "certificate_loading.h"
#include "config/reader.h"
#include "net/listener.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

namespace jabberd {

namespace {

unsigned worker_count(const config::Options &options)
{
    return options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
}

// "foo.com, *.foo.com"
std::string joined(const std::vector<std::string> &names, const std::string &without_any)
{
    std::string all;
    for (const std::string &name : names)
        all.append(all.empty() ? "" : ", ").append(name);
    return all.empty() ? without_any : all;
}

// What comes first there, before a stream header.
std::string listened_for(const config::Listen &listen)
{
    if (!listen.proxied)
        return listen.direct_tls ? " (TLS)" : "";
    return listen.direct_tls ? " (PROXY+TLS)" : " (PROXY)";
}

// Counted down by several threads, waited for by one.
class Latch {
public:
    explicit Latch(std::size_t count) : count_(count) {}

    void arrive()
    {
        const std::lock_guard lock{mutex_};
        if (--count_ == 0)
            zero_.notify_all();
    }

    bool wait_for(std::chrono::milliseconds patience)
    {
        std::unique_lock lock{mutex_};
        return zero_.wait_for(lock, patience, [this] { return count_ == 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable zero_;
    std::size_t count_;
};

// A machine without IPv6 is no mistake: the addresses that each machine with it has, which examples name, are left out
// there. Any other address that is not to be had was meant by the operator, and is missed.
bool is_without_ipv6(const std::system_error &problem, const config::Listen &listen)
{
    return listen.address.is_of_every_ipv6() && (problem.code() == std::errc::address_family_not_supported ||
                                                 problem.code() == std::errc::address_not_available);
}

bool is_taken(const std::system_error &problem)
{
    return problem.code() == std::errc::address_in_use;
}

std::string reason_of(const std::system_error &problem)
{
    return problem.what() + std::string{is_taken(problem) ? "; is another server running on this port?" : ""};
}

// Whether the ports could be opened, as far as it can be told without. One that is taken may be that of the server
// whose configuration is being changed.
bool check_ports(const jabberd_host &host, const jabberd_config &service, const std::vector<config::Listen> &wanted)
{
    bool any = false;
    for (const config::Listen &listen : wanted) {
        try {
            net::Listener::try_address(listen.address);
            any = true;
        } catch (const std::system_error &problem) {
            if (is_without_ipv6(problem, listen) && (any || &listen != &wanted.back()))
                continue;
            const std::string why =
                is_taken(problem)
                    ? problem.what() + std::string{"; a start needs it to be free, a reload of the server "
                                                   "that has it does not, ignoring"}
                    : reason_of(problem);
            host.report(&host, &service, is_taken(problem) ? JABBERD_LOG_WARNING : JABBERD_LOG_ERROR, why.c_str());
            if (!is_taken(problem))
                return false;
            any = true;
        }
    }
    return true;
}

} // namespace

std::unique_ptr<Component> Component::create(const jabberd_host &host, const jabberd_config &service)
{
    const auto options = config::read_options(host, service);
    if (!options)
        return nullptr;
    auto certificates = load_certificates(host, *options, std::chrono::system_clock::now());
    if (!certificates)
        return nullptr;
    try {
        const bool succeeds = host.get_extension != nullptr && host.get_extension(&host, JABBERD_SUCCESSION) != nullptr;
        return std::unique_ptr<Component>{new Component{host, *options, std::move(*certificates), succeeds}};
    } catch (const std::system_error &problem) {
        host.report(&host, &service, JABBERD_LOG_ERROR, reason_of(problem).c_str());
        return nullptr;
    }
}

bool Component::check(const jabberd_host &host, const jabberd_config &service)
{
    const auto options = config::read_options(host, service);
    return options && load_certificates(host, *options, std::chrono::system_clock::now(), MissingOnes::Leave) &&
           check_ports(host, service, options->listen);
}

Component::Component(const jabberd_host &host, config::Options options,
                     std::shared_ptr<const tls::Certificates> certificates, bool succeeds)
    : host_(host)
    , shared_(host, clock_, worker_count(options))
    , options_(std::make_shared<const config::Options>(std::move(options)))
    , address_host_(options_->host)
    , certificates_(std::move(certificates))
{
    const unsigned count = worker_count(*options_);
    for (unsigned number = 0; number < count; ++number)
        workers_.push_back(std::make_unique<workers::Worker>(shared_, options_, number, count, certificates_));
    if (succeeds)
        takeover_ = static_cast<const jabberd_takeover *>(host.get_extension(&host, JABBERD_TAKEOVER));
    else
        open(options_->listen, false);
}

void Component::open(const std::vector<config::Listen> &wanted, bool others)
{
    for (const config::Listen &listen : wanted) {
        try {
            acceptors_.push_back(std::make_unique<workers::Acceptor>(listen, entrance_, proxied_));
        } catch (const std::system_error &problem) {
            const bool is_last_hope = !others && acceptors_.empty() && &listen == &wanted.back();
            if (!is_without_ipv6(problem, listen) || is_last_hope)
                throw;
            shared_.host.log(JABBERD_LOG_NOTICE,
                             "this machine has no IPv6: not listening on " + listen.address.to_string());
        }
    }
}

Component::~Component()
{
    stop_accepting();
    threads_.halt();
}

bool Component::start()
{
    run();
    if (std::exchange(took_over_, false)) {
        for (const auto &worker : workers_)
            worker->run([&worker = *worker] { worker.wake(); });
    }
    return true;
}

void Component::run()
{
    for (const auto &acceptor : acceptors_)
        acceptor->start();
    accepting_ = true;
    threads_.start(options_->threads == 0);
}

void Component::stop_accepting()
{
    if (std::exchange(accepting_, false)) {
        workers_.front()->run_and_wait([this] {
            for (const auto &acceptor : acceptors_)
                acceptor->stop();
            proxied_.drop_all();
        });
    }
    acceptors_.clear();
}

void Component::stop(std::chrono::milliseconds deadline)
{
    stop_accepting();
    const auto empty = std::make_shared<Latch>(workers_.size());
    const std::string &elsewhere = options_->see_other_host;
    const stream::StreamError error{elsewhere.empty() ? stream::Condition::SystemShutdown
                                                      : stream::Condition::SeeOtherHost,
                                    "The server is shutting down", elsewhere};
    for (const auto &worker : workers_) {
        worker->run([&worker = *worker, error, empty, deadline] {
            worker.end_all(error, deadline / 2); // the last ones need time to read it
            worker.when_empty([empty] { empty->arrive(); });
        });
    }
    if (empty->wait_for(deadline))
        return;
    on_every_worker([](workers::Worker &worker) { worker.drop_all("server shutdown"); });
}

bool Component::reload(const jabberd_config &service)
{
    auto options = config::read_options(host_, service);
    if (!options)
        return false;
    const auto same = [](const config::Listen &a, const config::Listen &b) {
        return a.address.to_string() == b.address.to_string() && a.direct_tls == b.direct_tls && a.proxied == b.proxied;
    };
    if (options->host != options_->host || options->threads != options_->threads ||
        !std::ranges::equal(options->listen, options_->listen, same))
        host_.report(
            &host_, &service, JABBERD_LOG_WARNING,
            "<host/>, <listen/> and <threads/> of a running socket manager change with a restart only, ignoring");
    options->host = options_->host;
    options->listen = options_->listen;
    options->threads = options_->threads;
    // Whatever is wrong with the new ones, the old ones stay.
    auto certificates = load_certificates(host_, *options, std::chrono::system_clock::now());
    if (!certificates)
        return false;
    if (*certificates == nullptr && std::ranges::any_of(options->listen, &config::Listen::direct_tls)) {
        host_.report(&host_, &service, JABBERD_LOG_ERROR,
                     "a port for TLS is open until the next restart, and needs a certificate until then: leave <tls/>");
        return false;
    }
    if (options->trusted.empty() && std::ranges::any_of(options->listen, &config::Listen::proxied)) {
        host_.report(&host_, &service, JABBERD_LOG_ERROR,
                     "a port with proxy='required' is open until the next restart, and needs to know until then which "
                     "proxies are <trusted/>: leave them");
        return false;
    }
    certificates_ = std::move(*certificates);
    options_ = std::make_shared<const config::Options>(std::move(*options));
    on_every_worker([this](workers::Worker &worker) { worker.use(options_, certificates_); });
    return true;
}

void Component::resume()
{
    shared_.host.resumed();
    resume_workers();
}

void Component::resume(std::string_view session_manager)
{
    shared_.host.resumed(session_manager);
    resume_workers();
}

void Component::resume_workers()
{
    for (const auto &worker : workers_)
        worker->run([&worker = *worker] { worker.resume_host(); });
}

jabberd_result Component::receive(const jabberd_packet &packet)
{
    // Without sto it is not from a session manager, whatever its `to` says: no other component writes to a client.
    if (!present(packet.sto))
        return JABBERD_ERROR;
    const auto address = parse_connection_address(text(packet.sto));
    if (!address || !same_host(address->host, address_host_)) {
        shared_.returns.undeliverable(packet);
        return JABBERD_DONE;
    }
    const auto place = workers::place_of(*address, static_cast<unsigned>(workers_.size()));
    const bool canonical =
        std::ranges::any_of(workers_, [&](const auto &worker) { return worker->is_passing(packet); });
    workers_[place.worker]->receive(place.slot, packet, canonical);
    return JABBERD_DONE;
}

void Component::on_every_worker(const std::function<void(workers::Worker &)> &what)
{
    for (const auto &worker : workers_)
        worker->run_and_wait([&] { what(*worker); });
}

std::uint64_t Component::total(Tally connection::Counters::*tally) const
{
    std::uint64_t sum = 0;
    for (const auto &worker : workers_)
        sum += (worker->counters().*tally).get();
    return sum;
}

void Component::status(jabberd_status_sink sink, void *data)
{
    const auto say = [&](std::string_view key, const std::string &value) { sink(data, view(key), view(value)); };
    for (const auto &acceptor : acceptors_)
        say("listen", acceptor->address().to_string() + listened_for(acceptor->configured()));
    if (certificates_ != nullptr) {
        for (const tls::Certificate &certificate : certificates_->all())
            say("certificate " + joined(certificate.names(), certificate.file()),
                certificate.status(std::chrono::system_clock::now()));
        for (const std::string &name : names_without_certificate(host_, *options_, *certificates_))
            say("certificate " + name, "there is none: clients that come for that name refuse what they get");
    }
    std::size_t authenticated = 0, detached = 0;
    on_every_worker([&](workers::Worker &worker) {
        detached += worker.detached();
        worker.for_each(
            [&](const connection::Connection &connection) { authenticated += connection.status().authenticated; });
    });
    say("event loops", std::to_string(workers_.size()));
    say("threads", std::to_string(threads_.count()));
    say("connections", std::to_string(shared_.connections));
    say("authenticated", std::to_string(authenticated));
    say("detached", std::to_string(detached));
    for (const auto &[key, tally] : connection::tallies)
        say(key, std::to_string(total(tally)));
    say("bytes held", std::to_string(shared_.memory.held()));
}

void Component::sessions(jabberd_session_sink sink, void *data)
{
    const Time now = clock_.now();
    const auto ms = [&](Time then) {
        return static_cast<std::uint64_t>(
            std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(now - then).count()));
    };
    on_every_worker([&](workers::Worker &worker) {
        const auto show = [&](const connection::Status &status) {
            const std::string client = status.from.to_string();
            const jabberd_session session{sizeof session,
                                          view(status.address),
                                          view(status.sto),
                                          view(client),
                                          status.authenticated,
                                          ms(status.since),
                                          ms(status.last_read),
                                          status.bytes_in,
                                          status.bytes_out,
                                          status.stanzas_in,
                                          status.stanzas_out,
                                          status.queued,
                                          view(status.security),
                                          status.detached.has_value(),
                                          status.detached ? ms(*status.detached) : 0};
            sink(data, &session);
        };
        worker.for_each([&](const connection::Connection &connection) { show(connection.status()); });
        worker.for_each_detached([&](const connection::Detached &session) { session.show(show); });
    });
}

} // namespace jabberd
