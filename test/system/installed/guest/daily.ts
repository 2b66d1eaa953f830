import { check, expect } from "./check.ts";
import { eventually, mainPid, restarts, run, systemctl, unit } from "./commands.ts";
import { NAMES } from "./paths.ts";

/** By `systemd-analyze security`, from 0 to 10. */
const EXPOSED_AT_MOST = [
  [`${unit("solar")}.service`, 1.0],
  ["bms-aggregator.service", 0.3],
  ["bms-viewer.service", 0.3],
] as const;

/** The commands of every day. */
export async function daily(): Promise<void> {
  await check("systemctl status shows the state of a battery", async () => {
    const status = /^connected, [\d,]+ readings, backlog 0, last \S+Z$/;
    return await eventually("a status line of a connected battery", async () => {
      const line = await systemctl("show", "--property=StatusText", "--value", unit("solar"));
      return status.test(line) && line;
    });
  });
  for (const [service, most] of EXPOSED_AT_MOST) {
    await check(`${service} is exposed no more than stated`, async () => {
      const report = await run("systemd-analyze", "security", "--no-pager", service);
      const exposure = /exposure level for \S+: ([\d.]+)/.exec(report)?.[1] ?? "unknown";
      expect(Number(exposure) <= most, exposure);
      return `${exposure}, at most ${most}`;
    });
  }
  await check("list: a line for each battery", async () => {
    const table = await run("bmsctl", "list");
    const columns = String.raw`[\dA-F:]{17} +running +\d+\.\d\d V +\d+ % +\d+ s ago +\d+ +connected`;
    const rows = NAMES.map((name) => new RegExp(`^${name} +${columns}$`, "m"));
    expect(
      rows.every((row) => row.test(table)),
      table,
    );
  });
  await check("list --json: the last reading's age, the backlog", async () => {
    const facts = (await run("bmsctl", "list", "--json")).split("\n").map((line) => JSON.parse(line));
    const seen = facts.map(({ name, service, age, backlog }) => `${name} ${service}, ${age} s, backlog ${backlog}`);
    expect(facts.length === NAMES.length && facts.every(({ age }) => age >= 0 && age < 60), seen.join("; "));
    return seen.join("; ");
  });
  await check("wrong options end a service without restarts", async () => {
    // Without a settings file the agent does not know its device.
    await systemctl("start", unit("nobody")).catch(() => {});
    const state = await systemctl("show", "--property=ActiveState,ExecMainStatus,NRestarts", unit("nobody"));
    const seen = state.split("\n").sort().join(" ");
    await systemctl("reset-failed", unit("nobody"));
    expect(seen === "ActiveState=failed ExecMainStatus=2 NRestarts=0", seen);
  });
  await check("restart of one service touches no other", async () => {
    const pids = () => Promise.all(["bms-aggregator", unit("bms"), unit("inverter")].map(mainPid));
    const before = (await pids()).join(" ");
    await systemctl("restart", unit("solar"));
    const after = (await pids()).join(" ");
    expect(before === after && (await restarts(unit("solar"))) === 0, `${before} became ${after}`);
  });
}
