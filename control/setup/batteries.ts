import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { statusIn } from "../../agent/status/local-agents.ts";
import { type Address, parseAddress } from "../../common/model/address.ts";
import type { AgentStatus } from "../../common/model/status.ts";
import { parseEnvironmentFile } from "../../common/systemd/environment-file.ts";
import type { Installation } from "./installation.ts";
import { instanceOf, unitOf } from "./instance-name.ts";
import type { Systemd, UnitState } from "./systemd.ts";

/** A battery that is set up on this machine. */
export interface Battery {
  readonly name: string;
  /** Undefined if its file may not be read or has none. */
  readonly address: Address | undefined;
  readonly service: UnitState;
  /** The status of its running agent; undefined if none runs, none is written yet, or it may not be read. */
  readonly status: AgentStatus | undefined;
  /** Released for a while: a timer takes it back. */
  readonly isReleased: boolean;
}

/** The timer that takes a released battery back. */
export function timerOf(instance: string): string {
  return `bms-take-back-${instance}`;
}

/** Every battery that has an environment file or a service. */
export async function findBatteries({ files, runtime }: Installation, systemd: Systemd): Promise<Battery[]> {
  const units = await systemd.list(unitOf("*"));
  const names = [...new Set([...namesIn(files), ...units.flatMap((unit) => instanceOf(unit) ?? [])])].sort();
  const states = await systemd.show(names.flatMap((name) => [unitOf(name), `${timerOf(name)}.timer`]));
  const stateOf = (unit: string) => states.find((state) => state.unit === unit);
  return names.flatMap((name) => {
    const service = stateOf(unitOf(name));
    if (!service) return [];
    const isActive = service.active === "active";
    return {
      name,
      address: parseAddress(name) ?? addressIn(join(files, `${name}.env`)),
      service,
      status: isActive ? statusIn(join(runtime, name)) : undefined,
      isReleased: !isActive && stateOf(`${timerOf(name)}.timer`)?.active === "active",
    };
  });
}

function namesIn(files: string): string[] {
  try {
    return readdirSync(files).flatMap((file) => /^(.+)\.env$/.exec(file)?.[1] ?? []);
  } catch {
    return [];
  }
}

function addressIn(file: string): Address | undefined {
  try {
    return parseAddress(parseEnvironmentFile(readFileSync(file, "utf8")).get("BMS_ADDRESS") ?? "");
  } catch {
    return undefined;
  }
}
