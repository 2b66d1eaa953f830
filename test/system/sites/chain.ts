import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { startProcess } from "../../../simulator/program.ts";
import { until } from "../../support/until.ts";
import { type InfluxDb, startInfluxDb } from "../telegraf/influxdb.ts";
import { freePort } from "../telegraf/server.ts";
import { TELEGRAF, workFolder } from "../telegraf/telegraf.ts";
import { adapted, type NatsVersion } from "./adapted.ts";
import { makeCertificates } from "./certificates.ts";
import { type Link, openLink } from "./link.ts";
import { createPart, type Part } from "./part.ts";

export const PARTS = ["site", "leaf", "hub", "centre", "database"] as const;
export type PartName = (typeof PARTS)[number];

/** Passwords of the users in nats/centre.conf. */
const CENTRE_PASSWORD = "centre-secret";
const SHED_PASSWORD = "shed-secret";

export interface NatsServer {
  readonly command: string;
  readonly version: NatsVersion;
}

/** From Telegraf's socket at the site to the database at the centre. */
export interface Chain {
  readonly socket: string;
  /** Between the leaf and the hub. */
  readonly link: Link;
  end(part: PartName, signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  start(part: PartName): Promise<void>;
  /** Deletes everything that the hub has stored, which must be ended. */
  loseHubDisk(): void;
  /** Makes the stream and the consumer at the hub, as docs/many-sites.md does. */
  setUpHub(): Promise<void>;
  /** Runs the command nats as the user of the site, at the hub. Returns what it prints. */
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
  const [hubPort, leafPort, linkPort, databasePort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const link = await openLink(t, linkPort);
  makeCertificates(folder);
  mkdirSync(at("hub"));
  const put = (name: string, text: string) => writeFileSync(at(name), text);
  put("agent.conf", '[agent]\n  omit_hostname = true\n  flush_interval = "1s"\n');
  put("battery.conf", adapted("telegraf/battery.conf", { "/run/telegraf/bms.sock": at("bms.sock") }));
  const leafServer = { "127.0.0.1:4222": `127.0.0.1:${leafPort}` };
  const hubServer = { "127.0.0.1:4222": `127.0.0.1:${hubPort}` };
  const buffer = { "/var/lib/telegraf/buffer": at("buffer") };
  put("site.conf", adapted("telegraf/site.conf", { ...leafServer, ...buffer }, nats.version));
  const database = { "127.0.0.1:8428": `127.0.0.1:${databasePort}` };
  put("centre.conf", adapted("telegraf/centre.conf", { ...hubServer, ...database }));
  const certificates = { "/etc/nats": folder };
  const leafFiles = { ...leafServer, "/var/lib/nats": at("leaf"), ...certificates };
  put("leaf.nats", adapted("nats/site.conf", leafFiles, nats.version));
  const hubFiles = {
    ...hubServer,
    "/var/lib/nats": at("hub"),
    "0.0.0.0:7422": `127.0.0.1:${linkPort}`,
    "hub.example:7422": `localhost:${link.port}`,
    ...certificates,
  };
  put("hub.nats", adapted("nats/centre.conf", hubFiles, nats.version));

  const telegraf = (files: readonly string[], env = {}) =>
    startProcess(
      TELEGRAF,
      files.flatMap((file) => ["--config", at(file)]),
      { env },
    );
  const server = (file: string, env: Readonly<Record<string, string>>) =>
    startProcess(nats.command, ["-c", at(file)], { env });
  const parts: Readonly<Record<Exclude<PartName, "database">, Part>> = {
    site: createPart(t, () => telegraf(["agent.conf", "battery.conf", "site.conf"])),
    leaf: createPart(t, () => server("leaf.nats", { HUB_URL: `tls://shed:${SHED_PASSWORD}@localhost:${link.port}` })),
    hub: createPart(t, () => server("hub.nats", { CENTRE_PASSWORD, SHED_PASSWORD })),
    centre: createPart(t, () => telegraf(["agent.conf", "centre.conf"], { CENTRE_PASSWORD })),
  };
  const openDatabase = () => startInfluxDb(t, { folder, port: databasePort });
  let influx: InfluxDb = await openDatabase();
  await influx.write("ready yes=1");

  const cli = (url: string, args: readonly string[]) => {
    try {
      return execFileSync(process.env.TEST_NATS ?? "nats", ["-s", url, "--timeout=2s", ...args], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        timeout: 20_000,
      });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return `${stdout}${stderr}`;
    }
  };
  const centreUrl = `nats://centre:${CENTRE_PASSWORD}@127.0.0.1:${hubPort}`;
  const chain: Chain = {
    socket: at("bms.sock"),
    link,
    async start(part) {
      if (part === "database") influx = await openDatabase();
      else parts[part].start();
    },
    async end(part, signal) {
      if (part === "database") await (signal === "SIGKILL" ? influx.kill() : influx.stop());
      else await parts[part].end(signal);
    },
    loseHubDisk() {
      rmSync(at("hub"), { recursive: true });
      mkdirSync(at("hub"));
    },
    async setUpHub() {
      const files = join(import.meta.dirname, "../../../nats");
      await until("the hub has its stream and its consumer", () => {
        cli(centreUrl, ["stream", "add", "--config", join(files, "readings.json")]);
        cli(centreUrl, ["consumer", "add", "readings", "--config", join(files, "telegraf.json")]);
        return cli(centreUrl, ["consumer", "info", "readings", "telegraf"]).includes("deliver.telegraf");
      });
    },
    atHub: (...args) => cli(`nats://shed:${SHED_PASSWORD}@127.0.0.1:${hubPort}`, args),
    atLeaf: (...args) => cli(`nats://127.0.0.1:${leafPort}`, args),
    async stored() {
      const points = await influx.points("battery");
      return points.map(({ tags: { meter = "", site = "" }, fields: { polls = "" } }) => ({
        meter,
        site,
        poll: Number(polls.split(" ")[1]),
      }));
    },
    logs: () =>
      Object.entries(parts)
        .map(([name, { log }]) => [`${name}:`, ...log].join("\n  "))
        .join("\n"),
  };
  for (const part of ["leaf", "site", "hub"] as const) await chain.start(part);
  await until("the site's stream is there", () => chain.atLeaf("stream", "info", "readings").includes("battery.shed"));
  // A hub that asks for the readings before it reaches the site's stream asks again after 40 s.
  const isLinked = (line: string) => /JetStream using domains|JetStream Domain Mapping/.test(line);
  await until("the link is there", () => parts.leaf.log.some(isLinked));
  await chain.setUpHub();
  await chain.start("centre");
  return chain;
}
