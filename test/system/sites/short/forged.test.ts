import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { freePort } from "../../../support/free-port.ts";
import { until } from "../../../support/until.ts";
import { workFolder } from "../../telegraf/telegraf.ts";
import { makeCertificates } from "../certificates.ts";
import { connectForgedSite, type ForgedSite, type HubMessage } from "../forged-site.ts";
import { createHub, type Hub, PASSWORDS } from "../hub.ts";
import { withSources } from "../many.ts";
import { runNats } from "../nats-command.ts";

/** Subjects that a site does not own, and the requests that change a hub. `SHED` is where the other site sends its readings. */
const FORBIDDEN = [
  "battery.shed",
  "battery.boat",
  "deliver.telegraf",
  "SHED",
  "_INBOX.abc",
  "$JS.ACK.readings.telegraf.1.1.1.1.0",
  "$JS.API.STREAM.DELETE.readings",
  "$JS.API.STREAM.PURGE.readings",
  "$JS.API.CONSUMER.DELETE.readings.telegraf",
  "$JS.hub.API.STREAM.DELETE.readings",
  "$JS.shed.API.STREAM.DELETE.readings",
];
const EVERYTHING = [
  ">",
  "battery.>",
  "$JS.>",
  "$JS.S.>",
  "$JS.shed.API.>",
  "$JS.hub.API.>",
  "$JSC.>",
  "deliver.*",
  "_INBOX.>",
];

interface Impostor {
  readonly site: ForgedSite;
  /** Sends a reading under a subject of its choice, as the stream of its site. */
  deliver(subject: string, payload: string): void;
  /** The subject to which the hub wants the readings. */
  readonly target: string;
  readonly consumer: string;
}

/** Stands in for the nats-server of a site, with its password. */
async function connectImpostor(t: TestContext, hub: Hub, folder: string, name: string, isHub: boolean) {
  let target = "";
  let consumer = "";
  let sequence = 0;
  function answer({ subject, reply, payload }: HubMessage, site: ForgedSite) {
    if (!subject.includes("CONSUMER.CREATE") || reply === undefined) return;
    const { config } = JSON.parse(payload) as { config: { name: string; deliver_subject: string } };
    target = config.deliver_subject;
    consumer = config.name;
    const none = { consumer_seq: 0, stream_seq: 0 };
    const type = "io.nats.jetstream.api.v1.consumer_create_response";
    const state = { delivered: none, ack_floor: none, num_pending: 0, created: new Date().toISOString() };
    site.publish(reply, {
      payload: JSON.stringify({ type, stream_name: "readings", name: config.name, config, ...state }),
    });
  }
  const connect = { user: name, pass: PASSWORDS.SHED_PASSWORD, name, domain: name, jetstream: true, hub: isHub };
  const caFile = join(folder, "ca.pem");
  const site = await connectForgedSite(t, { port: hub.link.port, caFile, connect, onMessage: answer });
  site.subscribe(`$JS.${name}.API.>`);
  return {
    site,
    get target() {
      return target;
    },
    get consumer() {
      return consumer;
    },
    deliver(subject: string, payload: string) {
      sequence += 1;
      const reply = `$JS.ACK.readings.${consumer}.1.${sequence}.${sequence}.${Date.now()}000000.0@${subject}`;
      site.publish(target, { reply, payload });
    },
  } satisfies Impostor;
}

for (const isHub of [false, true]) {
  test(`a forged nats-server with the password of a site${isHub ? ", which calls itself a hub" : ""}`, async (t) => {
    const folder = workFolder();
    makeCertificates(folder);
    const nats = { command: process.env.TEST_NATS_SERVER ?? "nats-server", version: "2.10" } as const;
    const sites = ["shed", "boat"];
    const hub = await createHub(t, "hub", { nats, folder, databasePort: await freePort(), sites });
    hub.server.start();
    await hub.server.logged(/Server is ready/);
    const centre = (...args: readonly string[]) => runNats(hub.url("centre"), args);
    const countOf = (subject: string) =>
      (JSON.parse(centre("stream", "subjects", "readings", "--json")) as Record<string, number>)[subject];

    const boat = await connectImpostor(t, hub, folder, "boat", isHub);
    const shed = await connectImpostor(t, hub, folder, "shed", false);
    for (const subject of EVERYTHING) boat.site.subscribe(subject);
    for (const { site } of [boat, shed]) await site.flush();
    const file = join(folder, "readings.json");
    writeFileSync(file, withSources(sites));
    centre("stream", "add", "--config", file);
    centre("consumer", "add", "readings", "--config", join(import.meta.dirname, "../../../../nats/telegraf.json"));
    await until("both are asked for their readings", () => boat.target !== "" && shed.target !== "");

    // It sends readings in the name of another site, and reads those of others.
    shed.deliver("battery.shed", "secret");
    boat.deliver("battery.boat", "own");
    boat.deliver("battery.shed", "forged");
    boat.deliver("battery.shed.x", "forged");
    await until("the readings are stored", () => countOf("battery.boat") === 2 && countOf("battery.shed.x") === 1);
    assert.equal(countOf("battery.shed"), 1);
    const { num_pending } = JSON.parse(centre("consumer", "info", "readings", "telegraf", "--json")) as {
      num_pending: number;
    };
    assert.equal(num_pending, 3, "Telegraf gets battery.*, and no battery.shed.x");

    // It makes the hub send a request, as the answer to a message of the stream's protocol.
    for (const request of ["$JS.API.STREAM.DELETE.readings", "$JS.API.CONSUMER.DELETE.readings.telegraf"]) {
      boat.site.publish(boat.target, { reply: request, headers: "NATS/1.0 100 FlowControl Request\r\n\r\n" });
      const stalled = `NATS/1.0 100 Idle Heartbeat\r\nNats-Consumer-Stalled: ${request}\r\n\r\n`;
      boat.site.publish(boat.target, { headers: stalled });
    }
    boat.deliver("battery.boat", "after");
    await until("later readings are stored", () => countOf("battery.boat") === 3);

    // It sends what only others may send. The hub closes the connection at the first such message.
    for (const forbidden of FORBIDDEN) {
      const other = await connectImpostor(t, hub, folder, "boat", isHub);
      const subject = forbidden === "SHED" ? shed.target : forbidden;
      other.site.publish(subject, { payload: subject.includes("API") ? "" : "forged" });
      await until(
        `${subject} is refused`,
        () => /Permissions Violation for Publish/.test(other.site.errors.join()),
        5_000,
      );
    }
    for (const { subject, payload } of boat.site.messages) {
      assert.match(subject, /^\$JS\.boat\.API\./);
      assert.doesNotMatch(payload, /secret/);
    }
    assert.equal(countOf("battery.shed"), 1);
    assert.match(centre("consumer", "info", "readings", "telegraf"), /deliver\.telegraf/);
  });
}
