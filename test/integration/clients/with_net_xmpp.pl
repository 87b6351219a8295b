#!/usr/bin/perl
# SPDX-License-Identifier: LGPL-2.1-or-later
# A client made with Net::XMPP: asks for the login fields, and takes digest when it is offered. Arguments, input and output as in shell.h.
use strict;
use warnings;
use Encode;
use IO::Select;
use Net::XMPP;

$| = 1;
binmode STDOUT, ":encoding(UTF-8)";
my ($port, $host, $user, $resource, $password) = @ARGV;

my $client = Net::XMPP::Client->new();
$client->SetCallBacks(message => sub {
    my ($session, $message) = @_;
    print $message->GetFrom(), " ", $message->GetBody(), "\n";
});
$client->Connect(hostname => "127.0.0.1", port => $port, componentname => $host, tls => 0) or exit 1;
my @answer = $client->AuthIQAuth(username => $user, password => $password, resource => $resource);
if (!defined $answer[0] || $answer[0] ne "ok") {
    print "refused\n";
    exit 0;
}
$client->PresenceSend();
print "ready\n";

my $told = IO::Select->new(\*STDIN);
my $input = "";
while (1) {
    if ($told->can_read(0)) {
        last unless sysread(STDIN, $input, 65536, length $input);
    }
    while ($input =~ s/^(\S+) (.*)\n//) {
        my ($to, $body) = ($1, decode("UTF-8", $2));
        $client->MessageSend(to => $to, type => "chat", body => $body);
    }
    if (!defined $client->Process(0.01)) {
        print "closed\n";
        exit 0;
    }
}
$client->Disconnect();
