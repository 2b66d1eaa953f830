import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { agentOf, connectedAgents, localAgents } from "../../../../agent/status/local-agents.ts";
import { agentStatusOf } from "../../../support/agent-status.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

test("agents are read from their status files; what is not one is passed over", async (t) => {
  const folder = await temporaryFolder(t);
  const write = async (name: string, text: string) => {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "status.json"), text);
  };
  await write("solar", JSON.stringify(agentStatusOf({ address: "C0:00:00:00:00:01" })));
  await write("garbage", "{");
  await mkdir(join(folder, "starting"));
  const agents = localAgents(folder);
  assert.deepEqual(
    agents.map(({ name }) => name),
    ["solar"],
  );
  assert.equal(agentOf("C0:00:00:00:00:01", agents)?.name, "solar");
  assert.equal(agentOf("C0:00:00:00:00:02", agents), undefined);
  assert.deepEqual(localAgents(join(folder, "absent")), []);
});

test("only an agent that is connected, by a status of today, holds its battery", () => {
  const status = agentStatusOf({ at: 1_000_000_000 });
  const named = (name: string, changed: Partial<typeof status>) => ({ name, status: { ...status, ...changed } });
  const agents = [named("house", {}), named("solar", { state: "away" }), named("old", { at: 0 })];
  assert.deepEqual(
    connectedAgents(agents, 1_000_010_000).map(({ name }) => name),
    ["house"],
  );
});
