// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/portable/user_reader.h"

#include "base/base64.h"
#include "base/secret.h"
#include "session_manager/accounts/naming.h"
#include "session_manager/base/jid.h"
#include "session_manager/roster/request.h"
#include "xml/document.h"
#include "xml/escape.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <new>
#include <tuple>

namespace jabberd::session_manager::portable {

namespace {

constexpr unsigned most_iterations = 10'000'000; // as <iterations/> has it: a login with more takes seconds
constexpr std::size_t sha256_bytes = 32, sha1_bytes = 20;

std::string shown(const xmlNode *node)
{
    std::string out{"<"};
    out.append(xml::name_of(*node));
    if (const std::string_view of = xml::namespace_of(*node); !of.empty())
        xml::append_attribute(out, "xmlns", of);
    return out + ">";
}

class UserReader {
public:
    UserReader(const xmlNode *user, const Remark &remark) : user_(user), remark_(remark) {}

    std::optional<PortableAccount> read(const std::string &host, const PasswordRules &passwords)
    {
        const std::string given{xml::attribute(user_, "name")};
        const auto name = prepare_user(given);
        if (!name)
            return refuse("'" + given + "' cannot be the name of an account");
        account_.user = *name;
        account_.host = host;
        for (const xmlNode *node = user_->children; node != nullptr; node = node->next) {
            if (node->type == XML_ELEMENT_NODE)
                take(node);
        }
        for (auto &[contact, item] : roster_)
            account_.roster.push_back(std::move(item));
        std::ranges::sort(account_.documents, {}, [](const Document &one) { return std::tie(one.xmlns, one.name); });
        return finish_credentials(passwords) ? std::optional{std::move(account_)} : std::nullopt;
    }

private:
    std::nullopt_t refuse(const std::string &why)
    {
        say(user_, account_.user.empty() ? why : account_.address() + " " + why);
        return std::nullopt;
    }

    void say(const xmlNode *node, const std::string &what) { remark_(xmlGetLineNo(node), what); }

    void ignore(const xmlNode *node, const std::string &why)
    {
        say(node, account_.address() + ": " + why + ", ignoring");
    }

    void take(const xmlNode *node)
    {
        if (xml::is_element(node, "scram-credentials", scram_xmlns))
            take_scram(node);
        else if (xml::is_element(node, "locked", own_xmlns))
            account_.locked = true;
        else if (xml::is_element(node, "query", roster_xmlns))
            each(node, "item", roster_xmlns, [this](const xmlNode *item) { take_item(item); });
        else if (xml::is_element(node, "presence", stanza_xmlns))
            take_request(node);
        else if (xml::is_element(node, "query", private_xmlns))
            each_element(node, [this](const xmlNode *document) { take_document(document); });
        else if (xml::is_element(node, vcard_name, vcard_xmlns))
            take_document(node);
        else if (xml::is_element(node, "blocklist", blocking_xmlns))
            each(node, "item", blocking_xmlns, [this](const xmlNode *item) { take_blocked(item); });
        else if (xml::is_element(node, "offline-messages", xmlns))
            each(node, "message", stanza_xmlns, [this](const xmlNode *message) { take_message(message); });
        else
            ignore(node, shown(node) + " is nothing that is kept here");
    }

    template <typename Take>
    void each_element(const xmlNode *parent, Take take_one)
    {
        for (const xmlNode *node = parent->children; node != nullptr; node = node->next) {
            if (node->type == XML_ELEMENT_NODE)
                take_one(node);
        }
    }

    template <typename Take>
    void each(const xmlNode *parent, std::string_view name, std::string_view namespace_of_it, Take take_one)
    {
        each_element(parent, [&](const xmlNode *node) {
            if (xml::is_element(node, name, namespace_of_it))
                take_one(node);
            else
                ignore(node, shown(node) + " is unknown there");
        });
    }

    std::string decoded(const xmlNode *parent, std::string_view name)
    {
        const xmlNode *field = xml::child(parent, name, scram_xmlns);
        std::string text = field == nullptr ? std::string{} : xml::content(field);
        std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
        return base64_decode(text).value_or("");
    }

    void take_scram(const xmlNode *node)
    {
        const std::string_view mechanism = xml::attribute(node, "mechanism");
        const bool is_sha256 = mechanism == "SCRAM-SHA-256";
        if (!is_sha256 && mechanism != "SCRAM-SHA-1")
            return ignore(node, "the mechanism '" + std::string{mechanism} + "' is none of this server's");
        const std::size_t size = is_sha256 ? sha256_bytes : sha1_bytes;
        const ScramKeys keys{decoded(node, "stored-key"), decoded(node, "server-key")};
        const std::string salt = decoded(node, "salt");
        const xmlNode *count = xml::child(node, "iter-count", scram_xmlns);
        const std::string digits = count == nullptr ? std::string{} : xml::content(count);
        unsigned iterations = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), iterations);
        if (error != std::errc{} || end != digits.data() + digits.size() || iterations == 0 ||
            iterations > most_iterations || salt.empty() || keys.stored.size() != size || keys.server.size() != size)
            return ignore(node, "the credentials of " + std::string{mechanism} + " are damaged");
        Credentials &all = account_.credentials;
        if (all.iterations != 0 && (all.iterations != iterations || all.salt != salt))
            return ignore(node, "salt and iterations of its two mechanisms differ, which is not kept here");
        all.salt = salt;
        all.iterations = iterations;
        (is_sha256 ? all.sha256 : all.sha1) = keys;
    }

    bool finish_credentials(const PasswordRules &rules)
    {
        Credentials &all = account_.credentials;
        if (!all.sha256.stored.empty() && !all.sha1.stored.empty())
            return true;
        if (xmlHasNsProp(const_cast<xmlNode *>(user_), reinterpret_cast<const xmlChar *>("password"), nullptr) ==
            nullptr) {
            refuse("has no credentials that are usable here, which are those of SCRAM-SHA-256 and SCRAM-SHA-1 "
                   "together, or a password");
            return false;
        }
        auto password = new_password(xml::attribute(user_, "password"));
        if (!password) {
            refuse("has a password that is empty, or has characters that programs write in several ways");
            return false;
        }
        const Secret secret{std::move(*password)};
        all = make_credentials(secret.view(), rules.iterations, rules.keep);
        return true;
    }

    RosterItem *item_of(const xmlNode *node, const char *attribute)
    {
        const std::string given{xml::attribute(node, attribute)};
        const auto contact = prepare_jid(given);
        if (!contact || contact->bare() == account_.address()) {
            ignore(node, "'" + given + "' cannot be a contact");
            return nullptr;
        }
        RosterItem &item = roster_[contact->bare()];
        item.contact = contact->bare();
        return &item;
    }

    void take_item(const xmlNode *node)
    {
        const std::string_view subscription = xml::attribute(node, "subscription");
        if (!subscription.empty() && subscription != "none" && subscription != "to" && subscription != "from" &&
            subscription != "both")
            return ignore(node, "'" + std::string{subscription} + "' is no subscription");
        RosterItem *item = item_of(node, "jid");
        if (item == nullptr)
            return;
        item->listed = true;
        item->name = xml::attribute(node, "name");
        item->to = subscription == "to" || subscription == "both";
        item->from = subscription == "from" || subscription == "both";
        item->ask = !item->to && xml::attribute(node, "ask") == "subscribe";
        item->groups.clear();
        each(node, "group", roster_xmlns, [item](const xmlNode *group) {
            item->groups += "<group>";
            xml::append_text(item->groups, xml::content(group));
            item->groups += "</group>";
        });
    }

    void take_request(const xmlNode *node)
    {
        if (xml::attribute(node, "type") != "subscribe")
            return ignore(node, "of presence only requests to subscribe are kept");
        RosterItem *item = item_of(node, "from");
        if (item != nullptr && !item->from)
            item->request = useful_part(xml::children_text(node));
    }

    void take_document(const xmlNode *node)
    {
        // Namespaces that are declared around it come along.
        const xml::DocumentPtr copy{xmlNewDoc(reinterpret_cast<const xmlChar *>("1.0"))};
        xmlNode *root = xmlDocCopyNode(const_cast<xmlNode *>(node), copy.get(), 1);
        if (root == nullptr)
            throw std::bad_alloc{};
        xmlDocSetRootElement(copy.get(), root);
        Document document{std::string{xml::namespace_of(*root)}, std::string{xml::name_of(*root)}, {}};
        xml::append_element(document.content, root);
        const bool is_vcard = document.xmlns == vcard_xmlns && document.name == vcard_name;
        if (is_vcard ? node->parent != user_ : document.xmlns.starts_with("jabber:") || document.xmlns == vcard_xmlns)
            return ignore(node, shown(node) + " is no private XML");
        std::erase_if(account_.documents, [&](const Document &other) {
            return other.xmlns == document.xmlns && other.name == document.name;
        });
        account_.documents.push_back(std::move(document));
    }

    void take_blocked(const xmlNode *node)
    {
        const std::string given{xml::attribute(node, "jid")};
        if (const auto address = prepare_jid(given))
            account_.blocked.push_back(address->full());
        else
            ignore(node, "'" + given + "' cannot be blocked");
    }

    void take_message(const xmlNode *node)
    {
        const auto optional = [node](const char *name) -> std::optional<std::string> {
            const std::string_view value = xml::attribute(node, name);
            return value.empty() ? std::nullopt : std::optional<std::string>{value};
        };
        OfflineMessage message{0,  optional("from"),        optional("to"), optional("id"), optional("type"),
                               {}, xml::children_text(node)};
        if (xmlChar *lang = xmlGetNsProp(const_cast<xmlNode *>(node), reinterpret_cast<const xmlChar *>("lang"),
                                         XML_XML_NAMESPACE)) {
            message.lang = reinterpret_cast<const char *>(lang);
            xmlFree(lang);
        }
        account_.messages.push_back(std::move(message));
    }

    const xmlNode *const user_;
    const Remark &remark_;
    PortableAccount account_;
    std::map<std::string, RosterItem> roster_;
};

} // namespace

std::optional<PortableAccount> read_user(const xmlNode *user, const std::string &host, const PasswordRules &passwords,
                                         const Remark &remark)
{
    return UserReader{user, remark}.read(host, passwords);
}

} // namespace jabberd::session_manager::portable
