import assert from "node:assert/strict";
import { test } from "node:test";
import { AGGREGATOR, type AggregatorOptions } from "../../../../aggregator/cli/program.ts";
import { readCommandLine } from "../../../../common/cli/command-line.ts";
import type { Environment } from "../../../../common/cli/option.ts";
import { UsageError } from "../../../../common/runtime/usage-error.ts";

const PRESET: AggregatorOptions = {
  outputs: undefined,
  endpoint: undefined,
  networkEndpoints: [],
  hostKey: undefined,
  hosts: "/etc/bms/hosts",
  feed: undefined,
  settleMs: 30_000,
  logLevel: "info",
  check: false,
  json: false,
};
const read = (words: string, env: Environment = {}) =>
  readCommandLine(AGGREGATOR, "1.2.3", words.split(" ").filter(Boolean), env);

function optionsOf(words: string, env: Environment = {}): unknown {
  const request = read(words, env);
  assert.ok("run" in request, "text instead of options");
  return request.options;
}

const GIVEN: [words: string, env: Environment, expected: Partial<AggregatorOptions>][] = [
  ["", {}, {}],
  ["--output -", {}, { outputs: ["-"] }],
  ["--output unix:///a.sock --output -", {}, { outputs: ["unix:///a.sock", "-"] }],
  ["--output unix:///a.sock unix:///b.sock", {}, { outputs: ["unix:///a.sock", "unix:///b.sock"] }],
  ["--output - --output -", {}, { outputs: ["-"] }],
  ["", { BMS_OUTPUT: " unix:///a.sock  unix:///b.sock " }, { outputs: ["unix:///a.sock", "unix:///b.sock"] }],
  ["--output -", { BMS_OUTPUT: "unix:///a.sock" }, { outputs: ["-"] }],
  ["--endpoint ipc:///run/x.sock", {}, { endpoint: "ipc:///run/x.sock" }],
  ["--settle 12.5", {}, { settleMs: 12_500 }],
  ["--settle 0", { BMS_SETTLE: "9" }, { settleMs: 0 }],
  ["", { BMS_SETTLE: "9" }, { settleMs: 9_000 }],
  ["--log-level debug", { BMS_LOG_LEVEL: "error" }, { logLevel: "debug" }],
  ["", { BMS_LOG_LEVEL: "error" }, { logLevel: "error" }],
  ["--check", {}, { check: true }],
  ["", { BMS_CHECK: "yes" }, { check: true }],
  ["--check --json", {}, { check: true, json: true }],
  ["", { BMS_CHECK: "0", BMS_OUTPUT: "" }, {}],
  ["--telegraf-config a.conf --telegraf-config b", {}, { telegrafConfig: ["a.conf", "b"] }],
  ["", { BMS_TELEGRAF_CONFIG: "/etc/a.conf /etc/b.d" }, { telegrafConfig: ["/etc/a.conf", "/etc/b.d"] }],
];

for (const [words, env, expected] of GIVEN) {
  test(`${words || "nothing"} with ${JSON.stringify(env)}`, () => {
    assert.deepEqual(optionsOf(words, env), { ...PRESET, ...expected });
  });
}

const REFUSED: [words: string, env: Environment, sentence: RegExp][] = [
  ["--output tcp://x", {}, /^--output "tcp:\/\/x": expected unix:\/\/\/path\/to\/socket, .*or - for stdout$/],
  ["", { BMS_OUTPUT: "- nowhere" }, /^BMS_OUTPUT "nowhere": expected unix:/],
  ["--output", {}, /argument missing.*--help/],
  ["--endpoint /run/x.sock", {}, /^--endpoint "\/run\/x\.sock": expected ipc:\/\//],
  ["--settle soon", {}, /^--settle "soon": expected seconds from 0 to 86400/],
  ["--settle -1", {}, /^--settle "-1": expected seconds/],
  ["", { BMS_LOG_LEVEL: "loud" }, /^BMS_LOG_LEVEL "loud": expected one of error, warn, info, debug$/],
  ["--colour", {}, /unknown option '--colour'.*--help/],
  ["extra", {}, /^unexpected argument 'extra'.*--help/],
];

for (const [words, env, sentence] of REFUSED) {
  test(`refuses ${words} with ${JSON.stringify(env)} in one line`, () => {
    assert.throws(
      () => read(words, env),
      (error) => error instanceof UsageError && sentence.test(error.message) && !error.message.includes("\n"),
    );
  });
}

test("--help shows every option with its variable, and --version prints the version", () => {
  const help = read("--help");
  assert.ok("text" in help);
  for (const word of ["--output", "BMS_OUTPUT", "--endpoint", "--settle", "BMS_LOG_LEVEL", "--check", "Exit status"]) {
    assert.ok(help.text.includes(word), word);
  }
  assert.deepEqual(read("--version"), { text: "1.2.3\n" });
});
