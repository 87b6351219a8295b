// SPDX-License-Identifier: LGPL-2.1-or-later
// Random changes of examples/jabber.xml, with all its options: each is read, or told at its line. Which of the two, a
// table of this file says, beside the readers' own.
#include "config/reader.h"
#include "host/config/configuration.h"
#include "session_manager/core/options.h"
#include "support/shown_options.h"
#include "support/temp_dir.h"
#include "xml/document.h"

#include <gtest/gtest.h>
#include <libxml/parser.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

namespace jabberd::test {
namespace {

using Names = std::set<std::string>;

struct Known {
    Names attributes, children;
    bool text = false;
};

const Names sections{"sessions", "c2s"}; // whose own names are free: their xmlns says what they are

// By the name of the element; of those inside <load/> and of sections, by what they are.
const std::map<std::string, Known> &table()
{
    const Known text{{}, {}, true};
    static const std::map<std::string, Known> all{
        {"jabber", {{}, {"service", "control", "drain", "log"}}},
        {"service", {{"id"}, {"host", "load"}}},
        {"load", {{"main"}, {}}},
        {"a component", text},
        {"host", text},
        {"sessions",
         {{},
          {"database", "register", "registrations", "digest", "iterations", "offline", "services", "welcome",
           "mechanisms"}}},
        {"registrations", {{"at-once", "per-hour"}, {}}},
        {"services", {{}, {"service"}}},
        {"a service", {{"name"}, {}, true}},
        {"offline", {{"max", "bytes"}, {}}},
        {"welcome", {{}, {"subject", "body"}}},
        {"mechanisms", {{}, {"mechanism"}}},
        {"c2s",
         {{},
          {"listen", "ip", "host", "tls", "see-other-host", "alias", "noregister", "descriptors", "control", "sasl",
           "plain", "threads", "authtime", "stanzatime", "attempts", "heartbeat", "limits", "websocket"}}},
        {"listen", {{"port", "tls"}, {}, true}},
        {"ip", {{"port", "tls"}, {}, true}},
        {"tls", {{"required", "port"}, {"certificate", "self-signed"}, true}}, // text and port are mistakes there
        {"certificate", {{"file", "key", "self-signed"}, {}}},
        {"self-signed", {{"folder"}, {}}},
        {"alias", {{"to"}, {}, true}},
        {"websocket", {{"path", "address"}, {"origin"}}},
        {"noregister", {}},
        {"descriptors", {{"from"}, {}}},
        {"control", text},
        {"drain", text},
        {"log", {{"level"}, {}}},
        {"limits",
         {{},
          {"stanza", "stanza-before-login", "elements", "attributes", "depth", "queue", "memory", "connections",
           "connections-per-address", "attempts-per-second", "bytes-per-second", "stanzas-per-second"}}},
    };
    return all;
}

const Known &known(const std::string &name)
{
    static const Known number{{}, {}, true}; // and a word, and a path
    const auto found = table().find(name);
    return found == table().end() ? number : found->second;
}

std::string name_of(const xmlNode *node)
{
    if (node->parent != nullptr && node->parent->type == XML_ELEMENT_NODE && xml::name_of(*node->parent) == "load")
        return "a component";
    if (node->parent != nullptr && node->parent->type == XML_ELEMENT_NODE && xml::name_of(*node->parent) == "services")
        return "a service";
    return std::string{xml::name_of(*node)};
}

const xmlChar *chars(const std::string &text)
{
    return reinterpret_cast<const xmlChar *>(text.c_str());
}

std::vector<xmlNode *> elements_of(xmlNode *root)
{
    std::vector<xmlNode *> all{root};
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (xmlNode *child = xmlFirstElementChild(all[i]); child != nullptr; child = xmlNextElementSibling(child))
            all.push_back(child);
    }
    return all;
}

// An element a line, and where each is.
std::string written(const xmlNode *node, std::map<const xmlNode *, unsigned> &lines, unsigned &line)
{
    lines[node] = ++line;
    const std::string name{xml::name_of(*node)}, xmlns{xml::namespace_of(*node)};
    std::string out = "\n<" + name;
    if (xmlns != (node->parent->type == XML_ELEMENT_NODE ? xml::namespace_of(*node->parent) : ""))
        out += " xmlns='" + xmlns + "'";
    for (const xmlAttr *attribute = node->properties; attribute != nullptr; attribute = attribute->next)
        out += " " + std::string{reinterpret_cast<const char *>(attribute->name)} + "='" +
               xml::content(reinterpret_cast<const xmlNode *>(attribute)) + "'";
    out += ">";
    for (const xmlNode *child = node->children; child != nullptr; child = child->next) {
        if (child->type == XML_ELEMENT_NODE) {
            out += written(child, lines, line);
        } else if (child->type == XML_TEXT_NODE) {
            const std::string text = xml::content(child);
            const auto first = text.find_first_not_of(" \n\t");
            if (first != std::string::npos)
                out += text.substr(first, text.find_last_not_of(" \n\t") - first + 1);
        }
    }
    return out + "</" + name + ">";
}

// What was reported, as a set of lines.
class Told {
public:
    explicit Told(const std::string &file)
    {
        host::Mistakes mistakes;
        const host::Configuration configuration = host::read_configuration(file, mistakes);
        refused = mistakes.fatal();
        for (const host::Mistake &mistake : mistakes.all())
            add(mistake.line, mistake.message);
        jabberd_host abi{};
        abi.size = sizeof abi;
        abi.id = "c2s";
        abi.host_data = this;
        abi.report = [](const jabberd_host *to, const jabberd_config *at, jabberd_log_level, const char *message) {
            static_cast<Told *>(to->host_data)->add(at->line, message);
        };
        for (const host::ServiceConfig &service : configuration.services) {
            if (jabberd_config_section(service.element, config::own_section) != nullptr)
                config::read_options(abi, *service.element);
            if (jabberd_config_section(service.element, session_manager::options_namespace) != nullptr)
                session_manager::read_options(abi, *service.element);
        }
    }

    std::set<unsigned> lines;
    std::string all;
    bool refused = false; // by the host: a component without its <load/> is not asked

private:
    void add(unsigned line, const std::string &message)
    {
        lines.insert(line);
        all += std::to_string(line) + ": " + message + "\n";
    }
};

std::string mistyped(std::string name, std::mt19937 &random)
{
    const std::size_t at = random() % name.size();
    switch (random() % 4) {
    case 0: name.insert(at, 1, 'q'); break;
    case 1: name[at] = name[at] == 'z' ? 'y' : 'z'; break;
    case 2: name += "s"; break;
    default: name = at == 0 || name.size() < 3 ? name + "x" : name.erase(at, 1); break;
    }
    return name;
}

// One change of the document. The element where it must be told, null: it need not be.
class Change {
public:
    Change(xmlDoc &document, std::mt19937 &random) : all_(elements_of(xmlDocGetRootElement(&document))), random_(random)
    {
        switch (random() % 6) {
        case 0: add_attribute(); break;
        case 1: rename_attribute(); break;
        case 2: rename_element(); break;
        case 3: move_element(); break;
        case 4: double_element(); break;
        default: add_text(); break;
        }
    }

    const xmlNode *told = nullptr;
    std::string what;

private:
    xmlNode *any() { return all_[random_() % all_.size()]; }
    bool is_section(const xmlNode *node) { return sections.contains(std::string{xml::name_of(*node)}); }

    // Whether it has a reader where it is now.
    bool has_reader(const xmlNode *node)
    {
        const std::string parent = name_of(node->parent);
        const std::string name{xml::name_of(*node)};
        if (parent == "load")
            return true;
        const std::string_view xmlns = xml::namespace_of(*node);
        if (!xmlns.empty() && xmlns != xml::namespace_of(*node->parent))
            return parent == "service" && is_section(node);
        return known(parent).children.contains(name);
    }

    void add_attribute()
    {
        xmlNode *node = any();
        const std::string name = random_() % 2 == 0 ? "host" : "zone";
        xmlNewProp(node, chars(name), chars("127.0.0.1"));
        told = node;
        what = "attribute " + name + " of " + name_of(node);
    }

    void rename_attribute()
    {
        std::vector<std::pair<xmlNode *, xmlAttr *>> attributes;
        for (xmlNode *node : all_) {
            for (xmlAttr *attribute = node->properties; attribute != nullptr; attribute = attribute->next)
                attributes.emplace_back(node, attribute);
        }
        const auto [node, attribute] = attributes[random_() % attributes.size()];
        const std::string before{reinterpret_cast<const char *>(attribute->name)};
        const std::string now = mistyped(before, random_);
        const std::string value = xml::content(reinterpret_cast<const xmlNode *>(attribute));
        xmlRemoveProp(attribute);
        xmlNewProp(node, chars(now), chars(value));
        told = known(name_of(node)).attributes.contains(now) ? nullptr : node;
        what = "attribute " + now + " of " + name_of(node) + " in place of " + before;
    }

    void rename_element()
    {
        xmlNode *node = all_[1 + random_() % (all_.size() - 1)];
        if (is_section(node))
            return;
        const std::string now = mistyped(std::string{xml::name_of(*node)}, random_);
        what = "<" + now + "/> in place of <" + std::string{xml::name_of(*node)} + "/>";
        xmlNodeSetName(node, chars(now));
        told = has_reader(node) ? nullptr : node;
    }

    void move_element()
    {
        xmlNode *node = all_[1 + random_() % (all_.size() - 1)], *parent = any();
        for (const xmlNode *up = parent; up != nullptr; up = up->parent) {
            if (up == node)
                return;
        }
        what = "<" + std::string{xml::name_of(*node)} + "/> of " + name_of(node->parent) + " in " + name_of(parent);
        xmlUnlinkNode(node);
        xmlAddChild(parent, node);
        told = has_reader(node) ? nullptr : node;
    }

    // Read, or one of the two is told.
    void double_element()
    {
        xmlNode *node = all_[1 + random_() % (all_.size() - 1)];
        what = "a second <" + std::string{xml::name_of(*node)} + "/>";
        xmlAddNextSibling(node, xmlDocCopyNode(node, node->doc, 1));
        static const Names any_number{"host",        "listen", "ip",  "mechanism", "service", "limits",
                                      "certificate", "alias",  "tls", "origin",    "trusted"};
        if (!any_number.contains(std::string{xml::name_of(*node)}))
            either = true;
    }

    void add_text()
    {
        xmlNode *node = any();
        if (xmlFirstElementChild(node) == nullptr && known(name_of(node)).text)
            return;
        what = "text in " + name_of(node);
        xmlAddChild(node, xmlNewDocText(node->doc, chars("words")));
        told = node;
    }

    std::vector<xmlNode *> all_;
    std::mt19937 &random_;

public:
    bool either = false;
};

class Configurations : public testing::Test {
protected:
    Configurations()
    {
        const char *folder = std::getenv("EXAMPLES"); // NOLINT: nothing sets it meanwhile
        std::ostringstream text;
        text << std::ifstream{std::string{folder == nullptr ? "." : folder} + "/jabber.xml"}.rdbuf();
        text_ = with_shown_options(text.str());
    }

    xml::DocumentPtr document() const
    {
        return xml::DocumentPtr{xmlReadMemory(text_.data(), static_cast<int>(text_.size()), "jabber.xml", nullptr, 0)};
    }

    Told told(const std::string &text) const { return Told{dir_.write("jabber.xml", text)}; }

    TempDir dir_;
    std::string text_;
};

TEST_F(Configurations, OfTheExampleAreReadWithoutAWord)
{
    const Told all = told(text_);
    EXPECT_EQ(all.all, "");
    EXPECT_NE(text_.find("<stanzas-per-second>"), std::string::npos) << "and with all their options";
}

TEST_F(Configurations, AreReadOrToldWhateverIsChanged)
{
    constexpr unsigned changes = 1500;
    std::map<std::string, int> kinds;
    for (unsigned seed = 0; seed < changes; ++seed) {
        std::mt19937 random{seed};
        const xml::DocumentPtr changed = document();
        const Change change{*changed, random};
        std::map<const xmlNode *, unsigned> lines;
        unsigned line = 1;
        const std::string text = "<?xml version='1.0'?>" + written(xmlDocGetRootElement(changed.get()), lines, line);
        const Told all = told(text);
        if (change.told != nullptr) {
            ++kinds["told"];
            EXPECT_TRUE(all.refused || all.lines.contains(lines.at(change.told)))
                << "seed " << seed << ": " << change.what << " in line " << lines.at(change.told) << " of\n"
                << text << "\nbut told was:\n"
                << all.all;
        } else if (change.either) {
            ++kinds["doubled"];
            EXPECT_FALSE(all.lines.empty()) << "seed " << seed << ": " << change.what << " in\n" << text;
        } else {
            ++kinds["read"];
            EXPECT_EQ(all.all.find("unknown"), std::string::npos) << "seed " << seed << ": " << change.what << " in\n"
                                                                  << text << "\ntold:\n"
                                                                  << all.all;
        }
        if (HasFailure())
            break;
    }
    EXPECT_GT(kinds["told"], 500);
    EXPECT_GT(kinds["read"], 60);
    EXPECT_GT(kinds["doubled"], 60);
}

} // namespace
} // namespace jabberd::test
