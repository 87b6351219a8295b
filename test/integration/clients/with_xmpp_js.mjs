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
connection.reconnect.stop();
connection.timeout = 20000; // ms; its own 2000 are little on a busy machine

let ready = false;
connection.on("error", (error) => console.error(String(error)));
connection.on("stanza", (stanza) => {
  if (stanza.is("message") && stanza.getChildText("body")) say(stanza.attrs.from, stanza.getChildText("body"));
});
const over = () => {
  say(ready ? "closed" : "refused");
  process.exit(0);
};
connection.on("disconnect", () => ready && over());

try {
  await connection.start();
} catch (error) {
  console.error(String(error));
  over();
}
await connection.send(xml("presence"));
ready = true;
say("ready");

const told = createInterface({ input: process.stdin });
told.on("line", (line) => {
  const space = line.indexOf(" ");
  const body = xml("body", {}, line.slice(space + 1));
  connection.send(xml("message", { to: line.slice(0, space), type: "chat" }, body));
});
told.on("close", () => connection.stop().finally(over)); // also where its end has not been heard of
