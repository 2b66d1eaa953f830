import assert from "node:assert/strict";
import { test } from "node:test";
import { confirmByName } from "../../../../control/settings/confirm.ts";
import type { Prompt } from "../../../../control/setup/prompt.ts";

function answering(answer: string): { readonly prompt: Prompt; readonly said: string[] } {
  const said: string[] = [];
  const prompt: Prompt = {
    async ask(question) {
      said.push(question);
      return answer;
    },
    print: (text) => void said.push(text),
    close: () => void said.push("closed"),
  };
  return { prompt, said };
}

test("the pack's name confirms", async () => {
  const { prompt, said } = answering("house");
  await confirmByName("Everything goes dark.", "house", prompt);
  assert.deepEqual(said, ["Everything goes dark.\n", "type house to confirm", "closed"]);
});

for (const answer of ["", "yes", "House"]) {
  test(`"${answer}" does not`, async () => {
    const { prompt, said } = answering(answer);
    await assert.rejects(confirmByName("Sure?", "house", prompt), {
      name: "UsageError",
      message: /^nothing was changed/,
    });
    assert.equal(said.at(-1), "closed");
  });
}
