// Answers questions about what the programs cost, beside baselines started in the same run.
import { writeFileSync } from "node:fs";
import { withCleanup } from "./measure/cleanup.ts";
import { findPrograms } from "./measure/programs.ts";
import { parseBenchOptions } from "./options.ts";
import type { Answer, Question } from "./question.ts";
import { QUESTIONS } from "./questions/index.ts";
import { answerLines } from "./report/table.ts";

/** What ends or disturbs a measurement of Node itself. */
const DISTURBING = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "NODE_OPTIONS", "NODE_COMPILE_CACHE"];
for (const name of DISTURBING) delete process.env[name];

const { questions: names, quick, json, runs } = parseBenchOptions(process.argv.slice(2), QUESTIONS);
const programs = await findPrograms();
for (const each of [programs.peer, programs.telegraf]) if ("missing" in each) print([`not here: ${each.missing}`]);

const answers: { readonly question: Question; readonly answer: Answer }[] = [];
for (const question of QUESTIONS.filter(({ name }) => names.includes(name))) {
  const bench = {
    isQuick: quick,
    runs: runs ?? (quick ? 1 : 3),
    programs,
    progress: (text: string) => void process.stderr.write(`${question.name}: ${text}\n`),
  };
  const answer = await withCleanup(bench, (inner) => question.ask(inner));
  print(answerLines(question, answer));
  answers.push({ question, answer });
}

if (json) {
  const contents = answers.map(({ question: { name, title }, answer }) => ({ name, title, ...answer }));
  writeFileSync(json, `${JSON.stringify(contents, undefined, 2)}\n`);
}
const broken = answers.filter(({ answer }) => answer.budgets.some(({ isBroken }) => isBroken));
if (quick && broken.length > 0) process.exitCode = 1;
// As node's test runner ends, for scripts that look whether anything was measured.
const failed = quick ? broken.length : 0;
print(["", `ℹ tests ${answers.length}`, `ℹ pass ${answers.length - failed}`, `ℹ fail ${failed}`]);

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
