/** The protections that are raised by command. */
export interface Protections {
  /** @throws {RangeError} where there is none of that name */
  set(name: string, on: boolean): void;
  isRaised(name: string): boolean;
  mayCharge(): boolean;
  mayDischarge(): boolean;
  /** The current that flows of one that is asked for. */
  gated(amps: number): number;
}

type Mosfet = "charge" | "discharge";

/** The MOSFETs that a protection switches off; alarms switch nothing off. */
const STOPPED_BY: Readonly<Record<string, readonly Mosfet[]>> = {
  ...Object.fromEntries(["ovp", "bov", "cot", "cut", "coc", "cmf"].map((name) => [name, ["charge"]])),
  ...Object.fromEntries(["uvp", "buv", "dot", "dut", "duc", "dmf"].map((name) => [name, ["discharge"]])),
  ...Object.fromEntries(["sc", "ic"].map((name) => [name, ["charge", "discharge"]])),
};

/** The protections and alarms of these names. */
export function createProtections(names: Iterable<string>): Protections {
  const known: ReadonlySet<string> = new Set(names);
  const raised = new Set<string>();
  const isStopped = (mosfet: Mosfet) => [...raised].some((name) => STOPPED_BY[name]?.includes(mosfet));
  return {
    set(name, on) {
      if (!known.has(name)) {
        const choice = known.size > 0 ? `choose one of ${[...known].join(", ")}` : "this device has none";
        throw new RangeError(`no protection ${name}: ${choice}`);
      }
      if (on) raised.add(name);
      else raised.delete(name);
    },
    isRaised: (name) => raised.has(name),
    mayCharge: () => !isStopped("charge"),
    mayDischarge: () => !isStopped("discharge"),
    gated: (amps) => (isStopped(amps > 0 ? "charge" : "discharge") ? 0 : amps),
  };
}
