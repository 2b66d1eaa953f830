import { ServiceError, type Services, type UnitState } from "../../control/setup/systemd.ts";

export interface FakeServices extends Services {
  /** What was asked of the service manager, as typed on a command line. */
  readonly asked: string[];
}

/** A service manager that knows these units; a command that names a unit of `refused` fails. */
export function fakeServices(
  units: Readonly<Record<string, Partial<UnitState>>>,
  refused: readonly string[] = [],
): FakeServices {
  const asked: string[] = [];
  return {
    asked,
    list: async (pattern) => {
      const [head = "", tail = ""] = pattern.split("*");
      return Object.keys(units).filter((unit) => unit.startsWith(head) && unit.endsWith(tail));
    },
    show: async (wanted) => wanted.map((unit) => ({ ...nothing, load: "not-found", unit, ...units[unit] })),
    async control(...words) {
      asked.push(words.join(" "));
      if (words.some((word) => refused.includes(word))) throw new ServiceError("refused");
    },
    lastWords: async () => "",
    async startLater(timer, unit, seconds) {
      asked.push(`start ${unit} in ${seconds} s by ${timer}`);
    },
  };
}

const nothing = { active: "inactive", sub: "dead", enabled: "", status: "", result: "", exit: 0 };
