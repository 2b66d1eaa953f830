// cspell:ignore adress
import assert from "node:assert/strict";
import { test } from "node:test";
import type { InfoOptions } from "../../../../agent/cli/commands/info.ts";
import { type RunOptions, run } from "../../../../agent/cli/commands/run.ts";
import { AGENT } from "../../../../agent/cli/program.ts";
import { DRIVERS } from "../../../../agent/drivers/registry.ts";
import { readCommandLine } from "../../../../common/cli/command-line.ts";
import { flagOf, variableOf } from "../../../../common/cli/option.ts";
import { UsageError } from "../../../../common/runtime/usage-error.ts";

const MAC = "A4:C1:37:00:00:01";

const read = (line: string, env: Record<string, string> = {}) =>
  readCommandLine(AGENT, "1.2.3", line.split(/\s+/).filter(Boolean), env);

function optionsOf<Options>(line: string, env: Record<string, string> = {}): Options {
  const request = read(line, env);
  assert.ok("run" in request, "text instead of a command");
  return request.options as Options;
}

test("the three flags of the original are enough", () => {
  assert.deepEqual(optionsOf<RunOptions>(`-b ${MAC} -i 30 -m solar`), {
    address: MAC,
    drivers: DRIVERS,
    radio: { kind: "auto" },
    pin: undefined,
    capture: undefined,
    logLevel: "info",
    periodMs: 30_000,
    meter: "solar",
    endpoint: undefined,
    keys: undefined,
    spool: undefined,
    once: false,
  });
});

test("the address alone is enough: every 10 s, under the address", () => {
  const { address, periodMs, meter } = optionsOf<RunOptions>("-b a4-c1-37-00-00-01");
  assert.deepEqual({ address, periodMs, meter }, { address: MAC, periodMs: 10_000, meter: MAC });
});

test("every option has a long form", () => {
  const line = `--address ${MAC} --interval 0.5 --meter bms --driver auto --adapter hci1 --radio simulated
    --pin-file /etc/bms/pin --endpoint ipc:///tmp/x.sock --spool /var/spool/bms --spool-when always --once --capture c.jsonl --log-level debug`;
  const options = optionsOf<RunOptions>(line, { BMS_SIMULATOR: "/tmp/simulator.sock" });
  assert.deepEqual(options, {
    address: MAC,
    drivers: DRIVERS,
    radio: { kind: "simulated", adapter: "hci1", simulator: "/tmp/simulator.sock" },
    pin: { file: "/etc/bms/pin" },
    capture: "c.jsonl",
    logLevel: "debug",
    periodMs: 500,
    meter: "bms",
    endpoint: "ipc:///tmp/x.sock",
    keys: undefined,
    spool: { folder: "/var/spool/bms", when: "always" },
    once: true,
  });
});

test("every option can come from the environment", () => {
  const environment = {
    BMS_ADDRESS: MAC,
    BMS_INTERVAL: "0.5",
    BMS_METER: "bms",
    BMS_DRIVER: "auto",
    BMS_ADAPTER: "hci1",
    BMS_RADIO: "hci",
    BMS_PIN: "123456",
    BMS_ENDPOINT: "ipc:///tmp/x.sock",
    BMS_SPOOL: "/var/spool/bms",
    BMS_SPOOL_WHEN: "away",
    BMS_ONCE: "yes",
    BMS_CAPTURE: "c.jsonl",
    BMS_LOG_LEVEL: "warn",
  };
  assert.deepEqual(optionsOf<RunOptions>("", environment), {
    address: MAC,
    drivers: DRIVERS,
    radio: { kind: "hci", adapter: "hci1" },
    pin: { text: "123456" },
    capture: "c.jsonl",
    logLevel: "warn",
    periodMs: 500,
    meter: "bms",
    endpoint: "ipc:///tmp/x.sock",
    keys: undefined,
    spool: { folder: "/var/spool/bms", when: "away" },
    once: true,
  });
  assert.equal(optionsOf<InfoOptions>("info", { BMS_ADDRESS: MAC, BMS_JSON: "1" }).json, true);
});

test("the command line wins over the environment; an empty variable counts as absent", () => {
  const env = { BMS_ADDRESS: "A4:C1:37:00:00:02", BMS_INTERVAL: "nonsense", BMS_PIN_FILE: "/x", BMS_METER: "" };
  const options = optionsOf<RunOptions>(`-b ${MAC} -i 1 --pin 111111`, env);
  assert.equal(options.address, MAC);
  assert.equal(options.periodMs, 1_000);
  assert.deepEqual(options.pin, { text: "111111" });
  assert.equal(options.meter, MAC);
});

test("readings are spooled in the service's directory, in another, or nowhere", () => {
  const service = { STATE_DIRECTORY: "/var/lib/bms/agent-solar" };
  const spoolOf = (line: string, env = {}) => optionsOf<RunOptions>(`-b ${MAC} ${line}`, env).spool;
  assert.equal(spoolOf(""), undefined);
  assert.deepEqual(spoolOf("", service), { folder: "/var/lib/bms/agent-solar", when: "away" });
  assert.deepEqual(spoolOf("--spool always", service), { folder: "/var/lib/bms/agent-solar", when: "always" });
  assert.deepEqual(spoolOf("", { ...service, BMS_SPOOL: "always" })?.when, "always");
  assert.deepEqual(spoolOf("--spool-when always", service), { folder: "/var/lib/bms/agent-solar", when: "always" });
  assert.deepEqual(spoolOf("--spool ./always", service), { folder: "./always", when: "away" });
  assert.throws(() => spoolOf("--spool always"), {
    name: "UsageError",
    message: /no directory to spool to: give --spool/,
  });
  assert.throws(() => spoolOf("--spool-when never"), /expected one of away, always/);
});

test("a service's name is the meter's name, or the address", () => {
  const named = optionsOf<RunOptions>("", { BMS_INSTANCE: "solar", BMS_ADDRESS: MAC });
  assert.deepEqual([named.address, named.meter], [MAC, "solar"]);
  const bare = optionsOf<RunOptions>("", { BMS_INSTANCE: MAC });
  assert.deepEqual([bare.address, bare.meter], [MAC, MAC]);
});

test("info and replay take their own options behind their names", () => {
  assert.equal(optionsOf<InfoOptions>(`info -b ${MAC} --json`).json, true);
  assert.equal(optionsOf<{ file: string }>("replay trouble.jsonl").file, "trouble.jsonl");
});

for (const [about, line, env, message] of [
  ["no device", "", {}, /--address.*BMS_ADDRESS/],
  ["a service without a device", "", { BMS_INSTANCE: "solar" }, /BMS_ADDRESS=.* into \/etc\/bms\/agents\/solar\.env$/],
  ["no address", "-b 12:34", {}, /^--address "12:34": expected six pairs/],
  ["an interval of nothing", `-b ${MAC} -i 0`, {}, /^--interval "0": expected seconds from 0.05 to 86400/],
  ["a negative interval", `-b ${MAC} -i -5`, {}, /^--interval "-5": expected seconds/],
  ["an interval beyond a day", `-b ${MAC} -i 86401`, {}, /^--interval/],
  ["an interval with a unit", `-b ${MAC} -i 10s`, {}, /^--interval "10s"/],
  ["a bad variable", `-b ${MAC}`, { BMS_INTERVAL: "often" }, /^BMS_INTERVAL "often": expected seconds/],
  ["a bad switch in a variable", `-b ${MAC}`, { BMS_ONCE: "maybe" }, /^BMS_ONCE "maybe": expected 1 or 0/],
  ["a meter that CSV cannot hold", `-b ${MAC} -m a,b`, {}, /^--meter "a,b": expected up to 64 letters/],
  ["an unknown driver", `-b ${MAC} --driver acme`, {}, /^--driver "acme": expected one of auto/],
  ["an unknown radio", `-b ${MAC} --radio x`, {}, /^--radio "x": expected one of auto, bluez, hci, simulated/],
  ["a simulated radio without a simulator", `-b ${MAC} --radio simulated`, {}, /BMS_SIMULATOR/],
  ["an odd adapter", `-b ${MAC} --adapter usb0`, {}, /^--adapter "usb0": expected a name such as hci0/],
  [
    "an endpoint over the network without keys",
    `-b ${MAC} --endpoint tcp://x:1`,
    {},
    /^tcp:\/\/x:1 needs keys: run sudo bmsctl pair on the aggregator's host and sudo bmsctl join LINE here$/,
  ],
  ["an unknown level", `-b ${MAC} --log-level loud`, {}, /^--log-level "loud": expected one of error/],
  [
    "two passwords",
    `-b ${MAC} --pin 1 --pin-file x`,
    {},
    /'--pin <pin>' cannot be used with option '--pin-file <file>'/,
  ],
  [
    "two passwords in the environment",
    `-b ${MAC}`,
    { BMS_PIN: "1", BMS_PIN_FILE: "x" },
    /BMS_PIN cannot be used with BMS_PIN_FILE/,
  ],
  ["an unknown option", "--foo", {}, /^unknown option '--foo'.*bms-agent --help/],
  ["a mistyped option", `--adress ${MAC}`, {}, /Did you mean --address/],
  ["an option without its value", "-b", {}, /argument missing/],
  ["an unknown command", "frobnicate", {}, /^unknown command 'frobnicate'.*bms-agent --help/],
  ["options in front of a command", `-b ${MAC} info`, {}, /^options belong after the command: bms-agent info/],
  ["a command that moved", "add solar --untested", {}, /^bms-agent add is now: bmsctl add$/],
  ["replay of nothing", "replay", {}, /missing required argument 'file'/],
  ["replay of two files", "replay a b", {}, /'b' is one argument too many for replay/],
] as const) {
  test(`${about} is refused in one line with a remedy`, () => {
    assert.throws(
      () => read(line, env),
      (error) => error instanceof UsageError && message.test(error.message) && !error.message.includes("\n"),
    );
  });
}

test("the service's credential is the password, unless an option gives another", () => {
  const env = { CREDENTIALS_DIRECTORY: "/run/credentials/bms-agent@solar.service" };
  const pinOf = (line: string, more = {}) => optionsOf<RunOptions>(`-b ${MAC} ${line}`, { ...env, ...more }).pin;
  assert.deepEqual(pinOf(""), { credential: "/run/credentials/bms-agent@solar.service/pin" });
  assert.deepEqual(pinOf("--pin-file /x"), { file: "/x" });
  assert.deepEqual(pinOf("", { BMS_PIN: "123456" }), { text: "123456" });
});

test("a password is never part of an error", () => {
  for (const env of [{ BMS_PIN: "654321", BMS_INTERVAL: "x" }, { BMS_PIN: "654321" }]) {
    assert.throws(
      () => read("", env),
      (error) => error instanceof UsageError && !error.message.includes("654321"),
    );
  }
});

test("help shows every option with its variable, every command, examples, exit status", () => {
  const request = read("--help");
  assert.ok("text" in request);
  for (const row of Object.values(run.options)) {
    assert.match(request.text, new RegExp(`${flagOf(row)} (.|\\n)*${variableOf(row)}`));
  }
  assert.match(request.text, /Examples:\n {2}bms-agent -b A4:C1:37:00:00:01 -i 10 -m bms /);
  assert.match(request.text, /info \[options\].*replay \[options\] <file>/s);
  assert.match(request.text, /Exit status: 0 done/);
  const ofInfo = read("info --help");
  assert.ok("text" in ofInfo);
  assert.match(ofInfo.text, /--json.*BMS_JSON.*Examples:/s);
});

test("--version prints the version", () => {
  assert.deepEqual(read("--version"), { text: "1.2.3\n" });
});

for (const columns of [40, 60, 100, 250]) {
  test(`on a terminal of ${columns} columns the help is wrapped at ${Math.min(columns, 100)}`, () => {
    const { text } = readCommandLine(AGENT, "1.2.3", ["--help"], {}, columns) as { text: string };
    const [wrapped = ""] = text.split("\nExamples:");
    const widest = Math.max(...wrapped.split("\n").map((line) => line.length));
    // A word that is longer than its column, such as a path, stays whole.
    assert.ok(widest <= Math.min(columns, 100) || columns === 40, `${widest}`);
    assert.match(text, /^Usage: bms-agent .*\n\nPolls one battery/);
  });
}

test("the help names the commands before the options", () => {
  const { text } = readCommandLine(AGENT, "1.2.3", ["--help"], {}) as { text: string };
  assert.ok(text.indexOf("Other commands: scan, info, replay") < text.indexOf("Options:"));
});
