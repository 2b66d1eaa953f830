import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DeviceSession } from "../../../../../agent/drivers/device-session.ts";
import { encodeReply } from "../../../../../agent/drivers/jbd/frame.ts";
import { jbd } from "../../../../../agent/drivers/jbd/jbd.ts";
import { matchingDrivers } from "../../../../../agent/drivers/recognise.ts";
import { advertisementOf } from "../../../../support/advertisement.ts";
import { characteristic } from "../../../../support/characteristic.ts";
import { fixturesOf } from "../../../../support/fixture.ts";
import { type Answer, type Script, type ScriptedLink, scriptedLink } from "../../../../support/scripted-link.ts";

/** A captured pack with four cells: its answers in two pieces and in one. */
const INFORMATION = ["dd03001d055a00006d5e6d6000002c7c00000000", "000080640304030b6e0b6e0b6afaef77"];
const LATER_INFORMATION = ["dd03001d0534000068c96d6000002c7c00000000", "000080600304030b6d0b6d0b68fab777"];
const CELLS = ["dd0400080d660d610d680d59fe3c77"];
const MODEL = [hex(encodeReply({ register: 0x05, status: 0, payload: Uint8Array.of(0x41, 0x42) }))];

const ASK_INFORMATION = "dda50300fffd77";
const ASK_CELLS = "dda50400fffc77";
const ASK_MODEL = "dda50500fffb77";
const ASK_COUNTERS = "dda5aa00ff5677";
const APP_KEY = "ffaa15063030303030303b";

const FIRST_VOLTS = 13.7;
const LATER_VOLTS = 13.32;

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Pieces that follow each other at once, `afterMs` after the request. */
function pieces(hexes: readonly string[], afterMs = 77): Answer[] {
  return hexes.map((text) => ({ afterMs, bytes: Uint8Array.from(Buffer.from(text, "hex")) }));
}

/** A device that follows a table: the n-th equal request gets the n-th entry, later ones the last. */
type Layer = Readonly<Record<string, readonly (readonly Answer[])[]>>;
function scripted(layer: Layer): Script {
  return ({ bytes }, nth) => {
    const answers = layer[hex(bytes)] ?? [];
    return answers[Math.min(nth, answers.length - 1)] ?? [];
  };
}

const healthy: Layer = { [ASK_INFORMATION]: [pieces(INFORMATION)], [ASK_CELLS]: [pieces(CELLS)] };

async function connected(layer: Layer, pin?: string): Promise<{ link: ScriptedLink; session: DeviceSession }> {
  const link = scriptedLink({ services: ["ff00"] }, scripted({ ...healthy, ...layer }));
  return { link, session: await jbd.open(link, pin === undefined ? {} : { pin }) };
}

function asked(link: ScriptedLink): string[] {
  return link.requests.filter(({ op }) => op === "write").map((request) => request.hex);
}
/** When a request was written, in ms since the first. */
function askedAt(link: ScriptedLink, request: string): number[] {
  return link.requests.filter((made) => made.hex === request).map((made) => made.atMs);
}
const fault = (word: string) => (error: { fault?: string }) => error.fault === word;

describe("requests", () => {
  test("one request is in flight: the cells are requested when the information is complete", async () => {
    const { link, session } = await connected({});
    await session.poll();
    assert.deepEqual(asked(link), [ASK_INFORMATION, ASK_CELLS]);
    assert.deepEqual(askedAt(link, ASK_CELLS), [77]);
  });

  test("a lost request costs half a second", async () => {
    const { link, session } = await connected({ [ASK_INFORMATION]: [[], pieces(INFORMATION)] });
    assert.equal((await session.poll()).volts, FIRST_VOLTS);
    assert.deepEqual(askedAt(link, ASK_INFORMATION), [0, 500]);
    assert.deepEqual(askedAt(link, ASK_CELLS), [577]);
  });

  test("a lost last piece costs 0.3 s from the first piece on", async () => {
    const first = pieces(INFORMATION).slice(0, 1);
    const { link, session } = await connected({ [ASK_INFORMATION]: [first, pieces(INFORMATION)] });
    assert.equal((await session.poll()).volts, FIRST_VOLTS);
    assert.deepEqual(askedAt(link, ASK_INFORMATION), [0, 77 + 300]);
  });

  test("a piece that is 0.25 s late is waited for", async () => {
    const answer = [...pieces(INFORMATION.slice(0, 1), 77), ...pieces(INFORMATION.slice(1), 77 + 250)];
    const { link, session } = await connected({ [ASK_INFORMATION]: [answer] });
    assert.equal((await session.poll()).volts, FIRST_VOLTS);
    assert.deepEqual(askedAt(link, ASK_INFORMATION), [0]);
  });

  test("a lost first piece costs half a second at most", async () => {
    const last = pieces(INFORMATION).slice(1);
    const { link, session } = await connected({ [ASK_INFORMATION]: [last, pieces(INFORMATION)] });
    assert.equal((await session.poll()).volts, FIRST_VOLTS);
    const [, second = 0] = askedAt(link, ASK_INFORMATION);
    assert.ok(second <= 577, `asked again after ${second} ms`);
  });

  test("after a complete answer with a wrong checksum the request is repeated within 50 ms", async () => {
    const wrong = INFORMATION.map((piece) => piece.replace("6d6000", "6d6100"));
    const { link, session } = await connected({ [ASK_INFORMATION]: [pieces(wrong), pieces(INFORMATION)] });
    assert.equal((await session.poll()).volts, FIRST_VOLTS);
    assert.deepEqual(askedAt(link, ASK_INFORMATION), [0, 77 + 50]);
  });

  test("an answer that arrives after the next attempt began is taken, and its double is not taken for the next poll's", async () => {
    const late = pieces(INFORMATION, 530);
    const { link, session } = await connected({
      [ASK_INFORMATION]: [late, pieces(INFORMATION, 77), pieces(LATER_INFORMATION)],
    });
    assert.equal((await session.poll()).volts, FIRST_VOLTS);
    assert.deepEqual(askedAt(link, ASK_CELLS), [530]);
    assert.equal((await session.poll()).volts, LATER_VOLTS);
  });

  test("notifications between two polls do not answer the second", async () => {
    const { link, session } = await connected({
      [ASK_CELLS]: [[...pieces(CELLS), ...pieces(INFORMATION, 300)]],
      [ASK_INFORMATION]: [pieces(INFORMATION), pieces(LATER_INFORMATION)],
    });
    await session.poll();
    await link.clock.sleep(5_000);
    assert.equal((await session.poll()).volts, LATER_VOLTS);
  });

  for (const stale of [1, 129, 1_000, 2_500]) {
    test(`${stale} old answers that nobody asked for do not answer a later request`, async () => {
      const flood = Array.from({ length: stale }, () => pieces([LATER_INFORMATION.join("")], 300)).flat();
      const { link, session } = await connected({ [ASK_CELLS]: [[...pieces(CELLS), ...flood], pieces(CELLS)] });
      await session.poll();
      await link.clock.sleep(5_000);
      assert.equal((await session.poll()).volts, FIRST_VOLTS);
    });
  }

  test("a device that notifies without a pause does not keep a request from being sent", async () => {
    const { link, session } = await connected({});
    const notifications = await link.subscribe(characteristic("ff00", "ff01"));
    const { next } = notifications;
    notifications.next = async (withinMs) => (withinMs === 0 ? Uint8Array.of(0) : next.call(notifications, withinMs));
    assert.equal((await session.poll()).volts, FIRST_VOLTS);
  });

  test("an answer about another register is dropped", async () => {
    const { session } = await connected({ [ASK_INFORMATION]: [[...pieces(CELLS, 20), ...pieces(INFORMATION)]] });
    assert.equal((await session.poll()).volts, FIRST_VOLTS);
  });

  test("pieces of two answers are never joined", async () => {
    const first = pieces(INFORMATION).slice(0, 1);
    const last = pieces(LATER_INFORMATION).slice(1);
    const { session } = await connected({ [ASK_INFORMATION]: [first, last, pieces(LATER_INFORMATION)] });
    assert.equal((await session.poll()).volts, LATER_VOLTS);
  });

  test("a broadcast in several pieces may come between two pieces", async () => {
    const broadcast = `0251${"7f".repeat(62)}`.match(/.{1,40}/g) ?? [];
    const mixed = [INFORMATION[0] ?? "", ...broadcast, INFORMATION[1] ?? ""];
    const { link, session } = await connected({ [ASK_INFORMATION]: [pieces(mixed)] });
    assert.equal((await session.poll()).volts, FIRST_VOLTS);
    assert.deepEqual(askedAt(link, ASK_INFORMATION), [0]);
  });

  test("the wait for an answer ends even if a device never stops notifying", async () => {
    const chatter = Array.from({ length: 200 }, (_, i) => pieces(["0251aabb"], i * 40)).flat();
    const { link, session } = await connected({ [ASK_INFORMATION]: [chatter] });
    await assert.rejects(session.poll(), fault("timeout"));
    assert.ok(link.clock.monotonic() < 60_000);
  });

  test("a lost link ends the request at once", async () => {
    const { link, session } = await connected({ [ASK_INFORMATION]: [[]] });
    const poll = assert.rejects(session.poll(), fault("disconnected"));
    await link.clock.sleep(100);
    link.cut();
    await poll;
    assert.ok(link.clock.monotonic() < 500);
  });
});

describe("failures", () => {
  test("the most specific failure of four attempts is reported", async () => {
    const truncated = pieces(INFORMATION).slice(0, 1);
    const wrong = pieces(INFORMATION.map((piece) => piece.replace("6d6000", "6d6100")));
    const after = (...tries: (readonly Answer[])[]) => connected({ [ASK_INFORMATION]: tries });
    await assert.rejects((await after([], truncated, [])).session.poll(), fault("truncated"));
    await assert.rejects((await after(wrong, truncated, [])).session.poll(), fault("checksum"));
    await assert.rejects((await after([])).session.poll(), fault("timeout"));
  });

  test("silence costs four attempts of half a second and one request to the Bluetooth module", async () => {
    const { link, session } = await connected({ [ASK_INFORMATION]: [[]] });
    await assert.rejects(session.poll(), fault("timeout"));
    assert.deepEqual(asked(link), [...Array(4).fill(ASK_INFORMATION), APP_KEY]);
    assert.equal(link.clock.monotonic(), 2_500);
  });

  test("a refusal is reported at once, with its reason", async () => {
    const refusal = pieces(["dd038000ff8077"]);
    const { link, session } = await connected({ [ASK_INFORMATION]: [refusal] });
    await assert.rejects(session.poll(), { fault: "refused", message: /0x80: it does not know this register/ });
    assert.deepEqual(asked(link), [ASK_INFORMATION]);
    assert.equal(link.clock.monotonic(), 77);
  });

  test("an echo is reported at once", async () => {
    const { link, session } = await connected({ [ASK_INFORMATION]: [pieces([ASK_INFORMATION])] });
    await assert.rejects(session.poll(), fault("pairing-needed"));
    assert.equal(link.clock.monotonic(), 77);
  });

  for (const [family, frame] of [
    ["Daly", "d20304000a0b0c"],
    ["Seplos V2", "7e140002610000"],
    ["Braun Power", "7b000102037d"],
    ["TianPower", "551481302e312e312e3130000000000000000000aa"],
    ["Humsienk", "aa210021000042"],
  ] as const) {
    test(`a device that answers as ${family} does on the shared service is reported by the family's name`, async () => {
      const answer = pieces(frame.match(/.{1,10}/g) ?? []);
      const { session } = await connected({ [ASK_INFORMATION]: [answer] });
      await assert.rejects(session.poll(), { fault: "malformed", message: new RegExp(`protocol of ${family} `) });
    });
  }

  test("bytes of no known family are reported as such", async () => {
    const { session } = await connected({ [ASK_INFORMATION]: [pieces(["0102030405"])] });
    await assert.rejects(session.poll(), { fault: "malformed", message: /do not answer any request/ });
  });

  test("another family's bytes among a pack's own do not hide them", async () => {
    const { session } = await connected({ [ASK_INFORMATION]: [[...pieces(["7b0001"], 20), ...pieces(INFORMATION)]] });
    assert.equal((await session.poll()).volts, FIRST_VOLTS);
  });

  test("a locked module is reported as locked, with the remedy", async () => {
    const { session } = await connected({ [ASK_INFORMATION]: [[]], [APP_KEY]: [pieces(["ffaa15010016"])] });
    await assert.rejects(session.poll(), { fault: "locked", message: /--pin/ });
  });

  test("a pack that has once answered is not suspected to be locked", async () => {
    const { link, session } = await connected({ [ASK_INFORMATION]: [pieces(INFORMATION), []] });
    await session.poll();
    await assert.rejects(session.poll(), fault("timeout"));
    assert.ok(!asked(link).includes(APP_KEY));
  });
});

describe("cells", () => {
  test("silent cells cost four attempts once, then one per poll until they answer again", async () => {
    const { link, session } = await connected({ [ASK_CELLS]: [[], [], [], [], [], pieces(CELLS), []] });
    const asksPerPoll = async () => {
      const before = asked(link).length;
      const { cell1 } = await session.poll();
      return { asks: asked(link).length - before - 1, cell1 };
    };
    assert.deepEqual(await asksPerPoll(), { asks: 4, cell1: undefined });
    assert.deepEqual(await asksPerPoll(), { asks: 1, cell1: undefined });
    assert.deepEqual(await asksPerPoll(), { asks: 1, cell1: 3430 });
    assert.deepEqual(await asksPerPoll(), { asks: 4, cell1: undefined });
  });
});

describe("a link that is lost", () => {
  test("between information and cells keeps the information", async () => {
    const { link, session } = await connected({ [ASK_CELLS]: [[]] });
    const polled = session.poll();
    await link.clock.sleep(200);
    link.cut();
    const sample = await polled;
    assert.equal(sample.volts, FIRST_VOLTS);
    assert.ok(!("cell1" in sample) && !("cellmin" in sample));
  });

  test("before the information is complete fails the poll", async () => {
    const { link, session } = await connected({ [ASK_INFORMATION]: [[]] });
    const polled = session.poll();
    await link.clock.sleep(200);
    link.cut();
    await assert.rejects(polled, fault("disconnected"));
  });
});

describe("the module's password", () => {
  const [accepted] = fixturesOf("jbd").filter(({ name }) => name === "snoopF-password-123412");

  test("nothing but the app's key, a challenge and the mixed password is written", async () => {
    assert.ok(accepted?.pin);
    const link = scriptedLink(
      accepted,
      scripted({
        [APP_KEY]: [pieces(["ffaa15010016"])],
        ffaa170017: [pieces(["ffaa17016179"])],
        ffaa1806f65465917dedc8: [pieces(["ffaa18010019"])],
      }),
    );
    await jbd.open(link, { pin: accepted.pin });
    assert.deepEqual(asked(link), [APP_KEY, "ffaa170017", "ffaa1806f65465917dedc8"]);
  });

  test("a refused password is not tried again", async () => {
    const link = scriptedLink({ services: ["ff00"] }, ({ bytes }) =>
      pieces([["ffaa15010016", "ffaa17016179", "ffaa1801011a"][[0x15, 0x17, 0x18].indexOf(bytes[2] ?? 0)] ?? ""]),
    );
    await assert.rejects(jbd.open(link, { pin: "000000" }), { fault: "locked", message: /correct the PIN/ });
    assert.equal(asked(link).filter((request) => request.startsWith("ffaa18")).length, 1);
  });

  test("a lost verdict leads to a new challenge, because each is valid for one password", async () => {
    const challenges = ["ffaa17016179", "ffaa1701627a"];
    let given = 0;
    const link = scriptedLink({ services: ["ff00"] }, ({ op, bytes }, nth) => {
      if (op !== "write") return [];
      if (bytes[2] === 0x15) return pieces(["ffaa15010016"]);
      if (bytes[2] === 0x17) return pieces([challenges[nth] ?? ""]);
      given += 1;
      return given === 1 ? [] : pieces(["ffaa18010019"]);
    });
    await jbd.open(link, { pin: "123456" });
    assert.deepEqual(
      asked(link).map((request) => request.slice(4, 6)),
      ["15", "17", "18", "17", "18"],
    );
  });
});

describe("describing", () => {
  test("information from a poll is not requested again", async () => {
    const { link, session } = await connected({ [ASK_MODEL]: [pieces(MODEL)] });
    await session.poll();
    const before = asked(link).length;
    assert.deepEqual(await session.describe(), { model: "AB", software: "8.0", produced: "2022-03-28", cells: 4 });
    assert.deepEqual(asked(link).slice(before), [ASK_MODEL, ASK_COUNTERS, ASK_COUNTERS]);
  });

  test("a lost link is an error, not a missing fact", async () => {
    const { link, session } = await connected({});
    link.cut();
    await assert.rejects(session.describe(), fault("disconnected"));
  });
});

describe("keep-alive", () => {
  test("one cheap request well before 8 s, whose silence does not matter", async () => {
    const { link, session } = await connected({});
    assert.ok(session.keepAlive && session.keepAlive.afterMs < 8_000 - 1_000);
    await session.keepAlive.send();
    assert.deepEqual(asked(link), [ASK_MODEL]);
  });
});

describe("choice", () => {
  test("FF00, FF06 and FFF0, which many devices have, may be those of a pack", async () => {
    const matches = (...services: string[]) =>
      matchingDrivers([jbd], advertisementOf("00:00:00:00:00:01", { services })).length > 0;
    assert.ok(matches("180a", "ff00"));
    assert.ok(matches("ff06"));
    assert.ok(matches("fff0", "180a"));
    assert.ok(!matches("ffe0"));
    await assert.doesNotReject(
      jbd.open(
        scriptedLink({ services: ["fff0"] }, () => []),
        {},
      ),
    );
  });
});
