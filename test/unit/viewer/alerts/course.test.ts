import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "../../../../common/runtime/log.ts";
import { httpPost } from "../../../../viewer/alerts/http-post.ts";
import { RULES } from "../../../../viewer/alerts/rules/rules.ts";
import { createTestHouse, NOON, type TestHouse, WELL_HEALTH } from "../../../support/alerts.ts";
import { startHttpReceiver } from "../../../support/http-receiver.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TELEGRAF = "unix:///run/telegraf/bms.sock";

const withOutput = (state: string, waiting: number) =>
  ({
    ...WELL_HEALTH,
    aggregator: {
      ...WELL_HEALTH.aggregator,
      state: "running",
      at: NOON,
      readings: 9,
      rejected: 0,
      outputs: [{ name: TELEGRAF, state, waiting }],
    },
  }) as const;

const withBacklog = (backlog: number) =>
  ({
    ...WELL_HEALTH,
    agents: [
      { meter: "house", state: "connected", since: NOON, readings: 9, failures: 0, reconnects: 0, backlog, dropped: 0 },
    ],
  }) as const;

/** Each rule once: what happens, and the messages about its start and its end. */
const COURSE: readonly (readonly [rule: string, begin: (house: TestHouse) => void, start: string, end: string])[] = [
  [
    "protection",
    (house) => house.measure({ cell1: 3600, cell2: 3600, cell3: 3652, cell4: 3600, ovp: 1, aovp: 1, fet: 2 }),
    "house: cell 3 at 3.652 V, over-voltage protection stopped charging",
    "house: cell 3 is at 3.302 V again, charging goes on (after 30 min)",
  ],
  [
    "alarm",
    (house) => house.measure({ cell1: 3500, cell2: 3580, cell3: 3500, cell4: 3500, aovp: 1 }),
    "house: cell 2 at 3.580 V, over-voltage alarm",
    "house: over-voltage alarm has ended, cell 2 is at 3.301 V again (after 30 min)",
  ],
  [
    "charge-low",
    (house) => house.measure({ percent: 19 }),
    "house: charge at 19 %, limit 20 %",
    "house: charge is at 80 % again (after 30 min)",
  ],
  [
    "cell-low",
    (house) => house.measure({ cell4: 2_780, cell1: 2_900, cell2: 2_900, cell3: 2_900 }),
    "house: cell 4 at 2.780 V, limit 2.800 V",
    "house: cell 4 is at 3.303 V again (after 30 min)",
  ],
  [
    "cell-high",
    (house) => house.measure({ cell1: 3_655, cell2: 3_600, cell3: 3_600, cell4: 3_600 }),
    "house: cell 1 at 3.655 V, limit 3.650 V",
    "house: cell 1 is at 3.300 V again (after 30 min)",
  ],
  [
    "cell-spread",
    (house) => house.measure({ cell2: 3_100 }),
    "house: cells are 203 mV apart, limit 200 mV: cell 2 at 3.100 V, cell 4 at 3.303 V",
    "house: cells are 3 mV apart again: cell 1 at 3.300 V, cell 4 at 3.303 V (after 30 min)",
  ],
  [
    "cold-charging",
    (house) => house.measure({ temp1: -3.5, amps: 12 }),
    "house: charging with 12.0 A at -3.5 °C, limit 0 °C",
    "house: no longer charged, 20.0 °C (after 30 min)",
  ],
  [
    "silent",
    (house) => {
      house.meter = { ...house.meter, state: "offline" };
    },
    "house: silent, the device does not answer, last measurement 10 min ago",
    "house: measurements arrive again (after 30 min)",
  ],
  [
    "frozen",
    (house) => {
      house.meter = { ...house.meter, frozenSince: house.clock.now() };
    },
    "house: values have not changed for 10 s although current flows",
    "house: values change again (after 30 min)",
  ],
  [
    "shared-name",
    (house) => {
      house.meter = { ...house.meter, otherDevices: ["A4:C1:37:00:00:02"] };
    },
    "house: 2 devices report under this name: A4:C1:37:00:00:01, A4:C1:37:00:00:02; rename one of them",
    "house: only A4:C1:37:00:00:01 reports under this name (after 30 min)",
  ],
  [
    "backlog",
    (house) => {
      house.health = withBacklog(120);
    },
    "house: 120 readings wait to be delivered",
    "house: readings are delivered again, 0 readings left (after 30 min)",
  ],
  [
    "telegraf",
    (house) => {
      house.health = withOutput("away", 1234);
    },
    `Telegraf at ${TELEGRAF} is away, 1,234 readings wait`,
    `Telegraf at ${TELEGRAF} takes readings again (after 30 min)`,
  ],
  [
    "feed",
    (house) => {
      house.feed = { state: "away", since: house.clock.now() };
    },
    "no connection to the aggregator for 5 min, nothing is known about the meters",
    "the aggregator's feed is back (after 30 min)",
  ],
];

function recover(house: TestHouse): void {
  house.recover();
  const { frozenSince: _, otherDevices: __, ...meter } = house.meter;
  house.meter = { ...meter, state: "live" };
  house.health = withBacklog(0);
  house.feed = { state: "live", since: NOON };
}

const ntfyOf = (url: string) => `
chemistry = "lfp"
[[targets]]
name = "phone"
type = "ntfy"
url = "${url}/house-alerts"
`;

for (const restarts of [false, true]) {
  test(`each rule once, flapping values, and an hour without the receiver${restarts ? ", with restarts in between" : ""}`, async (t) => {
    const receiver = await startHttpReceiver(t);
    const directory = await temporaryFolder(t);
    const house = createTestHouse(ntfyOf(receiver.url), { post: httpPost, log: silentLog, directory });
    const expected: string[] = [];
    const restart = () => restarts && house.restart();
    await house.run(MINUTE);
    for (const [at, [, begin, start, end]] of COURSE.entries()) {
      // The receiver is away for an hour in the middle of the course.
      if (at === 4) receiver.answer = "cut";
      if (at === 6) receiver.answer = { status: 200 };
      begin(house);
      await house.run(15 * MINUTE);
      restart();
      await house.run(15 * MINUTE);
      recover(house);
      await house.run(15 * MINUTE);
      restart();
      await house.run(15 * MINUTE);
      expected.push(start, end);
    }
    // A charge that is about the limit, and crosses it all the time, is one alert.
    for (let i = 0; i < 60; i += 1) {
      house.measure({ percent: i % 2 === 0 ? 19.5 : 21.5 });
      await house.run(MINUTE);
    }
    recover(house);
    await house.run(15 * MINUTE);
    const texts = receiver.received.map(({ body }) => String(body.message));
    assert.deepEqual(texts, [
      ...expected,
      "house: charge at 19.5 %, limit 20 %",
      "house: charge is at 80 % again (after 60 min)",
    ]);
    assert.deepEqual(
      COURSE.map(([rule]) => rule),
      RULES.map(({ name }) => name),
    );
    const ids = receiver.received.map(({ body }) => body.sequence_id);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(house.alerts.view().filter(({ endedAt }) => endedAt === undefined).length, 0);
    assert.equal(house.clock.now() > NOON + 12 * HOUR, true);
  });
}
