// SPDX-License-Identifier: LGPL-2.1-or-later
// XML that clients keep here: their vCard (XEP-0054) and what only they understand (XEP-0049).
#include "session_manager/iq/request.h"

#include "xml/document.h"

namespace jabberd::session_manager::iq {

namespace {

constexpr int most_documents = 100; // of one account
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

void save(const Answer &answer, std::string address, const xmlNode *element)
{
    answer.from_storage([address = std::move(address), xmlns = std::string{xmlns_of(element)},
                         name = std::string{name_of(element)},
                         content = text_of(element)](Storage &storage, const Answer &late) {
        if (!storage.documents.save(address, xmlns, name, content, most_documents))
            return late.error(Condition::ResourceConstraint);
        late.result();
    });
}

} // namespace

void vcard(Core &, const Request &request, const Answer &answer)
{
    if (request.set && request.scope != OwnScope)
        return answer.error(Condition::ServiceUnavailable);
    if (request.set)
        return save(answer, request.from.bare(), request.payload);
    answer.from_storage(
        [address = request.to.bare(), own = request.scope == OwnScope](Storage &storage, const Answer &late) {
            const auto content = storage.documents.load(address, vcard_xmlns, vcard_name);
            if (content)
                return late.result(*content);
            if (own)
                return late.result("<vCard xmlns='vcard-temp'/>");
            late.error(Condition::ServiceUnavailable); // as for an account that does not exist
        });
}

void private_xml(Core &, const Request &request, const Answer &answer)
{
    const xmlNode *document = xmlFirstElementChild(const_cast<xmlNode *>(request.payload));
    // What has its own meaning elsewhere is not private: a vCard stored here would be shown to every user.
    if (document == nullptr || xmlNextElementSibling(const_cast<xmlNode *>(document)) != nullptr ||
        xmlns_of(document).starts_with("jabber:") || xmlns_of(document) == vcard_xmlns)
        return answer.error(Condition::NotAcceptable);
    if (request.set)
        return save(answer, request.from.bare(), document);
    answer.from_storage([address = request.from.bare(), xmlns = std::string{xmlns_of(document)},
                         name = std::string{name_of(document)},
                         asked = text_of(document)](Storage &storage, const Answer &late) {
        late.result("<query xmlns='jabber:iq:private'>" + storage.documents.load(address, xmlns, name).value_or(asked) +
                    "</query>");
    });
}

} // namespace jabberd::session_manager::iq
