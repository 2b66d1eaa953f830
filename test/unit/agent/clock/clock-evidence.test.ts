import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { type EvidenceSources, isContainer, readClockEvidence } from "../../../../agent/clock/clock-evidence.ts";
import { type Libc, type LibcFailure, type LibcResult, loadLibc } from "../../../../common/runtime/libc.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

/** Bounds of the clock's error, ms. */
const SYNCHRONISED = 12;
const NEVER_SET = 16_000;
const REFUSED: LibcFailure = { code: "EPERM", message: "adjtimex failed with EPERM" };
const NO_KOFFI: LibcFailure = { code: "ENOSYS", message: "koffi has no binary for this computer" };

interface Machine {
  readonly kernel?: number | LibcFailure;
  readonly timedated?: boolean;
  readonly files?: Readonly<Record<string, string>>;
}

/** The evidence on a machine with these files below its root. */
async function readOn(t: TestContext, { kernel = REFUSED, timedated, files = {} }: Machine) {
  const root = await temporaryFolder(t);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  let questions = 0;
  const answer: LibcResult<number> = typeof kernel === "number" ? { value: kernel } : { failure: kernel };
  const libc: LibcResult<Pick<Libc, "clockErrorMs">> =
    kernel === NO_KOFFI ? { failure: NO_KOFFI } : { value: { clockErrorMs: () => answer } };
  const sources: EvidenceSources = {
    clock: { now: () => 1_700_000_000_000, uptime: () => 5_000 },
    loadLibc: async () => libc,
    isNtpSynchronised: async () => {
      questions += 1;
      return timedated;
    },
    root,
  };
  const { isSynchronised, isMarked, rtcMs } = await readClockEvidence(sources);
  return { isSynchronised, isMarked, rtcMs, questions };
}

const MARK = { "run/systemd/timesync/synchronized": "" };
const RTC = { "sys/class/rtc/rtc0/hctosys": "0\n", "sys/class/rtc/rtc0/since_epoch": "7\n" };
const RTC_OF_BOOT = { "sys/class/rtc/rtc1/hctosys": "1\n", "sys/class/rtc/rtc1/since_epoch": "1700000001\n" };

const nothing = { isSynchronised: undefined, isMarked: false, rtcMs: undefined };

const CASES: readonly [about: string, machine: Machine, expected: Awaited<ReturnType<typeof readOn>>][] = [
  ["the kernel counts as synchronised", { kernel: SYNCHRONISED }, { ...nothing, isSynchronised: true, questions: 0 }],
  ["the bound is just below", { kernel: 15_999.5 }, { ...nothing, isSynchronised: true, questions: 0 }],
  ["the kernel's clock was never set", { kernel: NEVER_SET }, { ...nothing, isSynchronised: false, questions: 0 }],
  ["a unit may not ask the kernel", { timedated: true }, { ...nothing, isSynchronised: true, questions: 1 }],
  ["timedated denies it", { timedated: false }, { ...nothing, isSynchronised: false, questions: 1 }],
  ["no kernel, no timedated", { kernel: NO_KOFFI }, { ...nothing, questions: 1 }],
  ["timesyncd has set it: nobody is asked", { files: MARK }, { ...nothing, isMarked: true, questions: 0 }],
  [
    "the real-time clock read at boot, among two",
    { kernel: NEVER_SET, files: { ...RTC, ...RTC_OF_BOOT } },
    { isSynchronised: false, isMarked: false, rtcMs: 1_700_000_001_000, questions: 0 },
  ],
  [
    "a real-time clock that was not read at boot",
    { kernel: NEVER_SET, files: RTC },
    { ...nothing, isSynchronised: false, questions: 0 },
  ],
  [
    "a real-time clock that cannot be read",
    { kernel: NEVER_SET, files: { "sys/class/rtc/rtc0/hctosys": "1\n" } },
    { ...nothing, isSynchronised: false, questions: 0 },
  ],
];

for (const [about, machine, expected] of CASES) {
  test(about, async (t) => assert.deepEqual(await readOn(t, machine), expected));
}

test("this computer's own evidence is read without an error", async () => {
  const clock = { now: () => 1, uptime: () => 2 };
  const evidence = await readClockEvidence({ clock, loadLibc, isNtpSynchronised: async () => undefined });
  assert.deepEqual([evidence.wallMs, evidence.uptimeMs], [1, 2]);
});

test("a container is known by the marks of its engine", async (t) => {
  const root = await temporaryFolder(t);
  assert.equal(isContainer({}, root), false);
  assert.equal(isContainer({ container: "systemd-nspawn" }, root), true);
  writeFileSync(join(root, ".dockerenv"), "");
  assert.equal(isContainer({}, root), true);
});
