// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/sasl_client.h"

#include "base/base64.h"
#include "base/view.h"
#include "xml/document.h"
#include "xml/escape.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace jabberd::test {

namespace {

void require(int result)
{
    if (result != GSASL_OK)
        throw std::runtime_error{gsasl_strerror(result)};
}

// What is for the mechanism in an answer.
std::string data_of(const jabberd_packet &answer)
{
    const auto document = xml::parse_body(text(answer.body), text(answer.xmlns));
    const xmlNode *root = xmlDocGetRootElement(document.get());
    if (text(answer.name) == "challenge" || text(answer.xmlns) != "urn:xmpp:sasl:2")
        return xml::content(root);
    const xmlNode *data = xml::child(root, "additional-data", "urn:xmpp:sasl:2");
    return data == nullptr ? std::string{} : xml::content(data);
}

std::string hmac(const EVP_MD *md, std::string_view key, std::string_view data)
{
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(md)), '\0');
    HMAC(md, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char *>(data.data()),
         data.size(), reinterpret_cast<unsigned char *>(out.data()), nullptr);
    return out;
}

// The value of an attribute of a SCRAM message.
std::string value_of(std::string_view message, std::string_view name)
{
    const auto at = ("," + std::string{message}).find("," + std::string{name} + "=");
    const std::string_view rest = at == std::string_view::npos ? "" : message.substr(at + 2);
    return std::string{rest.substr(0, rest.find(','))};
}

std::string escaped(std::string_view name)
{
    std::string out;
    for (const char c : name)
        out += c == ',' ? "=2C" : c == '=' ? "=3D" : std::string(1, c);
    return out;
}

} // namespace

std::string over_tls(const std::map<std::string, std::string> &bindings)
{
    std::string out = "<connection xmlns='jabber:socket-manager:connection' address='192.0.2.7' port='40210'>"
                      "<tls version='TLSv1.3' cipher='TLS_AES_256_GCM_SHA384'>";
    for (const auto &[type, data] : bindings)
        out += "<channel-binding type='" + type + "'>" + base64_encode(data) + "</channel-binding>";
    return out + "</tls></connection>";
}

SaslClient::SaslClient(Server &server, SaslLogin login, std::string connection_)
    : connection(connection_.empty() ? server.new_connection() : std::move(connection_))
    , server_(server)
    , login_(std::move(login))
{
    Gsasl *library = nullptr;
    require(gsasl_init(&library));
    library_.reset(library);
    Gsasl_session *session = nullptr;
    require(gsasl_client_start(library, login_.mechanism.c_str(), &session));
    session_.reset(session);
    gsasl_property_set(session, GSASL_AUTHID, login_.user.c_str());
    gsasl_property_set(session, GSASL_PASSWORD, login_.password.c_str());
    if (!login_.authzid.empty())
        gsasl_property_set(session, GSASL_AUTHZID, login_.authzid.c_str());
    for (const auto &[type, data] : login_.bindings)
        gsasl_property_set(session, type == "tls-exporter" ? GSASL_CB_TLS_EXPORTER : GSASL_CB_TLS_UNIQUE,
                           base64_encode(data).c_str());
}

std::string SaslClient::element(std::string_view name, std::string_view attributes, std::string_view body) const
{
    std::string out = "<" + std::string{name} + " xmlns='";
    out += login_.sasl2 ? "urn:xmpp:sasl:2" : "urn:ietf:params:xml:ns:xmpp-sasl";
    out.append("' ").append(attributes).append(" id='n' sto='foo.com' sfrom='").append(connection).append("'>");
    return out.append(body).append("</").append(name).append(">");
}

std::string SaslClient::begins()
{
    const std::string response = login_.speaks_first ? base64_encode(step({})) : "";
    std::string body = login_.connection_element;
    if (login_.sasl2)
        body += (login_.speaks_first ? "<initial-response>" + response + "</initial-response>" : "") + login_.requests;
    else
        body += response;
    return sends(element(login_.sasl2 ? "authenticate" : "auth", "mechanism='" + login_.mechanism + "'", body));
}

std::string SaslClient::answers()
{
    return sends(element("response", "", base64_encode(step(challenge_))));
}

std::string SaslClient::sends(std::string_view xml)
{
    server_.sends(xml);
    return gets();
}

std::string SaslClient::gets()
{
    const OwnedPacket owned = server_.host.next(connection);
    if (!owned)
        return "(nothing)";
    const jabberd_packet &answer = owned.packet();
    name_ = text(answer.name);
    if (text(answer.sfrom).find('@') != std::string_view::npos)
        authenticated_as_ = text(answer.sfrom);
    challenge_.clear();
    if (name_ == "challenge" || name_ == "success")
        challenge_ = base64_decode(data_of(answer)).value();
    return canonical(answer);
}

std::string SaslClient::logs_in()
{
    std::string answer = begins();
    while (name_ == "challenge")
        answer = answers();
    if (name_ == "success" && login_.mechanism != "PLAIN") {
        step(challenge_);
        EXPECT_TRUE(over_) << "the server did not prove itself: " << answer;
    }
    return answer;
}

std::string SaslClient::asks(std::string_view type, std::string_view body)
{
    std::string sto;
    xml::append_attribute(sto, "sto", authenticated_as_);
    return sends("<iq type='" + std::string{type} + "' id='i'" + sto + " sfrom='" + connection + "'>" +
                 std::string{body} + "</iq>");
}

// RFC 4616 and RFC 5802 in a few lines: libgsasl refuses what its Unicode does not know.
std::string SaslClient::step_unprepared(std::string_view input)
{
    if (login_.mechanism == "PLAIN")
        return '\0' + login_.user + '\0' + login_.password;
    if (input.empty())
        return "n,," + (first_message_ = "n=" + escaped(login_.user) + ",r=nonce");
    if (!server_signature_.empty()) {
        over_ = value_of(input, "v") == base64_encode(server_signature_);
        return {};
    }
    const EVP_MD *md = login_.mechanism == "SCRAM-SHA-1" ? EVP_sha1() : EVP_sha256();
    const std::string salt = base64_decode(value_of(input, "s")).value();
    std::string salted(static_cast<std::size_t>(EVP_MD_get_size(md)), '\0');
    PKCS5_PBKDF2_HMAC(login_.password.data(), static_cast<int>(login_.password.size()),
                      reinterpret_cast<const unsigned char *>(salt.data()), static_cast<int>(salt.size()),
                      std::stoi(value_of(input, "i")), md, static_cast<int>(salted.size()),
                      reinterpret_cast<unsigned char *>(salted.data()));
    const std::string last = "c=biws,r=" + value_of(input, "r");
    const std::string signed_text = first_message_ + "," + std::string{input} + "," + last;
    std::string proof = hmac(md, salted, "Client Key");
    std::string stored(proof.size(), '\0');
    EVP_Digest(proof.data(), proof.size(), reinterpret_cast<unsigned char *>(stored.data()), nullptr, md, nullptr);
    const std::string signature = hmac(md, stored, signed_text);
    for (std::size_t i = 0; i < proof.size(); ++i)
        proof[i] = static_cast<char>(proof[i] ^ signature[i]);
    server_signature_ = hmac(md, hmac(md, salted, "Server Key"), signed_text);
    return last + ",p=" + base64_encode(proof);
}

std::string SaslClient::step(std::string_view input)
{
    if (!login_.prepares)
        return step_unprepared(input);
    char *output = nullptr;
    std::size_t size = 0;
    const int result = gsasl_step(session_.get(), input.data(), input.size(), &output, &size);
    over_ = result == GSASL_OK;
    const std::string out{output == nullptr ? "" : output, size};
    gsasl_free(output);
    if (result != GSASL_OK && result != GSASL_NEEDS_MORE)
        throw std::runtime_error{std::string{gsasl_strerror(result)} + " at " + std::string{input}};
    return out;
}

std::string failure(const SaslClient &client, std::string_view condition, bool sasl2)
{
    const std::string sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
    return canonical("<failure xmlns='" + (sasl2 ? "urn:xmpp:sasl:2" : sasl) + "' id='n' sto='" + client.connection +
                     "' sfrom='foo.com'><" + std::string{condition} + (sasl2 ? " xmlns='" + sasl + "'" : "") +
                     "/></failure>");
}

} // namespace jabberd::test
