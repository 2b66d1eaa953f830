import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { replay } from "../../../../../agent/cli/commands/replay.ts";
import { redactor } from "../../../../../agent/drivers/jbd/redact.ts";
import { DRIVERS } from "../../../../../agent/drivers/registry.ts";
import type { CommandDeps } from "../../../../../common/cli/command.ts";
import { systemClock } from "../../../../../common/runtime/clock.ts";
import { createLog } from "../../../../../common/runtime/log.ts";
import { UsageError } from "../../../../../common/runtime/usage-error.ts";
import { FIXTURES, type Fixture, fixturesOf } from "../../../../support/fixture.ts";
import { fc } from "../../../../support/property.ts";

/** The command as the program runs it: its exit status, the lines on stdout and on stderr. */
async function runReplay(file: string, driver?: string, pin?: string, stop = new AbortController()) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const deps: CommandDeps = {
    env: {},
    uid: 0,
    clock: systemClock,
    random: Math.random,
    stop: stop.signal,
    onStatusRequest: () => {},
    onFatal: () => {},
    stdout: new PassThrough(),
    print: (text) => void stdout.push(text.trimEnd()),
    terminal: () => undefined,
    progress: () => {},
    createLog: (level) =>
      createLog(level, { target: { format: "journal", write: (line: string) => stderr.push(line.trimEnd()) } }),
  };
  const values = { driver: driver ?? "auto", pin, pinFile: undefined };
  const status = await replay.invoke({ values, env: {}, argument: file, more: [] }).run(deps);
  return { status, polls: stdout.map((line) => JSON.parse(line)), stderr };
}

async function withFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "bms-replay-"));
  try {
    const file = join(folder, "capture.jsonl");
    writeFileSync(file, text);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const CAPTURES = join(FIXTURES, "captures");

for (const name of readdirSync(CAPTURES).filter((file) => file.endsWith(".capture.jsonl"))) {
  test(`${name} replays to the expected polls`, async () => {
    const expected = readFileSync(join(CAPTURES, name.replace(".capture.", ".expected.")), "utf8");
    const polls = expected
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const replayed = await runReplay(join(CAPTURES, name));
    assert.deepEqual(
      replayed.polls.map(({ detail, ...poll }) => poll),
      polls,
    );
    for (const { ok, detail } of replayed.polls) assert.equal(typeof detail, ok ? "undefined" : "string");
    assert.equal(replayed.status, polls.every(({ ok }) => ok) ? 0 : 1);
  });
}

/** A fixture as --capture would have recorded it, with 10 ms between records. */
function captureOf({ services, address = "A4:C1:37:00:00:01", link = [], advertisement }: Fixture): string {
  if (link.length === 0 && advertisement) {
    const manufacturerData = Object.fromEntries(
      Object.entries(advertisement.manufacturerData).map(([company, hex]) => [
        Number(company).toString(16).padStart(4, "0"),
        hex,
      ]),
    );
    const { name } = advertisement;
    return `${JSON.stringify({ at: 1000, op: "advertise", address, name, services, manufacturerData, rssi: -60 })}\n`;
  }
  const connect = { op: "connect", address, addressType: "public", services };
  const [, pushing] = link.find((line) => line.startsWith("push "))?.split(" ") ?? [];
  const subscribe = pushing ? [{ op: "subscribe", characteristic: pushing }] : [];
  const rest = link.map((line) => {
    const [op, characteristic, hex = ""] = line.split(" ");
    const masked = redactor()(op === "write" ? "sent" : "received", Buffer.from(hex, "hex"));
    return { op: op === "push" ? "notify" : op, characteristic, hex: Buffer.from(masked).toString("hex") };
  });
  return [connect, ...subscribe, ...rest]
    .map((record, i) => `${JSON.stringify({ at: 1000 + 10 * i, ...record })}\n`)
    .join("");
}

/** A fixture may leave out requests without an answer; a capture does not. */
const isWhole = ({ link, pin }: Fixture) =>
  !link || (link.length > 0 && (pin !== undefined || !/^write \S+ ffaa/.test(link[0] ?? "")));

for (const { name: driver } of DRIVERS) {
  test(`every ${driver} fixture, as a capture, replays to its expectation`, async () => {
    const asked = fixturesOf(driver).filter(
      (fixture) => isWhole(fixture) && (fixture.expect.sample ?? fixture.expect.error),
    );
    assert.ok(asked.length > 0);
    for (const fixture of asked) {
      const key = fixture.link ? undefined : fixture.pin;
      const { polls } = await withFile(captureOf(fixture), (file) => runReplay(file, driver, key));
      const { sample, error } = fixture.expect;
      const { poll, ok, sample: replayed, error: fault } = polls[0] ?? {};
      assert.deepEqual(
        { poll, ok, sample: replayed, error: fault },
        { poll: 1, ok: sample !== undefined, sample, error },
        fixture.name,
      );
    }
  });
}

const CONNECT = '{"at":1,"op":"connect","address":"A4:C1:37:00:00:01","addressType":"public","services":["180a"]}\n';

test("a file that is not a capture is refused, with the line", async () => {
  await withFile(`${CONNECT}{"at":2,"op":"dance"}\n${CONNECT}`, async (file) => {
    await assert.rejects(
      runReplay(file),
      (error) => error instanceof UsageError && /not a capture: line 2: /.test(error.message),
    );
  });
  await assert.rejects(runReplay("/nowhere"), (error) => error instanceof UsageError && /ENOENT/.test(error.message));
});

test("a capture without a poll fails with the reason", async () => {
  const { status, polls, stderr } = await withFile(CONNECT, (file) => runReplay(file));
  assert.deepEqual([status, polls], [1, []]);
  assert.equal(stderr.length, 1);
  assert.match(stderr[0] ?? "", /contains no poll: .*offers 180a; no driver fits/);
});

test("a last line that was cut off is reported on stderr, and the rest is replayed", async () => {
  const text = readFileSync(join(CAPTURES, "jbd-idle.capture.jsonl"), "utf8");
  const { polls, stderr } = await withFile(text.slice(0, -50), (file) => runReplay(file));
  assert.equal(stderr.length, 1);
  assert.match(stderr[0] ?? "", /the last line of .* is incomplete/);
  assert.ok(polls.length > 0);
});

test("a run that was killed does not hide the next one in the same file", async () => {
  const text = readFileSync(join(CAPTURES, "jbd-idle.capture.jsonl"), "utf8");
  const killed = text.replace(/^.*"disconnect".*\n$/m, "");
  assert.notEqual(killed, text);
  const [whole, both] = await Promise.all(
    [text, killed + text].map((each) => withFile(each, (file) => runReplay(file))),
  );
  const samples = whole?.polls.map(({ sample }) => sample) ?? [];
  assert.deepEqual(
    both?.polls.map(({ sample }) => sample),
    [...samples, ...samples],
  );
});

test("a replay ends, whatever is missing from the capture or doubled", async () => {
  const captures = readdirSync(CAPTURES).filter((file) => file.endsWith(".capture.jsonl"));
  const damaged = fc
    .constantFrom(...captures)
    .map((name) => readFileSync(join(CAPTURES, name), "utf8").trimEnd().split("\n"))
    .chain(([connect = "", ...rest]) => fc.subarray([...rest, ...rest]).map((lines) => [connect, ...lines]));
  await fc.assert(
    fc.asyncProperty(damaged, async (lines) => {
      const records = lines.map((line, i) => ({ ...JSON.parse(line), at: 1000 + 50 * i }));
      const unlinked = records.findIndex(({ op }, i) => op !== "connect" && records[i - 1]?.op === "disconnect");
      const text = records.slice(0, unlinked < 0 ? undefined : unlinked).map((record) => `${JSON.stringify(record)}\n`);
      const { status, polls } = await withFile(text.join(""), (file) => runReplay(file));
      assert.equal(status, polls.length > 0 && polls.every(({ ok }) => ok) ? 0 : 1);
    }),
    { numRuns: 60 },
  );
});

for (const driver of ["jbd", "victron"]) {
  test(`a replay of ${driver} that is asked to stop prints no poll`, async () => {
    const stop = new AbortController();
    stop.abort(new Error("stopped"));
    const [fixture] = fixturesOf(driver).filter((each) => isWhole(each) && each.expect.sample);
    assert.ok(fixture);
    const key = fixture.link ? undefined : fixture.pin;
    await withFile(captureOf(fixture), (file) =>
      assert.rejects(runReplay(file, driver, key, stop), /^Error: stopped$/),
    );
  });
}

test("any number of notifications may follow one request, without a warning", async (t) => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => void warnings.push(message);
  process.on("warning", onWarning);
  t.after(() => process.off("warning", onWarning));
  const [connect = "", subscribe = "", ...rest] = readFileSync(join(CAPTURES, "jbd-idle.capture.jsonl"), "utf8").split(
    "\n",
  );
  const { at } = JSON.parse(subscribe);
  const broadcasts = Array(50).fill(`{"at":${at},"op":"notify","characteristic":"ff01","hex":"0251aabb"}`);
  const text = [connect, subscribe, ...broadcasts, ...rest].join("\n");
  const { status, stderr } = await withFile(text, (file) => runReplay(file));
  await new Promise(setImmediate);
  assert.deepEqual([status, stderr, warnings], [0, [], []]);
});
