import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { startProcess } from "../../../simulator/program.ts";
import { freePort } from "../../support/free-port.ts";
import { TELEGRAF } from "../telegraf/telegraf.ts";
import { adapted, type NatsVersion } from "./adapted.ts";
import { type Link, openLink } from "./link.ts";
import { withUsers } from "./many.ts";
import { createPart, type Part } from "./part.ts";

export interface NatsServer {
  readonly command: string;
  readonly version: NatsVersion;
}

/** Passwords of the users in nats/centre.conf. */
export const PASSWORDS = { CENTRE_PASSWORD: "centre-secret", SHED_PASSWORD: "shed-secret" };

/** A machine of the centre: nats-server, and the Telegraf that reads from it. */
export interface Hub {
  readonly name: string;
  readonly server: Part;
  readonly telegraf: Part;
  /** Between a site and this hub. */
  readonly link: Link;
  /** `nats://USER:PASSWORD@…` for the command nats. */
  url(user: "centre" | "shed"): string;
  readonly clusterPort: number;
  /** Deletes everything that the server has stored, which must be ended. */
  loseDisk(): void;
  /** Adds nats/cluster.conf to the server's configuration, which must be ended. */
  join(others: readonly Hub[]): void;
}

export interface HubOptions {
  readonly nats: NatsServer;
  /** Holds the certificates and the agent.conf of Telegraf. */
  readonly folder: string;
  readonly databasePort: number;
  /** Default: shed alone. */
  readonly sites?: readonly string[];
}

/** Writes the configuration of a hub, and starts nothing. */
export async function createHub(t: TestContext, name: string, options: HubOptions): Promise<Hub> {
  const { nats, folder, databasePort, sites = ["shed"] } = options;
  const own = join(folder, name);
  const store = join(own, "store");
  mkdirSync(store, { recursive: true });
  const [port, sitesPort, clusterPort] = [await freePort(), await freePort(), await freePort()];
  const link = await openLink(t, sitesPort);
  const server = { "127.0.0.1:4222": `127.0.0.1:${port}` };
  const certificates = { "/etc/nats": folder };
  const serverFile = join(own, "nats-server.conf");
  const telegrafFile = join(own, "centre.conf");
  const forShed = adapted(
    "nats/centre.conf",
    {
      ...server,
      ...certificates,
      "server_name: hub": `server_name: ${name}`,
      "/var/lib/nats": store,
      "0.0.0.0:7422": `127.0.0.1:${sitesPort}`,
      "hub.example:7422": `localhost:${link.port}`,
    },
    nats.version,
  );
  const configuration = withUsers(forShed, sites);
  writeFileSync(serverFile, configuration);
  const database = { "127.0.0.1:8428": `127.0.0.1:${databasePort}` };
  writeFileSync(telegrafFile, adapted("telegraf/centre.conf", { ...server, ...database }));
  const telegrafArgs = ["--config", join(folder, "agent.conf"), "--config", telegrafFile];
  const { CENTRE_PASSWORD, SHED_PASSWORD } = PASSWORDS;
  const passwordOf = { centre: CENTRE_PASSWORD, shed: SHED_PASSWORD };
  return {
    name,
    link,
    clusterPort,
    server: createPart(t, () => startProcess(nats.command, ["-c", serverFile], { env: PASSWORDS })),
    telegraf: createPart(t, () => startProcess(TELEGRAF, telegrafArgs, { env: { CENTRE_PASSWORD } })),
    url: (user) => `nats://${user}:${passwordOf[user]}@127.0.0.1:${port}`,
    loseDisk() {
      rmSync(store, { recursive: true });
      mkdirSync(store);
    },
    join(others) {
      const [second, third] = others;
      const cluster = adapted("nats/cluster.conf", {
        ...certificates,
        "0.0.0.0:6222": `127.0.0.1:${clusterPort}`,
        "hub2.example:6222": `localhost:${second?.clusterPort}`,
        "hub3.example:6222": `localhost:${third?.clusterPort}`,
      });
      mkdirSync(join(own, "nats"), { recursive: true });
      writeFileSync(join(own, "nats/cluster.conf"), cluster);
      writeFileSync(serverFile, `${configuration}\ninclude "nats/cluster.conf"\n`);
    },
  };
}
