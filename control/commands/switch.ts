import { defineCommand } from "../../common/cli/command.ts";
import { type OptionRow, onOff, wholeNumber } from "../../common/cli/option.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { confirmByName } from "../settings/confirm.ts";
import { type Machine, openPack, THIS_MACHINE } from "../settings/open-pack.ts";
import { PACK_ARGUMENT, PACK_OPTIONS } from "../settings/pack-options.ts";
import { requireWriter } from "../settings/permission.ts";
import { MOSFETS, type Mosfet, switchMosfet } from "../settings/switch-mosfet.ts";

const minutes = {
  flags: "--minutes <count>",
  about: "switch it on again after this time, whatever becomes of this command",
  presetText: "it stays as it is",
  ...wholeNumber("minutes", 1440),
} satisfies OptionRow<number>;

const yes = { flags: "--yes", about: "do not ask for confirmation", ...onOff } satisfies OptionRow<boolean>;

export const switchCommand = defineCommand({
  name: "switch",
  about: `Switches charging or discharging of a JBD pack off or on, by its MOSFETs, and reads back whether it happened. The board's
protections go on working. After a restart of the board both are on again.`,
  argument: PACK_ARGUMENT,
  more: [
    { name: "what", about: MOSFETS.join(" or ") },
    { name: "state", about: "on or off" },
  ],
  options: { minutes, yes, ...PACK_OPTIONS },
  examples: [
    ["sudo bmsctl switch house charge off --minutes 30", "no charging for half an hour"],
    ["sudo bmsctl switch house charge on", "at once"],
    ["sudo bmsctl switch house discharge off", "cuts the power of everything that house feeds; asks first"],
  ],
  read({ argument, more: [what = "", state = ""], values }) {
    const mosfet = MOSFETS.find((word) => word === what);
    if (!mosfet) throw new UsageError(`'${what}' cannot be switched: say ${MOSFETS.join(" or ")}`);
    if (state !== "on" && state !== "off") throw new UsageError(`'${state}' is not a state: say on or off`);
    const isOn = state === "on";
    if (isOn && values.minutes !== undefined) throw new UsageError("--minutes is for off: the return is to on");
    return { name: argument, mosfet, isOn, ...values };
  },
  run: (options, deps) => runSwitch(options, deps, THIS_MACHINE),
});

type SwitchOptions = Parameters<typeof openPack>[1] & {
  readonly name: string;
  readonly mosfet: Mosfet;
  readonly isOn: boolean;
  readonly minutes: number | undefined;
  readonly yes: boolean;
};
type SwitchDeps = Parameters<typeof openPack>[2] & {
  readonly uid: number;
  print(text: string): void;
};

async function runSwitch(options: SwitchOptions, deps: SwitchDeps, machine: Machine): Promise<number> {
  const { mosfet, isOn, minutes } = options;
  const { uid, print, clock } = deps;
  const pack = await openPack(options.name, options, deps, machine);
  const { name, battery, device } = pack.target;
  if (device.radio.kind !== "simulated") requireWriter({ uid, groups: process.getgroups?.() ?? [] });
  if (minutes !== undefined && battery === undefined) {
    throw new UsageError(`--minutes needs a service that knows ${name}: sudo bmsctl add`);
  }
  if (!isOn && mosfet === "discharge" && !options.yes) await confirmByName(LOSES_POWER(name), name);
  const timer = timerOf(name, mosfet);
  await machine.systemd.control("stop", `${timer}.timer`).catch(() => {});
  // Before the switch: a crash in between does not leave it off.
  if (minutes !== undefined) await machine.systemd.runLater(timer, backCommand(name, mosfet), minutes * 60);
  await pack.use((work) => switchMosfet(mosfet, isOn, work));
  print(`${mosfet} of ${name} is ${isOn ? "on" : "off"}\n`);
  if (minutes === undefined) return 0;
  const back = new Date(clock.now() + minutes * 60_000).toTimeString().slice(0, 5);
  print(`it is switched on again in ${minutes} min (${back}); at once: sudo bmsctl switch ${name} ${mosfet} on\n`);
  return 0;
}

const LOSES_POWER = (name: string) =>
  `Everything that ${name} feeds loses its power at once, perhaps this computer too. Charging stays possible.
Bluetooth of the pack stays on; if this computer cannot reach it any more, only the maker's app or a charger helps.`;

const timerOf = (name: string, mosfet: Mosfet) => `bms-switch-back-${name}-${mosfet}`;

/** The program that runs now, for a timer. */
function backCommand(name: string, mosfet: Mosfet): string[] {
  return [process.execPath, process.argv[1] ?? "", "switch", name, mosfet, "on"];
}
