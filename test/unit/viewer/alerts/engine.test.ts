import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type Log, silentLog } from "../../../../common/runtime/log.ts";
import type { PostRequest } from "../../../../viewer/alerts/formats.ts";
import { createTestHouse, NOON, type TestHouse, WELL } from "../../../support/alerts.ts";
import { readingOf } from "../../../support/reading.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TARGET = '[[targets]]\ntype = "json"\nurl = "http://phone/"\n';

interface Course extends TestHouse {
  readonly texts: string[];
  readonly lines: string[];
}

/** A house whose messages are kept. */
function course(toml = "", directory?: string): Course {
  const texts: string[] = [];
  const lines: string[] = [];
  const post = async ({ body }: PostRequest) => {
    texts.push((JSON.parse(body) as { text: string }).text);
    return { result: "sent", answer: "200 OK" } as const;
  };
  const keep = (line: string) => void lines.push(line);
  const log: Log = { ...silentLog, error: keep, warn: keep };
  const house = createTestHouse(toml + TARGET, { post, log, ...(directory && { directory }) });
  return Object.assign(house, { texts, lines });
}

/** The protection, the sample, the text of its start and, where it differs by more than the value, of its end. */
for (const [about, sample, start, end] of [
  [
    "uvp",
    { cell2: 2480, uvp: 1, fet: 1 },
    "cell 2 at 2.480 V, under-voltage protection stopped discharging",
    "cell 2 is at 3.301 V again, discharging goes on",
  ],
  [
    "bov",
    { volts: 14.6, bov: 1, fet: 2 },
    "pack at 14.600 V, pack over-voltage protection stopped charging",
    "pack is at 13.200 V again, charging goes on",
  ],
  [
    "cot",
    { temp1: 61.2, cot: 1, fet: 2 },
    "61.2 °C, charge over-temperature protection stopped charging",
    "20.0 °C again, charging goes on",
  ],
  [
    "coc",
    { coc: 1, fet: 2 },
    "charge over-current protection stopped charging",
    "charge over-current protection has ended, charging goes on",
  ],
  [
    "sc",
    { sc: 1, fet: 0 },
    "short-circuit protection stopped charging and discharging",
    "short-circuit protection has ended, charging and discharging go on",
  ],
  [
    "a MOSFET that is still on",
    { sc: 1, fet: 3 },
    "short-circuit protection acted",
    "short-circuit protection has ended, charging and discharging go on",
  ],
] as const) {
  test(`protection in words: ${about}`, async () => {
    const house = course("[rules.cell-spread]\nenabled = false\n");
    house.recover();
    house.meter = { ...house.meter, sample: { ...WELL, bov: 0, cot: 0 } };
    await house.run(MINUTE);
    house.measure(sample);
    await house.run(4 * MINUTE);
    house.meter = { ...house.meter, sample: { ...WELL, bov: 0, cot: 0 } };
    await house.run(5 * MINUTE);
    assert.deepEqual(house.texts, [`house: ${start}`, `house: ${end} (after 4 min)`]);
  });
}

test("a protection that acts and ends between two ticks is an alert", async () => {
  const house = course();
  await house.run(MINUTE);
  house.alerts.receive(
    readingOf(1, { meter: "house", takenAt: house.clock.now(), sample: { ...WELL, sc: 1, fet: 0 } }),
  );
  await house.run(10 * MINUTE);
  assert.deepEqual(house.texts, [
    "house: short-circuit protection stopped charging and discharging",
    "house: short-circuit protection has ended, charging and discharging go on (after 10 s)",
  ]);
});

test("a protection that acts again and again gives three messages, and one when it is over", async () => {
  const house = course();
  for (let i = 0; i < 12; i += 1) {
    house.measure({ coc: 1, fet: 2 });
    await house.run(MINUTE);
    house.recover();
    await house.run(9 * MINUTE);
  }
  assert.equal(house.texts.length, 5);
  assert.match(
    house.texts[4] ?? "",
    /stopped charging \(3 times within an hour; its end is reported after an hour without it\)$/,
  );
  await house.run(HOUR);
  assert.equal(house.texts.length, 6);
  assert.match(
    house.texts[5] ?? "",
    /^house: charge over-current protection has ended, charging goes on \(after 91 min\)$/,
  );
});

test("a reminder comes while it is wrong, and none while the battery does not answer", async () => {
  const house = course('[rules.charge-low]\nreminder = "1h"\n[rules.silent]\nenabled = false\n');
  house.measure({ percent: 10 });
  await house.run(2 * HOUR + 10 * MINUTE);
  house.meter = { ...house.meter, state: "offline" };
  await house.run(3 * HOUR);
  assert.deepEqual(house.texts, [
    "house: charge at 10 %, limit 20 %",
    "house: still charge at 10 %, limit 20 % (for 65 min)",
    "house: still charge at 10 %, limit 20 % (for 2 h)",
  ]);
});

test("a wall clock that is set changes no delay and no length of time", async () => {
  const house = course();
  house.measure({ percent: 10 });
  await house.run(4 * MINUTE);
  house.clock.step(10 * 365 * 24 * HOUR);
  await house.run(50_000);
  assert.deepEqual(house.texts, []);
  await house.run(20_000);
  assert.equal(house.texts.length, 1);
  house.clock.step(-5 * 365 * 24 * HOUR);
  house.recover();
  await house.run(6 * MINUTE);
  assert.deepEqual(house.texts.slice(1), ["house: charge is at 80 % again (after 5 min)"]);
});

test("a rule that is switched off, and a meter that is gone, end their alerts", async (t) => {
  const directory = await temporaryFolder(t);
  const house = course("", directory);
  house.measure({ percent: 10 });
  await house.run(6 * MINUTE);
  house.meter = { ...house.meter, state: "stale" };
  await house.run(8 * 24 * HOUR, 30 * MINUTE);
  house.alerts.close();
  assert.match(house.texts[0] ?? "", /charge at 10 %/);
  assert.deepEqual(house.texts.slice(-2), [
    "house: no longer watched: no measurement for 7 days",
    "house: no longer watched: no measurement for 7 days",
  ]);
  assert.deepEqual(
    house.alerts.view().filter(({ endedAt }) => endedAt === undefined),
    [],
  );
  const off = course("[rules.charge-low]\nenabled = false\n");
  off.measure({ percent: 10 });
  await off.run(HOUR);
  assert.deepEqual(off.texts, []);
});

test("a viewer that is killed after a message repeats nothing and does not forget the end", async (t) => {
  const house = course("", await temporaryFolder(t));
  house.measure({ percent: 10 });
  await house.run(10 * MINUTE);
  const [before] = house.alerts.view();
  house.restart(true);
  assert.deepEqual(house.alerts.view(), [before]);
  await house.run(10 * MINUTE);
  house.restart(true);
  house.recover();
  await house.run(10 * MINUTE);
  house.restart(true);
  await house.run(10 * MINUTE);
  assert.deepEqual(house.texts, ["house: charge at 10 %, limit 20 %", "house: charge is at 80 % again (after 20 min)"]);
});

test("a meter that was known before the restart and is silent since then is reported", async (t) => {
  const house = course("", await temporaryFolder(t));
  await house.run(MINUTE);
  house.restart();
  for (let i = 0; i < 100; i += 1) {
    house.clock.advance(10_000);
    const { feed, health } = house;
    house.alerts.tick({ at: house.clock.now(), feed, health, meters: [] });
    await house.alerts.settled();
  }
  assert.deepEqual(house.texts, ["house: silent, its agent sends nothing, last measurement 10 min ago"]);
});

for (const [about, content] of [
  ["cut", '{"version":1,"at":1,"eng'],
  ["empty", ""],
  ["of another version", '{"version":2}'],
  [
    "with a track that is none",
    `{"version":1,"at":1,"engine":{"tracks":[{}],"ended":[],"meters":[],"count":0},"queues":[]}`,
  ],
] as const) {
  test(`a state file that is ${about} is moved aside, and alerts go on`, async (t) => {
    const directory = await temporaryFolder(t);
    const path = join(directory, "alerts.json");
    await writeFile(path, content);
    const house = course("", directory);
    assert.deepEqual(house.lines, [`${path} is damaged and was moved to ${path}.damaged; alerts begin anew`]);
    assert.equal(await readFile(`${path}.damaged`, "utf8"), content);
    house.measure({ sc: 1 });
    await house.run(MINUTE);
    assert.equal(house.texts.length, 1);
    assert.equal((JSON.parse(await readFile(path, "utf8")) as { at: number }).at > NOON, true);
  });
}

test("a viewer that is killed while a message is on its way sends it again, with the same identity", async (t) => {
  const directory = await temporaryFolder(t);
  const ids: string[] = [];
  const post = ({ body }: PostRequest) => {
    ids.push((JSON.parse(body) as { id: string }).id);
    // The receiver has it, and the viewer does not live to see the answer.
    return ids.length === 1
      ? new Promise<never>(() => {})
      : Promise.resolve({ result: "sent", answer: "200 OK" } as const);
  };
  const house = createTestHouse(TARGET, { post, log: silentLog, directory });
  const { feed, health, meter } = house;
  const acted = { ...meter, sample: { ...WELL, sc: 1 } };
  house.alerts.tick({ at: house.clock.now(), feed, health, meters: [acted] });
  house.restart(true);
  house.meter = acted;
  await house.run(MINUTE);
  assert.equal(ids.length, 2);
  assert.equal(ids[0], ids[1]);
});
