import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { printable } from "../../common/model/printable.ts";
import { type Clock, within } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { Program } from "../program.ts";

/** The ports that are tried without `--http`. */
const PORTS = Array.from({ length: 10 }, (_, index) => 8470 + index);
/** Time in which the page must be there before the batteries are started, ms. */
const START_MS = 5_000;
/** Time that the viewer has to end, ms. */
const STOP_MS = 2_000;

/** The page of the demo. */
export interface Page {
  /** Undefined if there is none. */
  readonly address: string | undefined;
  stop(): Promise<void>;
}

export const NO_PAGE: Page = { address: undefined, stop: async () => {} };

export interface PageDeps {
  /** Starts the viewer at an address and port. */
  startViewer(http: string): Program;
  /** The viewer makes it where it asks browsers for a token. */
  readonly tokenFile: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Starts the page, at the first free port from 8470 if no address is given. The readings do without it: its failure, now or
 * later, is one line in the log.
 */
export async function startPage(
  http: string | undefined,
  { startViewer, tokenFile, clock, log }: PageDeps,
): Promise<Page> {
  const free = http ?? (await firstFree(PORTS));
  if (free === undefined) {
    log.warn(`no page: the ports ${PORTS[0]} to ${PORTS.at(-1)} are taken: name another with --http 127.0.0.1:PORT`);
    return NO_PAGE;
  }
  const viewer = startViewer(free);
  const why = () => printable(viewer.stderr.at(-1) ?? "the program cannot be started");
  let isStopping = false;
  const ended = viewer.ended.catch(() => undefined);
  const stop = async () => {
    isStopping = true;
    viewer.process.kill("SIGTERM");
    await within(clock, STOP_MS, ended);
    viewer.process.kill("SIGKILL");
  };
  const started = viewer.logged(/ at http:\S+$/).catch(() => undefined);
  const line = await within(clock, START_MS, started);
  const address = line?.split(" ").at(-1);
  if (address === undefined) {
    log.warn(`no page: ${why()}`);
    await stop();
    return NO_PAGE;
  }
  void ended.then(() => isStopping || log.warn(`the page has ended, the readings go on: ${why()}`));
  return { address: reachable(address, tokenFile), stop };
}

/** The address for a browser, also on another device: with the token if there is one, and with an address that has a way to it. */
function reachable(address: string, tokenFile: string): string {
  const url = new URL(address);
  const external = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = external.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
  if (["0.0.0.0", "[::]"].includes(url.hostname) && own !== undefined) url.hostname = own;
  if (existsSync(tokenFile)) url.searchParams.set("token", readFileSync(tokenFile, "utf8").trim());
  return url.href;
}

async function firstFree(ports: readonly number[]): Promise<string | undefined> {
  for (const port of ports) if (await isFree(port)) return `127.0.0.1:${port}`;
  return undefined;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
