// SPDX-License-Identifier: LGPL-2.1-or-later
#include "certificate_loading.h"

#include "config/reader.h"
#include "tls/self_signed.h"

namespace jabberd {

std::optional<std::shared_ptr<const tls::Certificates>> load_certificates(const jabberd_host &host,
                                                                          const config::Tls &configured, tls::Date now)
{
    if (configured.certificates.empty())
        return nullptr;
    std::vector<tls::Certificate> loaded;
    for (const config::CertificateFiles &files : configured.certificates) {
        try {
            if (!files.self_signed.empty())
                tls::make_self_signed(files.certificate, files.self_signed);
            const tls::Certificate &certificate = loaded.emplace_back(files.certificate, files.key, files.also_for);
            for (const std::string &warning : certificate.warnings(now))
                config::report(host, files.place, JABBERD_LOG_WARNING, warning);
        } catch (const tls::CertificateError &problem) {
            config::report(host, files.place, JABBERD_LOG_ERROR, problem.what());
        }
    }
    if (loaded.size() != configured.certificates.size())
        return std::nullopt;
    return std::make_shared<const tls::Certificates>(std::move(loaded));
}

} // namespace jabberd
