// Changes are applied to simulated packs while requests are lost, links cut, programs killed and packs lose their power:
// `npm run test:settings`.
import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { hex } from "../../../control/settings/write-registers.ts";
import { type Application, runApplication } from "./application.ts";
import { type Killed, runKill } from "./kills.ts";
import { parseSettingsOptions } from "./options.ts";
import { planOf } from "./plan.ts";
import { isInDocument, record, writeToDocument } from "./record.ts";
import { SABOTAGES } from "./sabotage.ts";
import { added, type Failure, formatSummary, NOTHING, type Summary } from "./summary.ts";
import { violationsOf } from "./verdict.ts";

const SHARD = join(import.meta.dirname, "shard.ts");
const SHOWN_FAILURES = 10;
/** Applications within which a defect of the engine must be noticed. */
const SABOTAGE_APPLICATIONS = 400;
const MAX_OUTPUT = 64 * 1024 * 1024;

const options = parseSettingsOptions(process.argv.slice(2));
const print = (line: string) => void process.stdout.write(`${line}\n`);
let failures = 0;

if (options.record) {
  writeToDocument(await record());
} else if (options.number !== undefined) {
  await examineOne(options.number);
} else {
  await noticeDefects();
  await examineAll();
  if (options.kills > 0) await runPrograms();
}
process.exitCode = failures > 0 ? 1 : 0;

function report(...texts: readonly string[]): void {
  for (const text of texts) if (failures++ < SHOWN_FAILURES) print(`not as promised: ${text}`);
}

async function examineOne(number: number): Promise<void> {
  const application = await runApplication(planOf(options.seed, number));
  print(describe(application));
  report(...violationsOf(application));
}

async function noticeDefects(): Promise<void> {
  for (const [name, sabotage] of Object.entries(SABOTAGES)) {
    const noticed = await noticedAfter(name);
    print(`a defective engine, ${name}: ${noticed ? `noticed after ${noticed} applications` : "not noticed"}`);
    if (!noticed) report(`${sabotage.about}, and nobody notices`);
  }
}

async function examineAll(): Promise<void> {
  const summary = await runAll();
  print(formatSummary(summary));
  report(...summary.failures.map(formatFailure));
}

async function runPrograms(): Promise<void> {
  const kills: Killed[] = [];
  for (let number = 0; number < options.kills; number++) kills.push(await runKill(options.seed, number));
  const phases = [...new Set(kills.map(({ phase }) => phase))].join(", ");
  print(`${kills.length} kills of a real bmsctl while ${phases}, and of the agent after it`);
  report(...kills.flatMap(({ violations }) => violations));
  if (isInDocument(await record())) return;
  report("docs/settings.md does not show what a person sees: npm run test:settings -- --record");
}

/** Number of applications until the verdict notices a defect; undefined where it does not. */
async function noticedAfter(name: string): Promise<number | undefined> {
  for (let number = 0; number < SABOTAGE_APPLICATIONS; number++) {
    const application = await runApplication(planOf(options.seed, number), SABOTAGES[name]);
    if (violationsOf(application).length > 0) return number + 1;
  }
  return undefined;
}

async function runAll(): Promise<Summary> {
  const { applications, seed } = options;
  const shards = Math.max(1, Math.min(availableParallelism(), Math.ceil(applications / 100)));
  const summaries = await Promise.all(
    Array.from({ length: shards }, async (_, shard): Promise<Summary> => {
      const words = ["--import", "tsx", SHARD, seed, String(shard), String(shards), String(applications)];
      const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: MAX_OUTPUT });
      return JSON.parse(stdout) as Summary;
    }),
  );
  return summaries.reduce(added, NOTHING);
}

function formatFailure({ number, violations }: Failure): string {
  return `application ${number}: ${violations.join("; ")} (--seed ${options.seed} --number ${number} shows it)`;
}

function describe({ plan, changes, end, audit, requests, log }: Application): string {
  return [
    JSON.stringify(plan, undefined, 2),
    ...changes.map(({ register, before, after }) => `${hex(Uint8Array.of(register))}: ${hex(before)} -> ${hex(after)}`),
    ...requests.map(({ at, bytes }) => `${String(at).padStart(8)} ms  ${bytes}`),
    ...log,
    `${audit.length} writes, ended as ${end.kind}${"error" in end ? `: ${end.error.message}` : ""}`,
  ].join("\n");
}
