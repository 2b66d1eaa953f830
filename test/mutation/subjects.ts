import { existsSync } from "node:fs";

/** Source files whose tests are tested, and the tests that must notice their mutants besides the file's own. */
interface Subject {
  readonly files: readonly string[];
  readonly tests: readonly string[];
}

const SUBJECTS: readonly Subject[] = [
  {
    files: [
      "agent/outbox/ledger.ts",
      "agent/outbox/unsettled-run.ts",
      "agent/outbox/batch.ts",
      "agent/outbox/outbox.ts",
      "agent/outbox/store.ts",
      "agent/outbox/spool-policy.ts",
    ],
    tests: [
      "test/unit/agent/outbox/ledger.test.ts",
      "test/unit/agent/outbox/preview.test.ts",
      "test/unit/agent/outbox/outbox.test.ts",
      "test/unit/agent/outbox/spool-policy.test.ts",
      "test/integration/delivery.test.ts",
    ],
  },
  {
    files: ["agent/outbox/zeromq-client.ts", "aggregator/aggregator.ts", "aggregator/intake/zeromq-server.ts"],
    tests: [
      "test/unit/aggregator/aggregator.test.ts",
      "test/unit/aggregator/serve.test.ts",
      "test/unit/aggregator/intake/hostile.test.ts",
    ],
  },
  {
    files: [
      "aggregator/run-tracker.ts",
      "aggregator/outputs/output.ts",
      "aggregator/outputs/batch-queue.ts",
      "aggregator/outputs/receipts.ts",
      "aggregator/outputs/flush-window.ts",
    ],
    tests: ["test/unit/aggregator/outputs/output.test.ts", "test/integration/delivery.test.ts"],
  },
  {
    files: [
      "agent/outbox/spool/spool.ts",
      "agent/outbox/spool/segment.ts",
      "agent/outbox/spool/directory.ts",
      "agent/outbox/spool/file-index.ts",
    ],
    tests: ["test/unit/agent/outbox/spool/spool.test.ts", "test/unit/agent/outbox/spool-policy.test.ts"],
  },
  { files: ["agent/outbox/spool/record.ts"], tests: ["test/unit/agent/outbox/spool/spool.test.ts"] },
  {
    files: [
      "common/runtime/file-locks.ts",
      "common/runtime/abstract-locks.ts",
      "common/runtime/machine-locks.ts",
      "agent/radio/sharing/lease.ts",
      "agent/radio/sharing/adapter-lease.ts",
    ],
    tests: ["test/unit/agent/radio/sharing/lease.test.ts", "test/unit/agent/radio/sharing/adapter-lease.test.ts"],
  },
  { files: ["aggregator/endpoint/claim-endpoint.ts", "agent/radio/sharing/wait-queue.ts"], tests: [] },
  {
    files: ["agent/clock/timekeeper.ts", "agent/clock/wall-clock.ts", "agent/clock/clock-state.ts"],
    tests: ["test/unit/agent/clock/timekeeper.test.ts"],
  },
  {
    files: ["control/setup/env-file.ts", "control/setup/set-up.ts", "control/setup/instance-name.ts"],
    tests: ["test/unit/control/setup/set-up.test.ts"],
  },
  {
    files: ["rules", "plan", "order", "order-rules", "chemistry"].map(
      (name) => `agent/drivers/jbd/settings/${name}.ts`,
    ),
    tests: ["test/unit/agent/drivers/jbd/settings/plan.test.ts", "test/unit/agent/drivers/jbd/settings/board.test.ts"],
  },
  {
    files: ["agent/drivers/jbd/settings/codec.ts", "agent/drivers/jbd/settings/front-end.ts"],
    tests: ["test/unit/agent/drivers/jbd/settings/codec.test.ts"],
  },
  {
    files: ["agent/drivers/jbd/settings/board.ts", "agent/drivers/jbd/settings/interlocks.ts"],
    tests: ["test/unit/agent/drivers/jbd/settings/board.test.ts"],
  },
  {
    files: ["device", "feed", "house", "lag", "meter", "period"].map((name) => `viewer/house/${name}.ts`),
    tests: ["test/unit/viewer/house/house.test.ts", "test/unit/viewer/house/recall.test.ts"],
  },
  { files: ["viewer/house/smoothed-current.ts"], tests: ["test/unit/viewer/house/time-left.test.ts"] },
];

export const SUBJECT_FILES = SUBJECTS.flatMap(({ files }) => files);

/** The test files of a source file, its own one first. */
export function testsOf(file: string): readonly string[] {
  const own = `test/unit/${file.replace(/\.ts$/, ".test.ts")}`;
  const others = SUBJECTS.find(({ files }) => files.includes(file))?.tests ?? [];
  return [...new Set([own, ...others])].filter(existsSync);
}
