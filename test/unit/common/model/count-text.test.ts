import assert from "node:assert/strict";
import { test } from "node:test";
import { counted, grouped } from "../../../../common/model/count-text.ts";

test("thousands are grouped", () =>
  assert.deepEqual([0, 999, 8412, 1e6].map(grouped), ["0", "999", "8,412", "1,000,000"]));

test("a count has the plural that it needs", () =>
  assert.deepEqual(
    [0, 1, 8412].map((count) => counted(count, "reading")),
    ["0 readings", "1 reading", "8,412 readings"],
  ));
