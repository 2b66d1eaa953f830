import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { TestContext } from "node:test";
import type { Dealer } from "zeromq";
import { openZeromqServer } from "../../aggregator/intake/zeromq-server.ts";
import { openLiveFeed } from "../../aggregator/live-feed.ts";
import { serve } from "../../aggregator/serve.ts";
import { createHostKey, type HostKey } from "../../common/hosts/host-key.ts";
import { addKnownHost } from "../../common/hosts/known-hosts.ts";
import { makeRouteToken } from "../../common/hosts/route-token.ts";
import { type AggregatorStatus, type HostStatus, parseAggregatorStatus } from "../../common/model/status.ts";
import { systemClock } from "../../common/runtime/clock.ts";
import { readStatusFile, statusPath } from "../../common/runtime/status-file.ts";
import { silentNotify } from "../../common/systemd/notify.ts";
import { feedEndpoint } from "../../common/wire/endpoint.ts";
import { loadZeromq } from "../../common/wire/zeromq.ts";
import { freePort } from "./free-port.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** An aggregator on 127.0.0.1, to which the hosts `shed` and `boat` may deliver. */
export interface NetworkAggregator {
  readonly port: number;
  readonly local: string;
  readonly key: HostKey;
  readonly keys: { readonly shed: HostKey; readonly boat: HostKey };
  /** Documents on its standard output. */
  readonly documents: readonly string[];
  readonly logged: readonly string[];
  readonly folder: string;
  /** Writes the file of known hosts with these. */
  know(...names: readonly ("shed" | "boat")[]): void;
  status(): AggregatorStatus;
  host(name: string): HostStatus | undefined;
  stop(): Promise<void>;
}

export async function networkAggregator(t: TestContext): Promise<NetworkAggregator> {
  const folder = await temporaryFolder(t);
  // The status is written more often.
  const clock = { ...systemClock, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 40, signal) };
  const [key, shed, boat] = ["house", "shed", "boat"].map((name) => createHostKey(join(folder, `${name}.key`)));
  if (!key || !shed || !boat) throw new Error("no keys");
  const keys = { shed, boat };
  const hostsFile = join(folder, "hosts");
  const know = (...names: readonly ("shed" | "boat")[]) => {
    const text = names.reduce((lines, name) => addKnownHost(lines, { name, publicKey: keys[name].publicKey }), "");
    writeFileSync(hostsFile, text);
  };
  know("shed", "boat");
  const local = `ipc://${join(folder, "readings.sock")}`;
  const port = await freePort();
  const documents: string[] = [];
  const logged: string[] = [];
  const write = (line: string) => void logged.push(line);
  const stdout = new PassThrough({ encoding: "utf8" });
  stdout.on("data", (text: string) => documents.push(...text.split("\n\n").filter(Boolean)));
  const stopping = new AbortController();
  const serving = serve(
    {
      outputs: ["-"],
      endpoint: local,
      feed: feedEndpoint(local),
      settleMs: 0,
      network: { endpoints: [{ host: "127.0.0.1", port }], key, hostsFile },
    },
    {
      openReceiver: openZeromqServer,
      openFeed: openLiveFeed,
      stdout,
      notify: silentNotify,
      runtimeDirectory: folder,
      stateDirectory: folder,
      clock,
      log: { error: write, warn: write, info: write, debug: write },
      stop: stopping.signal,
    },
  );
  const stop = () => {
    stopping.abort();
    return serving;
  };
  t.after(stop);
  const status = () => {
    const read = readStatusFile(statusPath(folder), parseAggregatorStatus);
    if (!read) throw new Error("no status yet");
    return read;
  };
  return {
    port,
    local,
    key,
    keys,
    documents,
    logged,
    folder,
    know,
    status,
    host: (name) => status().hosts?.find((each) => each.name === name),
    stop,
  };
}

/** The socket of an agent on another host, connected. */
export function agentSocket(
  t: TestContext,
  { key, port }: Pick<NetworkAggregator, "key" | "port">,
  own: HostKey,
  routingId = makeRouteToken(own, key.publicKey),
): Dealer {
  const { Dealer } = loadZeromq();
  const socket = new Dealer({
    linger: 0,
    curveServerKey: key.publicKey,
    curvePublicKey: own.publicKey,
    curveSecretKey: own.secretKey,
    routingId,
    reconnectInterval: 20,
  });
  socket.connect(`tcp://127.0.0.1:${port}`);
  t.after(() => socket.close());
  return socket;
}
