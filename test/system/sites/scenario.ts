import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { usualDevices } from "../../../simulator/registry.ts";
import { createSystem } from "../../integration/system.ts";
import { until } from "../../support/until.ts";
import { type Chain, type PartName, startChain } from "./chain.ts";
import type { NatsServer } from "./hub.ts";

const DEVICES = usualDevices({ jbd: 3, thornwave: 1 }).map(({ address }, i) => ({ meter: `m${i + 1}`, address }));
/** The hub asks for its source again after 30 s and 12 s; the longest of its waits is 2 min. */
const RECOVERY_MS = 180_000;

/** A chain with real agents and a real aggregator in front, whose readings are counted. */
export interface Scenario {
  readonly chain: Chain;
  /** Ends parts, waits, starts them again, and waits until the database has a new row of each meter. */
  interrupt(parts: readonly PartName[], how?: { signal?: "SIGKILL" | "SIGTERM"; forMs?: number }): Promise<void>;
  recovered(): Promise<void>;
  /** Stops the agents. Every reading of each must then come into the database, once. */
  finish(): Promise<void>;
}

export async function startScenario(t: TestContext, nats: NatsServer): Promise<Scenario> {
  const chain = await startChain(t, nats);
  const system = createSystem(t);
  await system.startSimulator("--jbd", "3", "--thornwave", "1", "--seed", "1", "--latency", "1");
  // The row of a second output is the account of what must be stored. It is not required, so nothing waits for it.
  await system.startAggregator("--output", `unix://${chain.socket}`, "-", "--settle", "3");
  const agents = DEVICES.map(({ meter, address }) => system.startAgent(meter, address, "-i", "0.2"));
  const pollsOf = (meter: string) => [...new Set(system.rows(meter).map(({ polls }) => Number(polls)))];
  const newestOf = (rows: Awaited<ReturnType<Chain["stored"]>>, meter: string) =>
    Math.max(0, ...rows.filter((row) => row.meter === meter).map(({ poll }) => poll));

  async function recovered() {
    const before = DEVICES.map(({ meter }) => Math.max(0, ...pollsOf(meter)));
    const look = async () => {
      const rows = await chain.stored();
      return DEVICES.every(({ meter }, i) => newestOf(rows, meter) > (before[i] ?? 0));
    };
    await until("the database has new rows", look, RECOVERY_MS, 500).catch((error: Error) => {
      throw new Error(`${error.message}\n${chain.logs()}`, { cause: error });
    });
  }
  const startedAt = performance.now();
  await recovered();
  t.diagnostic(`first rows after ${seconds(startedAt)} s`);
  return {
    chain,
    recovered,
    async interrupt(parts, { signal = "SIGKILL", forMs = 1_000 } = {}) {
      const startedAt = performance.now();
      await Promise.all(parts.map((part) => chain.end(part, signal)));
      await sleep(forMs);
      for (const part of parts) await chain.start(part);
      await recovered();
      t.diagnostic(`${parts.join(" and ")} ${signal}: new rows after ${seconds(startedAt + forMs)} s`);
    },
    async finish() {
      for (const { code } of await Promise.all(agents.map((agent) => agent.stop("SIGINT")))) assert.equal(code, 0);
      const expected = DEVICES.map(({ meter }) => pollsOf(meter).sort((a, b) => a - b));
      for (const polls of expected)
        assert.deepEqual(
          polls,
          Array.from(polls, (_, i) => i + 1),
          "a poll without a row",
        );
      const stored = async () => {
        const rows = await chain.stored();
        assert.ok(rows.every(({ site }) => site === "shed"));
        return DEVICES.map(({ meter }) =>
          rows
            .filter((row) => row.meter === meter)
            .map(({ poll }) => poll)
            .sort((a, b) => a - b),
        );
      };
      const count = (lists: readonly (readonly number[])[]) => lists.reduce((sum, { length }) => sum + length, 0);
      const isThere = async () => count(await stored()) >= count(expected);
      await until("all rows", isThere, RECOVERY_MS, 500).catch(() => {});
      assert.deepEqual(await stored(), expected);
      t.diagnostic(`${count(expected)} readings, each stored once`);
    },
  };
}

const seconds = (startedAt: number) => ((performance.now() - startedAt) / 1000).toFixed(1);
