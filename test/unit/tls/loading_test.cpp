// SPDX-License-Identifier: LGPL-2.1-or-later
// From a <tls/> to certificates; what is wrong is told at its line.
#include "base/view.h"
#include "certificate_loading.h"
#include "config/reported.h"
#include "tls/ends.h"

#include <jabberd/domains.h>

#include <gmock/gmock.h>

namespace jabberd::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class CertificateLoading : public testing::Test {
protected:
    // One element a line, from line 3 on; then what loading reported.
    std::optional<std::shared_ptr<const tls::Certificates>> load(const std::string &certificates)
    {
        const Reading read = reading("<tls>" + certificates + "</tls>");
        if (!read.options) {
            reports = read.reports;
            return std::nullopt;
        }
        reports.clear();
        return load_certificates(host(), *read.options, std::chrono::system_clock::now(), missing);
    }

    // Tells its domains, and keeps what is reported.
    jabberd_host host()
    {
        jabberd_host host{};
        host.host_data = this;
        host.report = [](const jabberd_host *self, const jabberd_config *at, jabberd_log_level level,
                         const char *message) {
            static_cast<CertificateLoading *>(self->host_data)
                ->reports.push_back((level == JABBERD_LOG_ERROR ? "error" : "warning") + (" " + std::string{at->file}) +
                                    ":" + std::to_string(at->line) + " <" + at->name + ">: " + message);
        };
        host.get_extension = [](const jabberd_host *, const char *id) -> const void * {
            static constexpr jabberd_domains told{
                sizeof told, [](const jabberd_host *self, jabberd_name_sink sink, void *data) {
                    for (const std::string &name : static_cast<CertificateLoading *>(self->host_data)->domains)
                        sink(data, view(name));
                }};
            return std::string_view{id} == JABBERD_DOMAINS ? &told : nullptr;
        };
        return host;
    }

    std::string certificate(const std::string &name, const Recipe &recipe = {}) const
    {
        const Pem pem = make_pem(recipe);
        return "<certificate file='" + dir.write(name, pem.certificate + pem.key) + "'/>";
    }

    TempDir dir;
    std::vector<std::string> domains, reports;
    MissingOnes missing = MissingOnes::Make;
};

TEST_F(CertificateLoading, MakesASelfSignedOneOnceAndWarnsAtEachStart)
{
    const std::string configured = "<certificate file='" + dir.path("a.pem") + "' self-signed='localhost'/>";
    const auto first = load(configured);
    ASSERT_TRUE(first && *first) << testing::PrintToString(reports);
    EXPECT_THAT(reports, ElementsAre(AllOf(StartsWith("warning service.xml:3 <certificate>: made "),
                                           HasSubstr("to have another one made, remove the file and reload")),
                                     AllOf(StartsWith("warning service.xml:3 <certificate>: "),
                                           HasSubstr("is self-signed: for tests only"))));
    const auto second = load(configured);
    ASSERT_TRUE(second && *second);
    EXPECT_EQ(reports.size(), 1u);
    EXPECT_EQ(X509_cmp(SSL_CTX_get0_certificate(&(*first)->all()[0].ctx()),
                       SSL_CTX_get0_certificate(&(*second)->all()[0].ctx())),
              0);
}

TEST_F(CertificateLoading, OfACheckMakesNoFile)
{
    const std::string configured = "<certificate file='" + dir.path("a.pem") + "' self-signed='localhost'/>";
    const Reading read = reading("<tls>" + configured + "</tls>");
    jabberd_host host{};
    EXPECT_TRUE(load_certificates(host, *read.options, std::chrono::system_clock::now(), MissingOnes::Leave));
    EXPECT_FALSE(std::filesystem::exists(dir.path("a.pem")));
}

TEST_F(CertificateLoading, WarnsOfNamesThatNoCertificateIsFor)
{
    const Pem pem = make_pem({.names = {"foo.com", "*.bar.com"}});
    config::Options options;
    options.tls.certificates.push_back(
        {dir.write("a.pem", pem.certificate + pem.key), "", "localhost", {"certificate", "f", 7}});
    options.aliases = {{"foo.com", "a.bar.com"}, {"old.net", "foo.com"}};
    options.default_host = "new.net";
    jabberd_host host{};
    host.host_data = &reports;
    host.report = [](const jabberd_host *self, const jabberd_config *at, jabberd_log_level, const char *message) {
        static_cast<std::vector<std::string> *>(self->host_data)->push_back(std::to_string(at->line) + ": " + message);
    };
    ASSERT_TRUE(load_certificates(host, options, std::chrono::system_clock::now()));
    EXPECT_THAT(reports, testing::Contains(HasSubstr("a.pem is not for localhost, though it is configured for it")));
    EXPECT_THAT(reports, testing::Contains(HasSubstr("7: no certificate is for old.net, which is in an <alias/>")));
    EXPECT_THAT(reports, testing::Contains(HasSubstr("7: no certificate is for new.net")));
    EXPECT_THAT(reports, testing::Not(testing::Contains(HasSubstr("is for foo.com"))));
    EXPECT_THAT(reports, testing::Not(testing::Contains(HasSubstr("is for a.bar.com"))));
}

TEST_F(CertificateLoading, WarnsOfADomainThatNoCertificateIsFor)
{
    domains = {"foo.com", "bar.com"};
    const auto loaded = load(certificate("foo.pem", {.names = {"foo.com"}}));
    ASSERT_TRUE(loaded && *loaded);
    EXPECT_THAT(reports, testing::Contains(AllOf(StartsWith("warning service.xml:3 <certificate>: no certificate is "
                                                            "for bar.com, whose users log in here"),
                                                 HasSubstr("add <self-signed/>"))));
    EXPECT_THAT(reports, testing::Not(testing::Contains(HasSubstr("is for foo.com"))));
    const Reading read = reading("<alias to='foo.com'>old.net</alias>");
    EXPECT_THAT(names_without_certificate(host(), *read.options, **loaded), ElementsAre("bar.com", "old.net"));
}

TEST_F(CertificateLoading, MakesOneForEachDomainThatHasNone)
{
    domains = {"foo.com", "Bücher.example"};
    const std::string configured =
        certificate("foo.pem", {.names = {"foo.com"}}) + "\n<self-signed folder='" + dir.path("") + "'/>";
    const auto loaded = load(configured);
    ASSERT_TRUE(loaded && *loaded) << testing::PrintToString(reports);
    EXPECT_EQ((*loaded)->all().size(), 2u);
    EXPECT_EQ((*loaded)->find("bücher.example"), &(*loaded)->all()[1]);
    EXPECT_THAT(reports, testing::Contains(AllOf(StartsWith("warning service.xml:4 <self-signed>: made "),
                                                 HasSubstr("xn--bcher-kva.example.pem"))));
    EXPECT_FALSE(std::filesystem::exists(dir.path("foo.com.pem"))) << "that domain has one";
    EXPECT_THAT(reports, testing::Not(testing::Contains(HasSubstr("no certificate is for"))));
}

TEST_F(CertificateLoading, OfACheckWarnsOfNoDomainWhoseCertificateWouldBeMade)
{
    domains = {"foo.com", "bar.com"};
    missing = MissingOnes::Leave;
    EXPECT_TRUE(load("<self-signed folder='" + dir.path("") + "'/>"));
    EXPECT_TRUE(reports.empty()) << testing::PrintToString(reports);
    EXPECT_FALSE(std::filesystem::exists(dir.path("foo.com.pem")));
    EXPECT_TRUE(load("<certificate file='" + dir.path("a.pem") + "' self-signed='foo.com'/>"));
    EXPECT_THAT(reports, ElementsAre(HasSubstr("no certificate is for bar.com")));
}

TEST_F(CertificateLoading, NeedsADomainToMakeOneFor)
{
    EXPECT_FALSE(load("<self-signed/>"));
    EXPECT_THAT(reports,
                ElementsAre(AllOf(StartsWith("error service.xml:3 <self-signed>: "),
                                  HasSubstr("write <certificate file='foo.com.pem' self-signed='foo.com'/>"))));
}

TEST_F(CertificateLoading, LeavesAFileThatIsForAnotherNameAndSaysHowToGetOne)
{
    const std::string file = dir.path("localhost.pem");
    ASSERT_TRUE(load("<certificate file='" + file + "' self-signed='localhost'/>"));
    ASSERT_TRUE(load("<certificate file='" + file + "' self-signed='foo.com'/>"));
    EXPECT_THAT(reports, testing::Contains(AllOf(HasSubstr("localhost.pem is not for foo.com"),
                                                 HasSubstr("another file='…' has one made, and leaves this one"))));
}

TEST_F(CertificateLoading, TellsEveryMistakeAtItsLine)
{
    dir.write("garbage.pem", "garbage");
    const auto loaded = load(certificate("good.pem") + "\n<certificate file='" + dir.path("missing.pem") +
                             "'/>\n<certificate file='" + dir.path("garbage.pem") + "'/>");
    EXPECT_FALSE(loaded) << "all or nothing";
    EXPECT_THAT(reports, testing::Contains(AllOf(StartsWith("error service.xml:4 "), HasSubstr("missing.pem"))));
    EXPECT_THAT(reports, testing::Contains(AllOf(StartsWith("error service.xml:5 "), HasSubstr("garbage.pem"))));
}

TEST_F(CertificateLoading, KeepsTheOrder)
{
    const auto loaded = load(certificate("1.pem") + certificate("2.pem", {.names = {"bar.com"}}));
    ASSERT_TRUE(loaded && *loaded);
    EXPECT_EQ(&(*loaded)->pick("unknown.example"), &(*loaded)->all()[0]);
    EXPECT_EQ(&(*loaded)->pick("bar.com"), &(*loaded)->all()[1]);
}

TEST_F(CertificateLoading, WarnsOfOneThatHasExpired)
{
    EXPECT_TRUE(load(certificate("old.pem", {.days = -1})));
    EXPECT_THAT(reports, testing::Contains(AllOf(StartsWith("warning "), HasSubstr("old.pem expired on "))));
}

TEST_F(CertificateLoading, OfNoneIsNothingToDo)
{
    const auto loaded = load_certificates({}, config::Options{}, {});
    ASSERT_TRUE(loaded);
    EXPECT_EQ(*loaded, nullptr);
}

TEST_F(CertificateLoading, KnowsWhatACertificateIsForBesideItsNames)
{
    const auto pem = [this](const std::string &name, const Recipe &recipe) {
        const Pem made = make_pem(recipe);
        return dir.write(name, made.certificate + made.key);
    };
    config::Options options;
    config::Tls &configured = options.tls;
    configured.certificates.push_back({pem("foo.pem", {.names = {"foo.com", "bar.com"}}), "", "", {}});
    configured.certificates.push_back({pem("old.pem", {.names = {"old.com"}}), "", "", {}, {"bar.com", "192.0.2.1"}});
    jabberd_host host{};
    host.report = [](const jabberd_host *, const jabberd_config *, jabberd_log_level, const char *) {};
    const auto loaded = load_certificates(host, options, std::chrono::system_clock::now());
    ASSERT_TRUE(loaded && *loaded);
    const tls::Certificates &all = **loaded;
    EXPECT_EQ(all.find("foo.com"), &all.all()[0]);
    EXPECT_EQ(all.find("BAR.com"), &all.all()[1]) << "our word goes before a name in another";
    EXPECT_EQ(all.find("192.0.2.1"), &all.all()[1]);
    EXPECT_EQ(all.find("old.com"), &all.all()[1]);
    EXPECT_EQ(all.find("other.org"), nullptr);
    EXPECT_EQ(&all.pick("other.org"), &all.all()[0]);
    EXPECT_EQ(all.find(""), nullptr);
}

} // namespace
} // namespace jabberd::test
