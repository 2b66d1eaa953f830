import { nonEmpty, type OptionRow, onOff, SHARED_OPTIONS, seconds } from "../../common/cli/option.ts";
import { KNOWN_HOSTS_FILE } from "../../common/hosts/known-hosts.ts";
import { formatTcpEndpoint, isTcp, parseTcpEndpoint } from "../../common/hosts/tcp-endpoint.ts";
import { TELEGRAF_CONFIGURATION } from "../check/telegraf-paths.ts";
import { parseOutput } from "../outputs/output-url.ts";

/** An endpoint of this machine or of the network. */
function parseEndpoint(text: string): string | undefined {
  if (!isTcp(text)) return SHARED_OPTIONS.endpoint.parse(text);
  try {
    return formatTcpEndpoint(parseTcpEndpoint(text));
  } catch {
    return undefined;
  }
}

/** Every option of bms-aggregator. */
export const AGGREGATOR_OPTIONS = {
  output: {
    flags: "--output <url...>",
    about: "destination of the readings, one or several: unix:///path, a socket of Telegraf, or - for stdout",
    isList: true,
    presetText: "-; with --check the outputs of the installed service",
    parse: parseOutput,
    rule: "unix:///path/to/socket, at most 107 bytes long, or - for stdout",
  },
  endpoint: {
    ...SHARED_OPTIONS.endpoint,
    flags: "--endpoint <url...>",
    about:
      "socket on which it receives readings; beside it one or several addresses for agents of other hosts, such as tcp://0.0.0.0:8471 (see bmsctl pair)",
    isList: true,
    parse: parseEndpoint,
    rule: `${SHARED_OPTIONS.endpoint.rule}, or tcp://ADDRESS:PORT`,
  },
  hostKey: {
    flags: "--host-key <file>",
    about: "with tcp://: the file with this host's key, which bmsctl pair makes",
    presetText: "host-key in $CREDENTIALS_DIRECTORY, which systemd sets",
    completes: "file",
    ...nonEmpty("the path of a file"),
  },
  hosts: {
    flags: "--hosts <file>",
    about: "with tcp://: the file with the public keys of the hosts that may deliver",
    preset: KNOWN_HOSTS_FILE,
    completes: "file",
    ...nonEmpty("the path of a file"),
  },
  feed: SHARED_OPTIONS.feed,
  settle: {
    flags: "--settle <seconds>",
    about: "time that Telegraf may take from reading a row to storing it: more than flush_interval and flush_jitter",
    preset: 30,
    ...seconds(0, 86_400, "30"),
  },
  logLevel: SHARED_OPTIONS.logLevel,
  check: {
    flags: "--check",
    about:
      "report what keeps readings from each output, or would lose or corrupt them in Telegraf; accepts no readings",
    ...onOff,
  },
  json: { ...SHARED_OPTIONS.json, about: "with --check: print the report as JSON" },
  telegrafConfig: {
    flags: "--telegraf-config <path...>",
    about: "Telegraf's configuration for --check: files, or directories of them",
    isList: true,
    presetText: TELEGRAF_CONFIGURATION.join(" "),
    completes: "file",
    ...nonEmpty("the path of a file or directory"),
  },
} satisfies Readonly<Record<string, OptionRow>>;
