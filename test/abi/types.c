/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every struct of the component ABI, where abidw sees it: abidiff.sh compares them with those that were published. */
#include <jabberd/check.h>
#include <jabberd/commands.h>
#include <jabberd/component.h>
#include <jabberd/config.h>
#include <jabberd/handover.h>
#include <jabberd/host.h>
#include <jabberd/inspect.h>
#include <jabberd/log.h>
#include <jabberd/metrics.h>
#include <jabberd/packet.h>
#include <jabberd/routes.h>
#include <jabberd/session.h>
#include <jabberd/snapshot.h>

jabberd_check abi_check;
jabberd_command abi_command;
jabberd_command_call abi_command_call;
jabberd_commands abi_commands;
jabberd_component abi_component;
jabberd_config abi_config;
jabberd_destinations abi_destinations;
jabberd_handover abi_handover;
jabberd_host abi_host;
jabberd_identity abi_identity;
jabberd_identity_note abi_identity_note;
jabberd_inspect abi_inspect;
jabberd_log_record abi_log_record;
jabberd_metric_family abi_metric_family;
jabberd_metric_sample abi_metric_sample;
jabberd_metric_sink abi_metric_sink;
jabberd_metrics abi_metrics;
jabberd_packet abi_packet;
jabberd_routes abi_routes;
jabberd_session abi_session;
jabberd_snapshot abi_snapshot;
jabberd_takeover abi_takeover;
