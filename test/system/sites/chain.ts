import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { startProcess } from "../../../simulator/program.ts";
import { freePort } from "../../support/free-port.ts";
import { until } from "../../support/until.ts";
import { type InfluxDb, startInfluxDb } from "../telegraf/influxdb.ts";
import { TELEGRAF, workFolder } from "../telegraf/telegraf.ts";
import { adapted } from "./adapted.ts";
import { makeCertificates } from "./certificates.ts";
import { createHub, type Hub, type NatsServer, PASSWORDS } from "./hub.ts";
import type { Link } from "./link.ts";
import { runNats } from "./nats-command.ts";
import { createPart, type Part } from "./part.ts";

export const PARTS = ["site", "leaf", "hub", "centre", "database"] as const;
/** `hub2` and `centre2` are nats-server and Telegraf on the second machine of a cluster. */
export type PartName = (typeof PARTS)[number] | "hub2" | "centre2" | "hub3" | "centre3";

/** From Telegraf's socket at the site to the database at the centre. */
export interface Chain {
  readonly socket: string;
  /** Between the leaf and the hub. */
  readonly link: Link;
  /** The hub of a chain of one; the cluster once it is formed. */
  readonly hubs: readonly Hub[];
  end(part: PartName, signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  start(part: PartName): Promise<void>;
  /** Makes a cluster of three of the hub, as docs/many-sites.md does. */
  formCluster(): Promise<void>;
  /** Makes the stream and the consumer at the hub, as docs/many-sites.md does. */
  setUpHub(): Promise<void>;
  /** Runs the command nats as the user of Telegraf at the centre. Returns what it prints. */
  atCentre(...args: readonly string[]): string;
  /** The same as the user of the site, at the hub. */
  atHub(...args: readonly string[]): string;
  /** The same without a password, at the leaf. */
  atLeaf(...args: readonly string[]): string;
  /** Of a meter, the numbers of its polls that are stored, and sites. */
  stored(): Promise<readonly { readonly meter: string; readonly site: string; readonly poll: number }[]>;
  logs(): string;
}

/** Starts every part and waits until the first one listens. */
export async function startChain(t: TestContext, nats: NatsServer): Promise<Chain> {
  const folder = workFolder();
  const at = (name: string) => join(folder, name);
  const [leafPort, databasePort] = [await freePort(), await freePort()];
  makeCertificates(folder);
  const put = (name: string, text: string) => writeFileSync(at(name), text);
  put("agent.conf", '[agent]\n  omit_hostname = true\n  flush_interval = "1s"\n');
  put("battery.conf", adapted("telegraf/battery.conf", { "/run/telegraf/bms.sock": at("bms.sock") }));
  const leafServer = { "127.0.0.1:4222": `127.0.0.1:${leafPort}` };
  put(
    "site.conf",
    adapted("telegraf/site.conf", { ...leafServer, "/var/lib/telegraf/buffer": at("buffer") }, nats.version),
  );
  const leafFiles = { ...leafServer, "/var/lib/nats": at("leaf"), "/etc/nats": folder };
  put("leaf.nats", adapted("nats/site.conf", leafFiles, nats.version));
  put("readings.json", adapted("nats/readings.json", {}));

  const hub = await createHub(t, "hub", { nats, folder, databasePort });
  const hubs: Hub[] = [hub];
  const siteFiles = ["agent.conf", "battery.conf", "site.conf"];
  const siteArgs = siteFiles.flatMap((file) => ["--config", at(file)]);
  const urlOf = ({ link }: Hub) => `tls://shed:${PASSWORDS.SHED_PASSWORD}@localhost:${link.port}`;
  const hubUrls = () => Object.fromEntries(hubs.map((hub, i) => [`HUB${i === 0 ? "" : i + 1}_URL`, urlOf(hub)]));
  const leaf = createPart(t, () => startProcess(nats.command, ["-c", at("leaf.nats")], { env: hubUrls() }));
  const parts = new Map<PartName, Part>([
    ["site", createPart(t, () => startProcess(TELEGRAF, siteArgs, {}))],
    ["leaf", leaf],
    ["hub", hub.server],
    ["centre", hub.telegraf],
  ]);
  const openDatabase = () => startInfluxDb(t, { folder, port: databasePort });
  let influx: InfluxDb = await openDatabase();
  await influx.write("ready yes=1");

  const atCentre = (...args: readonly string[]) => runNats(hubs.map((hub) => hub.url("centre")).join(), args);
  const chain: Chain = {
    socket: at("bms.sock"),
    link: hub.link,
    hubs,
    async start(part) {
      if (part === "database") influx = await openDatabase();
      else parts.get(part)?.start();
    },
    async end(part, signal) {
      if (part === "database") await (signal === "SIGKILL" ? influx.kill() : influx.stop());
      else await parts.get(part)?.end(signal);
    },
    async formCluster() {
      await chain.end("hub", "SIGTERM");
      for (const n of [2, 3] as const) {
        const added = await createHub(t, `hub${n}`, { nats, folder, databasePort });
        hubs.push(added);
        parts.set(`hub${n}`, added.server).set(`centre${n}`, added.telegraf);
      }
      for (const hub of hubs) {
        hub.join(hubs.filter((other) => other !== hub));
        hub.server.start();
      }
      await chain.end("leaf", "SIGTERM");
      const remotes = { ...leafFiles, "url: $HUB_URL": "urls: [ $HUB_URL, $HUB2_URL, $HUB3_URL ]" };
      put("leaf.nats", adapted("nats/site.conf", remotes, nats.version));
      put("readings.json", adapted("nats/readings.json", { '"num_replicas": 1': '"num_replicas": 3' }));
      await chain.start("leaf");
      await chain.setUpHub();
      for (const part of ["centre2", "centre3"] as const) await chain.start(part);
    },
    async setUpHub() {
      await until("the hub has its stream, and reads from the site", () => {
        atCentre("stream", "rm", "readings", "--force");
        atCentre("stream", "add", "--config", at("readings.json"));
        // A hub that asks for the readings before it reaches the site asks again after 40 s. A new stream asks at once.
        return until("the source is active", () => sourceAge(atCentre) >= 0, 3_000).catch(() => false);
      });
      const consumer = join(import.meta.dirname, "../../../nats/telegraf.json");
      await until("the hub has its consumer", () => {
        atCentre("consumer", "add", "readings", "--config", consumer);
        return atCentre("consumer", "info", "readings", "telegraf").includes("deliver.telegraf");
      });
    },
    atCentre,
    atHub: (...args) => runNats(hub.url("shed"), args),
    atLeaf: (...args) => runNats(`nats://127.0.0.1:${leafPort}`, args),
    async stored() {
      const points = await influx.points("battery");
      return points.map(({ tags: { meter = "", site = "" }, fields: { polls = "" } }) => ({
        meter,
        site,
        poll: Number(polls.split(" ")[1]),
      }));
    },
    logs: () => [...parts].map(([name, { log }]) => [`${name}:`, ...log].join("\n  ")).join("\n"),
  };
  for (const part of ["leaf", "site", "hub"] as const) await chain.start(part);
  await until("the site's stream is there", () => chain.atLeaf("stream", "info", "readings").includes("battery.shed"));
  await chain.setUpHub();
  await chain.start("centre");
  return chain;
}

/** Time in ns since the hub has last received something from the site, and -1 before. */
function sourceAge(atCentre: Chain["atCentre"]): number {
  const { sources } = JSON.parse(atCentre("stream", "info", "readings", "--json")) as StreamSources;
  return sources?.[0]?.active ?? -1;
}

interface StreamSources {
  readonly sources?: readonly { readonly active: number }[];
}
