import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseServiceStatus, type ServiceStatus } from "../../agent/status/status-line.ts";
import { type Address, parseAddress } from "../../common/model/address.ts";
import { parseAgentFile } from "./env-file.ts";
import { instanceOf, unitOf } from "./instance-name.ts";
import type { Services, UnitState } from "./systemd.ts";

/** A battery that was set up on this machine. */
export interface Battery {
  readonly name: string;
  /** Undefined where its file may not be read or has none. */
  readonly address: Address | undefined;
  readonly service: UnitState;
  /** What its agent says; undefined while none runs. */
  readonly status: ServiceStatus | undefined;
  /** Lent to somebody else for a while. */
  readonly isLent: boolean;
}

/** The timer that takes a lent battery back. */
export function timerOf(instance: string): string {
  return `bms-take-back-${instance}`;
}

/** Every battery that has a file in `folder` or a service of its own. */
export async function findBatteries(services: Services, folder: string): Promise<Battery[]> {
  const units = await services.list(unitOf("*"));
  const names = new Set([...filesIn(folder), ...units.flatMap((unit) => instanceOf(unit) ?? [])]);
  const sorted = [...names].sort();
  const states = await services.show(sorted.flatMap((name) => [unitOf(name), `${timerOf(name)}.timer`]));
  const stateOf = (unit: string) => states.find((state) => state.unit === unit);
  return sorted.flatMap((name) => {
    const service = stateOf(unitOf(name));
    if (!service) return [];
    return {
      name,
      address: parseAddress(name) ?? addressIn(join(folder, `${name}.env`)),
      service,
      status: service.active === "active" ? parseServiceStatus(service.status) : undefined,
      isLent: service.active !== "active" && stateOf(`${timerOf(name)}.timer`)?.active === "active",
    };
  });
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((file) => /^(.+)\.env$/.exec(file)?.[1] ?? []);
  } catch {
    return [];
  }
}

function addressIn(file: string): Address | undefined {
  try {
    return parseAddress(parseAgentFile(readFileSync(file, "utf8")).get("BMS_ADDRESS") ?? "");
  } catch {
    return undefined;
  }
}
