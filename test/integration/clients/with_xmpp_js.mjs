// SPDX-License-Identifier: LGPL-2.1-or-later
// A client made with xmpp.js: SASL2 with Bind2 where the server has it, so the server may make the resource longer.
// Arguments, input and output as in shell.h; its modules are found below the directory in NODE_MODULES.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const modules = createRequire(pathToFileURL(process.env.NODE_MODULES + "/client.js"));
const { client, xml } = await import(pathToFileURL(modules.resolve("@xmpp/client")));

const [port, host, user, resource, password, how, mechanism] = process.argv.slice(2);
const say = (...words) => console.log(words.join(" "));

// Over a WebSocket it wants the one of a browser, which this Node need not have.
if (how === "websocket") globalThis.WebSocket = modules("ws").WebSocket;
const services = { direct: `xmpps://${host}:${port}`, websocket: `wss://${host}:${port}/xmpp-websocket` };

const connection = client({
  service: services[how] ?? `xmpp://127.0.0.1:${port}`,
  domain: host,
  resource,
  credentials: async (authenticate, offered) => {
    if (mechanism !== "any" && !offered.includes(mechanism)) throw new Error(`not offered: ${mechanism}`);
    await authenticate({ username: user, password }, mechanism === "any" ? offered[0] : mechanism);
  },
});
// Node may hand it bytes while it writes in answer to others, and its parser is not made for that (seen in 0.14): one
// after the other.
const chunks = [];
const read = connection._onData;
connection._onData = function (chunk) {
  if (chunks.push(chunk) > 1) return;
  for (; chunks.length > 0; chunks.shift()) if (this.parser) read.call(this, chunks[0]);
};

const comesBack = "COMES_BACK" in process.env;
if (comesBack) connection.reconnect.delay = 0;
else connection.reconnect.stop();
connection.timeout = 20000; // ms; its own 2000 are little on a busy machine

let ready = false;
let online = false;
let held = []; // while it has no connection
let told = 0;
connection.on("error", (error) => console.error(String(error)));
connection.on("stanza", (stanza) => {
  if (stanza.is("message") && stanza.getChildText("body")) say(stanza.attrs.from, stanza.getChildText("body"));
});
const over = () => {
  say(ready ? "closed" : "refused");
  process.exit(0);
};
connection.on("disconnect", () => {
  online = false;
  if (ready && !comesBack) over();
});
const sendHeld = () => {
  online = true;
  const sent = held.sort((one, other) => one.number - other.number);
  held = [];
  for (const order of sent) send(order);
};
// What it refuses when its connection is gone it has not always kept for its session.
const send = async (order) => {
  if (!online) return held.push(order);
  try {
    await connection.send(order.message);
  } catch {
    if (!connection.streamManagement.outbound_q.some((item) => item.stanza === order.message)) held.push(order);
  }
};
if (comesBack) {
  connection.streamManagement.on("resumed", () => {
    say("resumed");
    sendHeld();
  });
  connection.streamManagement.on("fail", (stanza) => console.error(`given up: ${stanza}`));
}

try {
  await connection.start();
} catch (error) {
  console.error(String(error));
  over();
}
await connection.send(xml("presence"));
ready = true;
say("ready");
sendHeld();

const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
  const space = line.indexOf(" ");
  const body = xml("body", {}, line.slice(space + 1));
  send({ number: told++, message: xml("message", { to: line.slice(0, space), type: "chat" }, body) });
});
input.on("close", () => connection.stop().finally(over)); // also where its end has not been heard of
