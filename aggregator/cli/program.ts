import { join } from "node:path";
import { defineCommand } from "../../common/cli/command.ts";
import type { Program } from "../../common/cli/command-line.ts";
import { readHostKey } from "../../common/hosts/host-key.ts";
import { formatTcpEndpoint, isTcp, parseTcpEndpoint, type TcpEndpoint } from "../../common/hosts/tcp-endpoint.ts";
import type { LogLevel } from "../../common/runtime/log.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { connectNotify } from "../../common/systemd/notify.ts";
import { defaultEndpoint, feedEndpoint } from "../../common/wire/endpoint.ts";
import { openZeromqServer } from "../intake/zeromq-server.ts";
import { openLiveFeed } from "../live-feed.ts";
import type { NetworkOptions } from "../network/hosts.ts";
import type { OutputUrl } from "../outputs/output-url.ts";
import { serve } from "../serve.ts";
import { hasService } from "../service-settings.ts";
import { AGGREGATOR_OPTIONS } from "./options.ts";
import { serviceOptions } from "./service-options.ts";

export interface AggregatorOptions {
  /** None twice. Undefined for the default. */
  readonly outputs: readonly OutputUrl[] | undefined;
  /** Undefined for the default that both programs compute. */
  readonly endpoint: string | undefined;
  /** Addresses at which agents of other hosts deliver. */
  readonly networkEndpoints: readonly TcpEndpoint[];
  /** File of this host's key; undefined for the service's credential. */
  readonly hostKey: string | undefined;
  /** File of the known hosts. */
  readonly hosts: string;
  /** Undefined for the default beside the endpoint. */
  readonly feed: string | undefined;
  /** Time that Telegraf may take from reading to storing. */
  readonly settleMs: number;
  readonly logLevel: LogLevel;
  /** Only check the outputs. */
  readonly check: boolean;
  /** Print the result of `check` as JSON. */
  readonly json: boolean;
  /** Telegraf's configuration for `check`, files or directories; absent: where Telegraf's packages install it. */
  readonly telegrafConfig?: readonly string[];
}

const run = defineCommand({
  name: "",
  about: "Receives the readings of all agents and writes them as CSV to Telegraf or to stdout.",
  options: AGGREGATOR_OPTIONS,
  examples: [
    ["bms-aggregator", "print readings"],
    ["bms-aggregator --output unix:///run/telegraf/bms.sock", "feed Telegraf"],
    ["bms-aggregator --check", "find out why Telegraf receives nothing from the service"],
    ["bms-aggregator --endpoint tcp://0.0.0.0:8471 --host-key host.key --hosts hosts", "also receive from other hosts"],
    ['BMS_OUTPUT="unix:///run/telegraf/bms.sock -" bms-aggregator', "both, as a service sets them"],
  ],
  read({ values: { output, endpoint = [], settle, telegrafConfig, ...values } }): AggregatorOptions {
    const network = [...new Set(endpoint)].filter(isTcp);
    const [local, another] = endpoint.filter((url) => !isTcp(url));
    if (another !== undefined)
      throw new UsageError(`--endpoint ${another}: ${local} is given already; one socket is enough`);
    return {
      ...values,
      endpoint: local,
      networkEndpoints: network.map(parseTcpEndpoint),
      outputs: output && [...new Set(output)],
      settleMs: settle * 1000,
      ...(telegrafConfig && { telegrafConfig }),
    };
  },
  async run(options, { env, uid, clock, stop, stdout, print, createLog, onStatusRequest }) {
    if (options.check) {
      const checked =
        options.outputs || !hasService() ? { ...options, outputs: options.outputs ?? STDOUT } : serviceOptions();
      const [{ checkOutputs }, { formatReport }] = await Promise.all([
        import("../check/check.ts"),
        import("../check/finding.ts"),
      ]);
      const report = await checkOutputs(checked.outputs, checked);
      print(options.json ? `${JSON.stringify(report)}\n` : formatReport(report));
      return report.ok ? 0 : 1;
    }
    const { endpoint = defaultEndpoint(env, uid), outputs = STDOUT } = options;
    const { feed = feedEndpoint(endpoint) } = options;
    const log = createLog(options.logLevel, "bms-aggregator");
    const notify = await connectNotify(env, stop, { clock, log });
    const openReceiver = openZeromqServer;
    const openFeed = openLiveFeed;
    const runtimeDirectory = env.RUNTIME_DIRECTORY;
    const stateDirectory = env.STATE_DIRECTORY;
    const network = networkOptions(options, env.CREDENTIALS_DIRECTORY);
    const deps = {
      openReceiver,
      openFeed,
      stdout,
      notify,
      runtimeDirectory,
      stateDirectory,
      onStatusRequest,
      clock,
      log,
      stop,
    };
    await serve({ ...options, outputs, endpoint, feed, ...(network && { network }) }, deps);
    return 0;
  },
});

/** Undefined without an endpoint on the network. @throws {UsageError} without a usable key */
function networkOptions(
  { networkEndpoints: endpoints, hostKey, hosts: hostsFile }: AggregatorOptions,
  credentials: string | undefined,
): NetworkOptions | undefined {
  const [first] = endpoints;
  if (!first) return undefined;
  const file = hostKey ?? (credentials && join(credentials, HOST_KEY_CREDENTIAL));
  const key = file === undefined ? undefined : readHostKey(file);
  if (!key) throw new UsageError(`--endpoint ${formatTcpEndpoint(first)} needs a key: sudo bmsctl pair makes one`);
  return { endpoints, key, hostsFile };
}

const HOST_KEY_CREDENTIAL = "host-key";

const STDOUT: readonly OutputUrl[] = ["-"];

export const AGGREGATOR: Program = { name: "bms-aggregator", commands: [run] };
