import { join } from "node:path";
import { bootMachine, type MachineOptions } from "./machine/machine.ts";
import { decodeMessage, type Finding, type Message } from "./report.ts";

export type Boot = Pick<MachineOptions, "kernel" | "initrd">;

export interface Play {
  readonly boot: Boot;
  /** Folder for the logs, and for what the machine prints. */
  readonly share: string;
  readonly scenario: string;
  readonly kills: number;
  say(line: string): void;
}

export interface Played {
  readonly findings: readonly Finding[];
  /** What ended the machine before its time, as the end of a sentence. */
  readonly endedBy: string | undefined;
}

/** A machine that says nothing for so long has hung. */
const SILENT_FOR_MS = 300_000;

/** Boots a machine, lets it run a scenario, and hears what it tells. */
export async function play({ boot, share, scenario, kills, say }: Play): Promise<Played> {
  const words = [scenario, String(kills)];
  const machine = bootMachine({ ...boot, share, words, console: { file: join(share, "console.log") } });
  const findings: Finding[] = [];
  let endedBy: string | undefined = "went off";
  const kill = (why: string) => {
    endedBy = why;
    machine.kill();
  };
  const hear = (message: Message) => {
    switch (message.say) {
      case "finding":
        findings.push(message.finding);
        return say(`${scenario}: ${inWords(message.finding)}`);
      case "end":
        endedBy = undefined;
        return say(`${scenario} took ${Math.round(message.seconds)} s of the machine's time, ${busy(message)}`);
      case "oops":
        return kill(`met a bug of its kernel (${message.line})`);
    }
  };
  let watchdog: NodeJS.Timeout | undefined;
  const watch = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => kill(`said nothing for ${SILENT_FOR_MS / 1000} s`), SILENT_FOR_MS);
  };
  watch();
  for await (const line of machine.report) {
    watch();
    const message = decodeMessage(line);
    if (message) hear(message);
    else if (line !== "") say(`${scenario}: machine: ${line}`);
  }
  clearTimeout(watchdog);
  await machine.off;
  return { findings, endedBy };
}

function inWords({ expected, verdict, seen }: Finding): string {
  return `${verdict === "slow" ? "TOO SLOW TO JUDGE" : verdict}: ${expected}${seen ? ` (${seen})` : ""}`;
}

function busy({ busy }: { busy: number }): string {
  return `its processor ${Math.round(busy * 100)} % busy`;
}
