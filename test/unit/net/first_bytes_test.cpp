// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/first_bytes.h"

#include <gtest/gtest.h>

namespace jabberd::net {
namespace {

TEST(FirstBytes, TellWhoIsThere)
{
    for (const char *xml : {"<", "<?xml version='1.0'?>", "<stream:stream", " <", "\n", "\xEF\xBB\xBF<"})
        EXPECT_EQ(recognise(xml), FirstBytes::Xml) << xml;
    for (const char *http : {"GET / HTTP/1.1\r\n", "POST /x", "HEAD /", "PUT /", "OPTIONS *", "CONNECT a:443 HTTP/1.1"})
        EXPECT_EQ(recognise(http), FirstBytes::Http) << http;
    EXPECT_EQ(recognise("\x16\x03\x01"), FirstBytes::Tls);
    EXPECT_EQ(recognise("\x16"), FirstBytes::Tls);
    EXPECT_EQ(recognise("PROXY TCP4 192.0.2.7"), FirstBytes::Proxy);
    EXPECT_EQ(recognise({"\r\n\r\n\0\r\nQUIT\n", enough_first_bytes}), FirstBytes::Proxy);
    for (const char *other : {"PROX", "GE", "GETTING", "get / http", "SSH-2.0-x", "\xFF\xFE", "x"})
        EXPECT_EQ(recognise(other), FirstBytes::Other) << other;
}

} // namespace
} // namespace jabberd::net
