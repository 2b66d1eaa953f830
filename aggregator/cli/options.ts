import { nonEmpty, type OptionRow, onOff, SHARED_OPTIONS, seconds } from "../../common/cli/option.ts";
import { TELEGRAF_CONFIGURATION } from "../check/telegraf-paths.ts";
import { parseOutput } from "../outputs/output-url.ts";

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
  endpoint: SHARED_OPTIONS.endpoint,
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
