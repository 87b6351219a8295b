// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stub/stub_host.h"

#include "base/address.h"
#include "base/view.h"
#include "xml/packet_text.h"

#include <jabberd/handover.h>
#include <jabberd/inspect.h>
#include <jabberd/routes.h>

#include <stdexcept>
#include <utility>

namespace jabberd::test {

namespace {

Delivered recorded(const jabberd_packet &packet)
{
    Delivered delivered{OwnedPacket{packet}, {}};
    xml::append_packet(delivered.text, packet);
    return delivered;
}

Logged recorded(const jabberd_log_record &record)
{
    Logged logged{record.level, std::string{text(record.message)}, {}};
    for (std::size_t i = 0; i < record.field_count; ++i)
        logged.fields.append(" ").append(record.fields[i].name).append("=").append(text(record.fields[i].value));
    return logged;
}

std::vector<const char *> host_names(const jabberd_config &service)
{
    std::vector<const char *> names;
    for (const jabberd_config *child = service.first_child; child != nullptr; child = child->next) {
        if (std::string_view{child->name} == "host")
            names.push_back(child->text);
    }
    if (names.empty())
        names.push_back(jabberd_config_attribute_value(&service, "id"));
    return names;
}

} // namespace

StubHost::StubHost(const std::string &component_path, const std::string &service_xml, const std::string &file,
                   unsigned first_line)
    : identity_{std::make_unique<ConfigTree>(service_xml)}
    , service_{std::make_unique<ConfigTree>(service_xml, file, first_line)}
    , names_{host_names(identity_->root())}
{
    if (!load_component(component_path.c_str(), &loaded_))
        throw std::runtime_error(component_path + ": " + loaded_.refusal);
    handlers_->set_thread_model(loaded_.component->thread_model);
    host_.size = sizeof host_;
    host_.name = "stub";
    host_.version = "1";
    host_.id = jabberd_config_attribute_value(&identity_->root(), "id");
    host_.names = names_.data();
    host_.name_count = names_.size();
    host_.host_data = this;
    host_.register_handler = [](const jabberd_host *host, jabberd_order order, jabberd_handler handler, void *data) {
        if (of(host).may_register_)
            of(host).registering_->add(order, handler, data);
        return of(host).may_register_;
    };
    host_.deliver = [](const jabberd_host *host, const jabberd_packet *packet) { return of(host).take(*packet); };
    host_.ready = [](const jabberd_host *host) { ++of(host).ready_calls; };
    host_.log = [](const jabberd_host *host, const jabberd_log_record *record) { of(host).log.add(recorded(*record)); };
    host_.report = [](const jabberd_host *host, const jabberd_config *at, jabberd_log_level level,
                      const char *message) {
        of(host).reports.add({level, message, at->file, at->line});
    };
    host_.get_extension = [](const jabberd_host *host, const char *id) -> const void * {
        return of(host).succeeds_ && id == std::string_view{JABBERD_SUCCESSION} ? host : nullptr;
    };
}

StubHost::~StubHost()
{
    stop();
    destroy();
    unload_component(&loaded_);
}

bool StubHost::create()
{
    may_register_ = true;
    instance_ = loaded_.component->create(&host_, &service_->root());
    may_register_ = false;
    return instance_ != nullptr;
}

bool StubHost::start()
{
    may_register_ = true;
    started_ = loaded_.component->start(instance_);
    may_register_ = false;
    return started_;
}

bool StubHost::reload(const std::string &service_xml)
{
    const ConfigTree changed{service_xml};
    return loaded_.component->reload != nullptr && loaded_.component->reload(instance_, &changed.root());
}

void StubHost::stop(unsigned deadline_ms)
{
    if (started_ && !std::exchange(stopped_, true) && loaded_.component->stop != nullptr)
        loaded_.component->stop(instance_, deadline_ms);
}

void StubHost::destroy()
{
    if (instance_ != nullptr)
        loaded_.component->destroy(std::exchange(instance_, nullptr));
}

std::optional<std::string> StubHost::swap(const std::string &component_path,
                                          const std::optional<std::string> &service_xml)
{
    const auto *old = static_cast<const jabberd_handover *>(extension(JABBERD_HANDOVER));
    if (old == nullptr)
        return "the component does not offer " JABBERD_HANDOVER;
    loaded_component next{};
    if (!load_component(component_path.c_str(), &next))
        return component_path + ": " + next.refusal;
    auto changed = service_xml ? std::make_unique<ConfigTree>(*service_xml) : nullptr;
    auto next_handlers = std::make_unique<HandlerList>();
    next_handlers->set_thread_model(next.component->thread_model);
    registering_ = next_handlers.get(); // while the old one's threads deliver to the old ones
    succeeds_ = may_register_ = true;
    jabberd_instance *successor = next.component->create(&host_, &(changed ? changed : service_)->root());
    succeeds_ = may_register_ = false;
    registering_ = handlers_.get();
    const auto give_up = [&](const char *why) {
        if (successor != nullptr)
            next.component->destroy(successor);
        unload_component(&next);
        return std::optional<std::string>{why};
    };
    if (successor == nullptr)
        return give_up("the successor could not be created");
    const auto *young =
        static_cast<const jabberd_handover *>(next.component->get_extension(successor, JABBERD_HANDOVER));
    const jabberd_snapshot *snapshot = old->freeze(instance_, 1000);
    if (snapshot == nullptr)
        return give_up("it could not be frozen");
    if (!young->thaw(successor, snapshot)) {
        give_up("");
        old->thaw(instance_, snapshot);
        return "the successor refuses the snapshot";
    }
    old->commit(instance_);
    loaded_.component->destroy(std::exchange(instance_, successor));
    unload_component(&loaded_);
    loaded_ = next;
    handlers_ = std::move(next_handlers);
    registering_ = handlers_.get();
    if (changed)
        service_ = std::move(changed);
    if (!start())
        return "the successor did not start";
    const bool is_held_back = [&] {
        const std::lock_guard lock{full_mutex_};
        return !full_.empty();
    }();
    if (!is_held_back && loaded_.component->resume != nullptr)
        loaded_.component->resume(instance_);
    return std::nullopt;
}

void StubHost::set_reaction(Reaction reaction)
{
    const std::lock_guard lock{reaction_mutex_};
    reaction_ = std::make_shared<const Reaction>(std::move(reaction));
}

void StubHost::restart()
{
    dying_ = true;
    destroy();
    dying_ = false;
    auto handlers = std::make_unique<HandlerList>();
    handlers->set_thread_model(loaded_.component->thread_model);
    handlers_ = std::move(handlers);
    registering_ = handlers_.get();
    if (!create() || !start())
        throw std::runtime_error("the component does not start again");
}

jabberd_delivery StubHost::take(const jabberd_packet &packet)
{
    if (dying_)
        return JABBERD_DELIVERED;
    Delivered delivered = recorded(packet);
    std::shared_ptr<const Reaction> reaction; // no lock is held while it runs: it may deliver
    {
        const std::lock_guard lock{reaction_mutex_};
        reaction = reaction_;
    }
    if (!reaction || !(*reaction)(delivered))
        packets.add(std::move(delivered));
    return is_full(packet) ? JABBERD_FULL : JABBERD_DELIVERED;
}

bool StubHost::is_full(const jabberd_packet &packet)
{
    const std::string_view address = text(present(packet.sto) ? packet.sto : packet.to);
    const std::lock_guard lock{full_mutex_};
    return full_.contains("") || full_.contains(std::string{split_address(address).host});
}

void StubHost::set_full(const std::string &name)
{
    const std::lock_guard lock{full_mutex_};
    full_.insert(name);
}

void StubHost::resume(const std::string &name)
{
    {
        const std::lock_guard lock{full_mutex_};
        full_.erase(name);
    }
    const void *destinations = loaded_.component->get_extension == nullptr || name.empty()
                                   ? nullptr
                                   : loaded_.component->get_extension(instance_, JABBERD_DESTINATIONS);
    if (destinations != nullptr)
        static_cast<const jabberd_destinations *>(destinations)->resume(instance_, view(name));
    else if (loaded_.component->resume != nullptr)
        loaded_.component->resume(instance_);
}

const jabberd_handover &StubHost::handover() const
{
    const auto *handover = static_cast<const jabberd_handover *>(extension(JABBERD_HANDOVER));
    if (handover == nullptr)
        throw std::runtime_error("the component cannot be swapped");
    return *handover;
}

const jabberd_snapshot *StubHost::freeze(unsigned deadline_ms)
{
    return handover().freeze(instance_, deadline_ms);
}

bool StubHost::thaw(const jabberd_snapshot &snapshot)
{
    return handover().thaw(instance_, &snapshot);
}

void StubHost::commit()
{
    handover().commit(instance_);
    stopped_ = true; // only destroy() may follow
}

const void *StubHost::extension(const char *id) const
{
    return instance_ == nullptr || loaded_.component->get_extension == nullptr
               ? nullptr
               : loaded_.component->get_extension(instance_, id);
}

std::vector<std::string> StubHost::status(const std::string &key)
{
    struct Search {
        const std::string &key;
        std::vector<std::string> found;
    } search{key, {}};
    const auto *inspect = static_cast<const jabberd_inspect *>(extension(JABBERD_INSPECT));
    if (inspect != nullptr) {
        const auto sink = [](void *data, jabberd_view name, jabberd_view value) {
            auto &wanted = *static_cast<Search *>(data);
            if (text(name) == wanted.key)
                wanted.found.emplace_back(text(value));
        };
        inspect->status(instance_, sink, &search);
    }
    return search.found;
}

} // namespace jabberd::test
