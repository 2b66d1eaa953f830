import { ServiceError, type Systemd, type UnitState } from "../../control/setup/systemd.ts";

export interface FakeSystemd extends Systemd {
  /** The commands it received, as typed on a command line. */
  readonly commands: string[];
}

/** A service manager that knows these units; a command that names a unit of `refused` fails. */
export function fakeSystemd(
  units: Readonly<Record<string, Partial<UnitState>>>,
  refused: readonly string[] = [],
): FakeSystemd {
  const commands: string[] = [];
  return {
    commands,
    list: async (pattern) => {
      const [head = "", tail = ""] = pattern.split("*");
      return Object.keys(units).filter((unit) => unit.startsWith(head) && unit.endsWith(tail));
    },
    show: async (wanted) =>
      wanted.map((unit) => ({ ...unitState({ active: "inactive", sub: "dead" }), unit, ...units[unit] })),
    async control(...words) {
      commands.push(words.join(" "));
      if (words.some((word) => refused.includes(word))) throw new ServiceError("refused");
    },
    lastLogLine: async () => "",
    exposure: async () => "1.2 OK",
    async startLater(timer, unit, seconds) {
      commands.push(`start ${unit} in ${seconds} s by ${timer}`);
    },
    async runLater(timer, command, seconds) {
      commands.push(`run ${command.join(" ")} in ${seconds} s by ${timer}`);
    },
  };
}

/** A running service, unless something else is given. */
export function unitState(changed: Partial<UnitState> = {}): UnitState {
  return {
    unit: "bms-agent@solar.service",
    load: "loaded",
    active: "active",
    sub: "running",
    enabled: "enabled",
    result: "success",
    exit: 0,
    ...changed,
  };
}
