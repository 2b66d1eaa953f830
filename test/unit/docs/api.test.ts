import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AT, historyOf, houseOf, meterOf } from "../../support/house.ts";
import { readingOf } from "../../support/reading.ts";
import { serveWeb } from "../../support/web.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/api.md"), "utf8");

/** The requests of the page, each with the block that follows it. */
const EXAMPLES = [...PAGE.matchAll(/^`GET (\S+)` → (\d+)\n\n```(\w+)\n([\s\S]*?)^```$/gm)].map(
  ([, path = "", status, language = "", block = ""]) => ({ path, status: Number(status), language, block }),
);
const SAMPLE = { volts: 13.3, amps: -2.5, online: 1 };
const READINGS = [SAMPLE, SAMPLE, { online: 0 }].map((sample, i) =>
  readingOf(i + 1, { meter: "house", takenAt: AT + i * 2_000, sample }),
);

test("the page has an example of every path", () => {
  const paths = new Set(EXAMPLES.map(({ path }) => path.replace(/\?.*/, "")));
  for (const [, path = ""] of PAGE.matchAll(/^#{2,3} (\/\S+)$/gm)) assert.ok(paths.has(path), path);
  assert.equal(paths.size, 10);
});

for (const { path, status, language, block } of EXAMPLES) {
  test(`the answer to ${path} is as docs/api.md shows it`, async (t) => {
    const history = historyOf(READINGS);
    const web = await serveWeb(t, { house: () => houseOf([meterOf("house")], { history: history.view() }), history });
    const gone = new AbortController();
    t.after(() => gone.abort());
    const response = await fetch(`${web.url}${path}`, { signal: gone.signal });
    assert.equal(response.status, status);
    if (language === "json") {
      assert.deepEqual(await response.json(), JSON.parse(block));
      return;
    }
    let missing = block.trimEnd().split("\n");
    let text = "";
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const lines = new Set(text.split("\n"));
      missing = missing.filter((line) => !lines.has(line));
      // A stream of events does not end by itself.
      if (missing.length === 0) break;
    }
    assert.deepEqual(missing, []);
  });
}
