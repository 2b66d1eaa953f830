import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Applied, applyChanges } from "../../../../control/settings/apply.ts";
import { type Fault, type MemoryPack, memoryPack, type PackRequest } from "../../../support/memory-pack.ts";
import { type PackWork, packWork } from "../../../support/pack-work.ts";

const OLD = { 36: [0x0e, 0x42], 37: [0x0d, 0xac], 61: [0x02, 0x02] };
const NEW = { 36: [0x0e, 0x10], 37: [0x0d, 0x7a], 61: [0x02, 0x05] };
const PARAMETERS = [0x24, 0x25, 0x26, 0x3d];
const CHANGES = Object.entries(OLD).map(([register, before]) => ({
  register: Number(register),
  before: Uint8Array.from(before),
  after: Uint8Array.from(NEW[Number(register) as keyof typeof NEW]),
}));

interface Run extends PackWork {
  readonly pack: MemoryPack;
  readonly applied: Applied;
}

/** An application to a pack that `prepare` has made faulty. */
async function run(prepare: (pack: MemoryPack, stop: AbortController) => void): Promise<Run> {
  const pack = memoryPack({ 3: [1], ...OLD, 38: [0x09, 0xc4] });
  const work = packWork(pack);
  prepare(pack, work.stop);
  const applied = await applyChanges(CHANGES, PARAMETERS, work.deps);
  const { isMarked } = work;
  return { ...work, isMarked, pack, applied };
}

const holds = (registers: ReadonlyMap<number, Uint8Array>, wanted: Readonly<Record<number, readonly number[]>>) =>
  Object.entries(wanted).every(([register, data]) =>
    Buffer.from(registers.get(Number(register)) ?? []).equals(Uint8Array.from(data)),
  );
const at = (place: number, fault: Fault) => (_: PackRequest, nth: number) => (nth === place ? fault : undefined);
const words = (requests: readonly PackRequest[]) =>
  requests.map(({ op, register }) => (register === undefined ? op : `${op} ${register.toString(16)}`)).join(", ");

/** The states in which an application may leave a pack. */
function assertHonest({ pack, applied, isMarked }: Run, about: string): void {
  const isOld = holds(pack.present, OLD);
  if (applied.kind === "applied") assert.ok(holds(pack.present, NEW) && holds(pack.stored, NEW), about);
  if (applied.kind === "put-back") assert.ok(isOld && holds(pack.stored, OLD), `${about}: ${applied.error.message}`);
  if (applied.kind === "between") {
    const left = new Set(applied.left.map(({ register }) => register));
    for (const { register, before } of CHANGES) {
      const isBefore = Buffer.from(pack.present.get(register) ?? []).equals(before);
      assert.ok(isBefore || left.has(register), `${about}: register ${register} is not named`);
    }
  }
  assert.ok(!pack.isInFactoryMode || isMarked, `${about}: in factory mode, and no marker`);
}

test("each register is read again, written and read back; then all is stored and read in a new session", async () => {
  const { pack, applied, audit, isMarked } = await run(() => {});
  assert.equal(applied.kind, "applied");
  assert.equal(
    words(pack.requests),
    [
      "enter",
      ...["24", "25", "3d"].map((register) => `read ${register}, write ${register}, read ${register}`),
      "commit, read 24",
      "read 3, read 5, read 4, read 0, read aa, read 24",
      "enter, read f2, read 24, read 25, read 26, read 3d, leave, read 24",
    ].join(", "),
  );
  assert.ok(holds(pack.stored, { ...NEW, 38: [0x09, 0xc4] }));
  assert.deepEqual(
    audit,
    CHANGES.map((change) => ({ ...change, found: change.after })),
  );
  assert.ok(!pack.isInFactoryMode && !isMarked);
});

const FAULTS: readonly Fault[] = ["lost", "unanswered", "cut", "cut-after", "ignored", "refused"];
for (const fault of FAULTS) {
  test(`one request that is ${fault}, whichever it is: old or new values, and factory mode is left`, async () => {
    const { requests } = (await run(() => {})).pack;
    for (const place of requests.keys()) {
      const result = await run((pack) => {
        pack.fault = at(place, fault);
      });
      const about = `${fault} at ${place} (${words([requests[place] ?? { op: "read" }])})`;
      assertHonest(result, about);
      assert.notEqual(result.applied.kind, "between", about);
      assert.ok(!result.pack.isInFactoryMode && !result.isMarked, about);
    }
  });
}

test("the pack disappears for good at any request: what could not be put back is named", async () => {
  const { requests } = (await run(() => {})).pack;
  for (const place of requests.keys()) {
    const result = await run((pack) => {
      pack.fault = (_, nth) => {
        if (nth !== place) return undefined;
        pack.isReachable = false;
        return "cut-after";
      };
    });
    assertHonest(result, `gone at ${place}`);
  }
});

test("the pack loses its power at any request: it holds what was stored", async () => {
  const { requests } = (await run(() => {})).pack;
  for (const place of requests.keys()) {
    const result = await run((pack) => {
      pack.fault = (_, nth) => {
        if (nth === place) pack.cutPower();
        return undefined;
      };
    });
    assertHonest(result, `power cut at ${place}`);
    assert.notEqual(result.applied.kind, "between");
  }
});

test("Ctrl-C at any request: the old values are put back, or the change is complete", async () => {
  const { requests } = (await run(() => {})).pack;
  for (const place of requests.keys()) {
    const result = await run((pack, stop) => {
      pack.fault = (_, nth) => {
        if (nth === place) stop.abort(new Error("stopped by SIGINT"));
        return undefined;
      };
    });
    assertHonest(result, `stopped at ${place}`);
    assert.ok(!result.pack.isInFactoryMode && !result.isMarked);
  }
});

describe("an acknowledgement is no proof", () => {
  test("of a write without effect: the old values are put back, in the opposite order", async () => {
    const { pack, applied } = await run((pack) => {
      pack.fault = ({ op, register }) => (op === "write" && register === 0x3d ? "ignored" : undefined);
    });
    assert.equal(applied.kind, "put-back");
    assert.match(applied.kind === "put-back" ? applied.error.message : "", /acknowledged 0205 .* 0x3d but holds 0202/);
    assert.deepEqual(
      pack.requests.flatMap(({ op, register }) => (op === "write" ? [register] : [])),
      [0x24, 0x25, 0x3d, 0x25, 0x24],
    );
    assert.ok(!pack.requests.some(({ op }) => op === "commit"));
  });

  test("of a commit without effect: the old values are put back, but nobody knows whether they are stored", async () => {
    const { pack, applied } = await run((pack) => {
      pack.fault = ({ op }) => (op === "commit" ? "ignored" : undefined);
    });
    assert.ok(applied.kind === "between");
    assert.match(applied.error.message, /acknowledged that it stores/);
    assert.deepEqual(
      applied.left.map(({ register, found }) => [register, found]),
      CHANGES.map(({ register }) => [register, undefined]),
    );
    assert.ok(holds(pack.present, OLD) && holds(pack.stored, OLD));
  });

  test("of a commit that comes to nothing once: the old values are put back, stored, and read again", async () => {
    let commits = 0;
    const { pack, applied } = await run((pack) => {
      pack.fault = ({ op }) => (op === "commit" && commits++ === 0 ? "ignored" : undefined);
    });
    assert.equal(applied.kind, "put-back");
    assert.ok(holds(pack.stored, OLD));
  });

  test("of leaving, unless it is repeated: a board that answers for its parameters in any mode has left", async () => {
    const { isMarked } = await run((pack) => {
      pack.fault = ({ op }) => (op === "leave" ? "ignored" : undefined);
    });
    assert.equal(isMarked, false);
  });

  test("of leaving without effect: it is left again", async () => {
    let leavings = 0;
    const { pack, applied } = await run((pack) => {
      pack.fault = ({ op }) => (op === "leave" && leavings++ === 0 ? "ignored" : undefined);
    });
    assert.equal(applied.kind, "applied");
    assert.ok(!pack.isInFactoryMode && leavings === 2);
  });
});

test("a register that differs from its first reading is not written, nor any after it", async () => {
  const { pack, applied } = await run((pack) => {
    pack.present.set(0x25, Uint8Array.of(0x80, 0xe7));
  });
  assert.equal(applied.kind, "put-back");
  assert.match(applied.kind === "put-back" ? applied.error.message : "", /0x25 holds 80e7, although 0dac was read/);
  assert.deepEqual(pack.present.get(0x24), Uint8Array.from(OLD[0x24]));
  assert.deepEqual(pack.present.get(0x25), Uint8Array.of(0x80, 0xe7));
});

test("factory mode that cannot be left is logged, and the marker stays for the agent", async () => {
  const { pack, isMarked, log } = await run((pack) => {
    pack.fault = ({ op }) => (op === "leave" ? "lost" : undefined);
  });
  assert.ok(pack.isInFactoryMode && isMarked);
  assert.match(log.at(-1) ?? "", /may still be in factory mode/);
});
