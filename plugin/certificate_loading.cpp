// SPDX-License-Identifier: LGPL-2.1-or-later
#include "certificate_loading.h"

#include "config/reader.h"
#include "net/socket_address.h"
#include "tls/self_signed.h"

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

// Names that clients come for, as far as a socket manager is told of them: the session manager's hosts are not.
std::vector<std::string> names_served(const config::Options &options)
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

// Of one certificate, the names that the configuration gives it.
std::vector<std::string> names_meant(const config::CertificateFiles &files)
{
    std::vector<std::string> names = files.also_for;
    if (!files.self_signed.empty())
        names.push_back(files.self_signed);
    std::erase_if(names, [](const std::string &name) { return net::SocketAddress::parse(name, 0).has_value(); });
    return names;
}

} // namespace

std::optional<std::shared_ptr<const tls::Certificates>>
load_certificates(const jabberd_host &host, const config::Options &options, tls::Date now, MissingOnes missing)
{
    const config::Tls &configured = options.tls;
    if (configured.certificates.empty())
        return nullptr;
    std::vector<tls::Certificate> loaded;
    std::size_t left = 0;
    for (const config::CertificateFiles &files : configured.certificates) {
        const auto warn = [&](const std::string &warning) {
            config::report(host, files.place, JABBERD_LOG_WARNING, warning);
        };
        try {
            std::error_code ignored;
            if (missing == MissingOnes::Leave && !files.self_signed.empty() &&
                !std::filesystem::exists(files.certificate, ignored)) {
                ++left;
                continue;
            }
            if (!files.self_signed.empty() && tls::make_self_signed(files.certificate, files.self_signed))
                config::report(host, files.place, JABBERD_LOG_NOTICE, renewal(files.certificate));
            const tls::Certificate &certificate = loaded.emplace_back(files.certificate, files.key, files.also_for);
            for (const std::string &warning : certificate.warnings(now))
                warn(warning);
            for (const std::string &name : names_meant(files)) {
                if (!certificate.covers(name))
                    warn(certificate.file() + " is not for " + name +
                         ", though it is configured for it: clients that "
                         "come for that name will refuse it");
            }
        } catch (const tls::CertificateError &problem) {
            config::report(host, files.place, JABBERD_LOG_ERROR, problem.what());
        }
    }
    if (loaded.size() + left != configured.certificates.size())
        return std::nullopt;
    if (loaded.empty())
        return nullptr;
    const auto all = std::make_shared<const tls::Certificates>(std::move(loaded));
    for (const std::string &name : names_served(options)) {
        if (left == 0 && all->find(name) == nullptr)
            config::report(host, configured.certificates.front().place, JABBERD_LOG_WARNING,
                           "no certificate is for " + name +
                               ", which is in an <alias/>: clients that come for that name will refuse what they get");
    }
    return all;
}

} // namespace jabberd
