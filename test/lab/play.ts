import { bootMachine, type MachineOptions } from "./machine/machine.ts";
import { decodeMessage, type Finding, type Message } from "./report.ts";

export type Boot = Pick<MachineOptions, "kernel" | "initrd" | "share">;

export interface Play {
  readonly boot: Boot;
  /** For the runner in the machine: settings, then scenarios. */
  readonly words: readonly string[];
  /** File for what the machine prints. */
  readonly console: string;
  say(line: string): void;
}

export interface Played {
  /** The findings of each scenario that came to its end. */
  readonly results: ReadonlyMap<string, readonly Finding[]>;
  /** What ended the machine before its time, as the end of a sentence. */
  readonly endedBy: string | undefined;
}

/** A machine that says nothing for so long has hung. */
const SILENT_FOR_MS = 300_000;

/** Boots one machine, lets it run its scenarios, and hears what it tells. */
export async function playOnce({ boot, words, console, say }: Play): Promise<Played> {
  const machine = bootMachine({ ...boot, words, console: { file: console } });
  const results = new Map<string, readonly Finding[]>();
  let current: Finding[] = [];
  let endedBy: string | undefined;
  const end = (why: string) => {
    endedBy ??= why;
    machine.kill();
  };
  const hear = (message: Message) => {
    switch (message.say) {
      case "begin":
        current = [];
        return say(message.scenario);
      case "finding":
        current.push(message.finding);
        return say(`  ${inWords(message.finding)}`);
      case "end":
        results.set(message.scenario, current);
        return say(
          `  ${message.scenario} took ${Math.round(message.seconds)} s of the machine's time, ${busy(message)}`,
        );
      case "oops":
        return end(`met a bug of its kernel (${message.line})`);
    }
  };
  let watchdog: NodeJS.Timeout | undefined;
  const watch = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => end(`said nothing for ${SILENT_FOR_MS / 1000} s`), SILENT_FOR_MS);
  };
  watch();
  for await (const line of machine.report) {
    watch();
    const message = decodeMessage(line);
    if (message) hear(message);
    else if (line !== "") say(`  machine: ${line}`);
  }
  clearTimeout(watchdog);
  await machine.off;
  return { results, endedBy };
}

function inWords({ expected, verdict, seen }: Finding): string {
  return `${verdict}: ${expected}${seen ? ` (${seen})` : ""}`;
}

function busy({ busy }: { busy: number }): string {
  return `its processor ${Math.round(busy * 100)} % busy`;
}
