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
// Node may hand it bytes while it writes. Its parser is not made for that; and it listens for the answer to its stream
// header when that has been written, and waits in vain for one that came before (seen in 0.14). So what comes meanwhile
// waits, and so does what comes while it reads.
const chunks = [];
let writing = 0;
let reading = false;
const read = connection._onData;
const readOn = () => {
  if (reading) return;
  reading = true;
  try {
    while (writing === 0 && chunks.length > 0) {
      const chunk = chunks.shift();
      if (connection.parser) read.call(connection, chunk);
    }
  } finally {
    reading = false;
  }
};
connection._onData = (chunk) => {
  chunks.push(chunk);
  readOn();
};
connection.on("disconnect", () => chunks.splice(0));
const write = connection.write;
connection.write = async function (...data) {
  writing += 1;
  try {
    await write.apply(this, data);
  } finally {
    writing -= 1;
    setImmediate(readOn); // when who has written listens again
  }
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
