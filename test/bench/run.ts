// Answers questions about what the programs cost, beside baselines started in the same run.
import { readFileSync, writeFileSync } from "node:fs";
import { askTogether } from "./ask-together.ts";
import { withCleanup } from "./measure/cleanup.ts";
import { findPrograms } from "./measure/programs.ts";
import { parseBenchOptions } from "./options.ts";
import { QUESTIONS } from "./questions/index.ts";
import type { Answered } from "./report/document.ts";
import { describeEnvironment } from "./report/environment.ts";
import { answerLines } from "./report/table.ts";
import { writeDocument } from "./report/write.ts";

/** Environment variables that end or disturb a measurement of Node itself. */
const DISTURBING = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "NODE_OPTIONS", "NODE_COMPILE_CACHE"];
for (const name of DISTURBING) delete process.env[name];

const {
  questions: names,
  quick,
  json,
  from,
  write,
  runs: wanted,
} = parseBenchOptions(process.argv.slice(2), QUESTIONS);
const programs = await findPrograms();
for (const each of [programs.peer, programs.telegraf]) if ("missing" in each) print([`not here: ${each.missing}`]);

const runs = wanted ?? (quick ? 1 : 3);
const earlier = from.flatMap((file) => JSON.parse(readFileSync(file, "utf8")) as Answered[]);
const asked: Answered[] = [];
const chosen = QUESTIONS.filter(({ name }) => names.includes(name));
const sturdy = chosen.filter(({ isSturdy }) => isSturdy);
const together = sturdy.length > 1 ? sturdy : [];
for (const question of chosen.filter((each) => !together.includes(each))) {
  const { name, title } = question;
  const progress = (text: string) => void process.stderr.write(`${name}: ${text}\n`);
  const answer = await withCleanup({ isQuick: quick, runs, programs, progress }, (inner) => question.ask(inner));
  keep({ name, title, ...answer });
}
const options = ["--runs", String(runs), ...(quick ? ["--quick"] : [])];
for (const answered of await askTogether(together, options)) keep(answered);

function keep(answered: Answered): void {
  print(answerLines(answered, answered));
  asked.push(answered);
  // After each question: a run that is ended keeps what it has.
  if (json) writeFileSync(json, `${JSON.stringify(asked, undefined, 2)}\n`);
}

if (write) {
  const answers = QUESTIONS.flatMap(({ name }) => [...asked, ...earlier].find((each) => each.name === name) ?? []);
  writeDocument(answers, describeEnvironment(programs));
}
const broken = asked.filter(({ budgets }) => budgets.some(({ isBroken }) => isBroken));
if (broken.length > 0) process.exitCode = 1;
// As node's test runner ends, for scripts that look whether anything was measured.
print(["", `ℹ tests ${asked.length}`, `ℹ pass ${asked.length - broken.length}`, `ℹ fail ${broken.length}`]);

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
