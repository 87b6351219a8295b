// SPDX-License-Identifier: LGPL-2.1-or-later
// XML that clients keep here: their vCard (XEP-0054) and what only they understand (XEP-0049).
#include "session_manager/iq/request.h"

#include "xml/document.h"

namespace jabberd::session_manager::iq {

namespace {

constexpr std::string_view vcard_xmlns = "vcard-temp";
constexpr std::string_view vcard_name = "vCard";

std::string_view name_of(const xmlNode *element)
{
    return reinterpret_cast<const char *>(element->name);
}

std::string_view xmlns_of(const xmlNode *element)
{
    return element->ns == nullptr ? std::string_view{}
                                  : std::string_view{reinterpret_cast<const char *>(element->ns->href)};
}

std::string text_of(const xmlNode *element)
{
    std::string out;
    xml::append_element(out, element);
    return out;
}

void save(Core &core, const Answer &answer, std::string address, const xmlNode *element)
{
    std::string content = text_of(element);
    Work work = answer.take_work(content.size());
    if (!work)
        return;
    StorageUse use{std::move(work), address, StorageUse::Kind::Changes};
    answer.from_storage(
        std::move(use),
        [address = std::move(address), xmlns = std::string{xmlns_of(element)}, name = std::string{name_of(element)},
         content = std::move(content), options = core.settings.current()](Storage &storage) {
            return storage.documents.save(address, xmlns, name, content, options->documents_max,
                                          options->documents_bytes);
        },
        [&core](const Answer &late, bool saved) {
            if (saved)
                return late.result();
            ++core.documents_refused;
            late.error(Condition::ResourceConstraint, "There is no room for more of this");
        });
}

} // namespace

void vcard(Core &core, const Request &request, const Answer &answer)
{
    if (request.set && request.scope != OwnScope)
        return answer.error(Condition::ServiceUnavailable);
    if (request.set)
        return save(core, answer, request.from.bare(), request.payload);
    Work work = answer.take_work(0);
    if (!work)
        return;
    answer.from_storage(
        {std::move(work), request.to.bare()},
        [address = request.to.bare(), from = request.from](Storage &storage) -> std::optional<std::string> {
            if (from.bare() != address && storage.blocklists.covers(address, from.full()))
                return std::nullopt;
            return storage.documents.load(address, vcard_xmlns, vcard_name);
        },
        [own = request.scope == OwnScope](const Answer &late, const std::optional<std::string> &content) {
            if (content)
                return late.result(*content);
            if (own)
                return late.result("<vCard xmlns='vcard-temp'/>");
            late.error(Condition::ServiceUnavailable); // as for an account that does not exist
        });
}

void private_xml(Core &core, const Request &request, const Answer &answer)
{
    const xmlNode *document = xmlFirstElementChild(const_cast<xmlNode *>(request.payload));
    // What has its own meaning elsewhere is not private: a vCard stored here would be shown to every user.
    if (document == nullptr || xmlNextElementSibling(const_cast<xmlNode *>(document)) != nullptr ||
        xmlns_of(document).starts_with("jabber:") || xmlns_of(document) == vcard_xmlns)
        return answer.error(Condition::NotAcceptable);
    if (request.set)
        return save(core, answer, request.from.bare(), document);
    std::string asked = text_of(document);
    Work work = answer.take_work(asked.size());
    if (!work)
        return;
    answer.from_storage(
        {std::move(work), request.from.bare()},
        [address = request.from.bare(), xmlns = std::string{xmlns_of(document)}, name = std::string{name_of(document)}](
            Storage &storage) { return storage.documents.load(address, xmlns, name); },
        [asked = std::move(asked)](const Answer &late, const std::optional<std::string> &content) {
            late.result("<query xmlns='jabber:iq:private'>" + content.value_or(asked) + "</query>");
        });
}

} // namespace jabberd::session_manager::iq
