import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBenchOptions } from "../../bench/options.ts";

const QUESTIONS = [
  { name: "cpu", title: "Processor time" },
  { name: "limits", title: "Promises", isSlow: true },
];
const questionsOf = (...args: readonly string[]) => parseBenchOptions(args, QUESTIONS).questions;

test("all questions are asked, the quick ones, those that are named, or none beside earlier answers", () => {
  assert.deepEqual(questionsOf(), ["cpu", "limits"]);
  assert.deepEqual(questionsOf("--quick"), ["cpu"]);
  assert.deepEqual(questionsOf("--quick", "limits"), ["limits"]);
  assert.deepEqual(questionsOf("--write", "--from", "a.json"), []);
  assert.deepEqual(questionsOf("cpu", "--write", "--from", "a.json"), ["cpu"]);
});

test("files and numbers are those given", () => {
  const options = parseBenchOptions(
    ["--json", "out.json", "--runs", "5", "--write", "--from", "a.json", "--from", "b.json"],
    QUESTIONS,
  );
  assert.deepEqual(options, {
    questions: [],
    quick: false,
    json: "out.json",
    runs: 5,
    write: true,
    from: ["a.json", "b.json"],
  });
});
