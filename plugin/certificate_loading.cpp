// SPDX-License-Identifier: LGPL-2.1-or-later
#include "certificate_loading.h"

#include "base/host_name.h"
#include "base/view.h"
#include "config/reader.h"
#include "net/socket_address.h"
#include "tls/self_signed.h"

#include <jabberd/domains.h>

#include <algorithm>
#include <filesystem>

namespace jabberd {

namespace {

std::string renewal(const std::string &file)
{
    return "made " + file +
           ", a certificate that signs itself, as no such file was there; to have another one made, "
           "remove the file and reload";
}

// Those of session managers of this host; none where the host, or a session manager, does not tell.
std::vector<std::string> domains_of(const jabberd_host &host)
{
    std::vector<std::string> names;
    const auto *domains = host.get_extension == nullptr
                              ? nullptr
                              : static_cast<const jabberd_domains *>(host.get_extension(&host, JABBERD_DOMAINS));
    if (domains == nullptr)
        return names;
    const auto add = [](void *all, jabberd_view name) {
        static_cast<std::vector<std::string> *>(all)->emplace_back(text(name));
    };
    domains->names(&host, add, &names);
    return names;
}

std::vector<std::string> names_of_aliases(const config::Options &options)
{
    std::vector<std::string> names;
    for (const config::Alias &alias : options.aliases) {
        names.push_back(alias.name);
        names.push_back(alias.host);
    }
    if (!options.default_host.empty())
        names.push_back(options.default_host);
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end()); // std::ranges::unique is beyond clang 14
    return names;
}

bool is_among(const std::vector<std::string> &names, std::string_view name)
{
    return std::ranges::any_of(names, [&](const std::string &one) { return same_host(one, name); });
}

// Of one certificate, the names that the configuration gives it.
std::vector<std::string> names_meant(const config::CertificateFiles &files)
{
    std::vector<std::string> names = files.also_for;
    if (!files.self_signed.empty())
        names.push_back(files.self_signed);
    std::erase_if(names, [](const std::string &name) { return net::SocketAddress::parse(name, 0).has_value(); });
    return names;
}

// The certificates of one configuration, being loaded.
class Loading {
public:
    Loading(const jabberd_host &host, const config::Options &options, tls::Date now, MissingOnes missing)
        : host_(host), options_(options), now_(now), missing_(missing), domains_(domains_of(host))
    {
    }

    // Nothing after a mistake; null: there is none.
    std::optional<std::shared_ptr<const tls::Certificates>> run()
    {
        for (const config::CertificateFiles &files : options_.tls.certificates)
            load(files);
        if (!failed_ && options_.tls.self_signed)
            load_self_signed(*options_.tls.self_signed);
        if (failed_)
            return std::nullopt;
        warn_of_names();
        if (loaded_.empty())
            return nullptr;
        return std::make_shared<const tls::Certificates>(std::move(loaded_));
    }

private:
    void load(const config::CertificateFiles &files)
    {
        try {
            std::error_code ignored;
            if (missing_ == MissingOnes::Leave && !files.self_signed.empty() &&
                !std::filesystem::exists(files.certificate, ignored))
                return due_.push_back(files.self_signed);
            if (!files.self_signed.empty() && tls::make_self_signed(files.certificate, files.self_signed))
                config::report(host_, files.place, JABBERD_LOG_NOTICE, renewal(files.certificate));
            loaded_.emplace_back(files.certificate, files.key, files.also_for);
            warn_of(loaded_.back(), files);
        } catch (const tls::CertificateError &problem) {
            failed_ = true;
            config::report(host_, files.place, JABBERD_LOG_ERROR, problem.what());
        }
    }

    void warn_of(const tls::Certificate &certificate, const config::CertificateFiles &files)
    {
        for (const std::string &warning : certificate.warnings(now_))
            warn(files.place, warning);
        for (const std::string &name : names_meant(files)) {
            if (certificate.covers(name))
                continue;
            warn(files.place,
                 certificate.file() + " is not for " + name +
                     ", though it is configured for it: clients that come for that name will refuse it" +
                     (files.self_signed.empty() ? "" : "; another file='…' has one made, and leaves this one"));
        }
    }

    void load_self_signed(const config::SelfSigned &wanted)
    {
        for (const std::string &domain : domains_) {
            const std::string file = host_in_ascii(domain).value_or(domain) + ".pem";
            if (!is_covered(domain))
                load({(std::filesystem::path{wanted.folder} / file).string(), "", domain, wanted.place});
        }
        if (failed_ || !loaded_.empty() || !due_.empty())
            return;
        failed_ = true;
        config::report(host_, wanted.place, JABBERD_LOG_ERROR,
                       "<self-signed/> is for the names of this host's session managers, and none tells a name; write "
                       "<certificate file='foo.com.pem' self-signed='foo.com'/>");
    }

    void warn_of_names()
    {
        if (!options_.tls.is_there())
            return;
        const config::Place &place = options_.tls.certificates.empty() ? options_.tls.self_signed->place
                                                                       : options_.tls.certificates.front().place;
        for (const std::string &name : domains_) {
            if (!is_covered(name))
                warn(place, "no certificate is for " + name +
                                ", whose users log in here: clients that come for that name will refuse what they "
                                "get; get one that an authority has signed, or, to try it out, add <self-signed/> to "
                                "<tls>");
        }
        for (const std::string &name : names_of_aliases(options_)) {
            if (!is_among(domains_, name) && !is_covered(name))
                warn(place, "no certificate is for " + name +
                                ", which is in an <alias/>: clients that come for that name will refuse what they get");
        }
    }

    bool is_covered(const std::string &name) const
    {
        return is_among(due_, name) || tls::find(loaded_, name) != nullptr;
    }

    void warn(const config::Place &place, const std::string &warning)
    {
        config::report(host_, place, JABBERD_LOG_WARNING, warning);
    }

    const jabberd_host &host_;
    const config::Options &options_;
    const tls::Date now_;
    const MissingOnes missing_;
    const std::vector<std::string> domains_;
    std::vector<tls::Certificate> loaded_;
    std::vector<std::string> due_; // names of those that a start makes
    bool failed_ = false;
};

} // namespace

std::optional<std::shared_ptr<const tls::Certificates>>
load_certificates(const jabberd_host &host, const config::Options &options, tls::Date now, MissingOnes missing)
{
    return Loading{host, options, now, missing}.run();
}

std::vector<std::string> names_without_certificate(const jabberd_host &host, const config::Options &options,
                                                   const tls::Certificates &certificates)
{
    std::vector<std::string> names = domains_of(host);
    for (const std::string &name : names_of_aliases(options)) {
        if (!is_among(names, name))
            names.push_back(name);
    }
    std::erase_if(names, [&](const std::string &name) { return certificates.find(name) != nullptr; });
    return names;
}

} // namespace jabberd
