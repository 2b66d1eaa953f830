import { decodeRequest } from "../../../agent/drivers/jbd/frame.ts";
import { decodeModuleFrame, MODULE_COMMANDS, moduleFraming } from "../../../agent/drivers/jbd/module-frame.ts";
import { hex } from "../../../control/settings/write-registers.ts";
import type { Memory } from "../../../simulator/battery.ts";
import type { RequestRecord } from "../../../simulator/device.ts";
import type { Application } from "./application.ts";

/** Everything that an application did wrong; empty where it is as promised. */
export function violationsOf(application: Application): readonly string[] {
  return [
    ...endViolations(application),
    ...factoryModeViolations(application),
    ...restorationViolations(application),
    ...airViolations(application),
  ];
}

/** The pack holds the old values or the new ones, and where it does not, that was reported. */
function endViolations({ end, changes, before, after, unfinished }: Application): string[] {
  const both = [
    ["in use", after.working],
    ["stored", after.stored],
  ] as const;
  const wanted = new Map(changes.map((change) => [hexNumber(change.register), hex(change.after)]));
  const others = Object.keys(before.working).filter((register) => !wanted.has(register));
  const touched = both.flatMap(([where, memory]) =>
    others
      .filter((register) => memory[register] !== before.stored[register])
      .map((register) => `${register}, which was not to be changed, is ${memory[register]} (${where})`),
  );
  const unlike = (expected: (register: string) => string | undefined, isExcused: (register: string) => boolean) =>
    both.flatMap(([where, memory]) =>
      [...wanted.keys()]
        .filter((register) => memory[register] !== expected(register) && !isExcused(register))
        .map((register) => `${end.kind}, but ${register} is ${memory[register]}, not ${expected(register)} (${where})`),
    );
  const old = (register: string) => before.stored[register];
  switch (end.kind) {
    case "applied":
      return [
        ...touched,
        ...unlike(
          (register) => wanted.get(register),
          () => false,
        ),
      ];
    case "put-back":
    case "failed":
    case "refused":
      return [...touched, ...unlike(old, () => false)];
    case "between": {
      const left = new Set(end.left.map(({ register }) => hexNumber(register)));
      return [...touched, ...unlike(old, (register) => left.has(register))];
    }
    case "killed": {
      const isOld = unlike(old, () => false).length === 0;
      const isNew =
        unlike(
          (register) => wanted.get(register),
          () => false,
        ).length === 0;
      return isOld || isNew || unfinished ? touched : [...touched, "killed between old and new without a note of it"];
    }
  }
}

function factoryModeViolations({ after, isMarked, recovered, isStillMarked }: Application): string[] {
  return [
    ...(after.isInFactoryMode && !isMarked ? ["left in factory mode without a note for the agent"] : []),
    ...(recovered.isInFactoryMode ? ["still in factory mode after the agent's start"] : []),
    ...(isStillMarked ? ["the note for the agent stays although the pack is reachable"] : []),
  ];
}

function restorationViolations({ restored, before }: Application): string[] {
  if (!restored) return [];
  const { end, memory } = restored;
  const wrong = (where: string, held: Memory["working"]) =>
    Object.keys(before.stored)
      .filter((register) => held[register] !== before.stored[register])
      .map((register) => `restored, but ${register} is ${held[register]}, not ${before.stored[register]} (${where})`);
  return [
    ...(end.kind === "applied"
      ? []
      : [`the restoration ended as ${end.kind}${"error" in end ? `: ${end.error.message}` : ""}`]),
    ...wrong("in use", memory.working),
    ...wrong("stored", memory.stored),
    ...(memory.isInFactoryMode ? ["in factory mode after the restoration"] : []),
  ];
}

const READABLE = new Set([0x00, 0x03, 0x04, 0x05, 0xaa, 0xa0, 0xa1, 0xa2, 0xf2, ...through(0x10, 0x47)]);
const COMMANDS: ReadonlyMap<number, readonly string[]> = new Map([
  [0x00, ["5678"]],
  [0x01, ["0000", "2828"]],
]);
const MODULE = new Set<number>(Object.values(MODULE_COMMANDS));

/** Every request on the air is one that an application may send. */
function airViolations({ requests, changes, plan }: Application): string[] {
  const writable = new Set(changes.map(({ register }) => register));
  return requests
    .filter((request) => !isAllowed(request, writable))
    .map(({ bytes }) => `${bytes} was on the air (${plan.board.family})`);
}

function isAllowed({ bytes }: RequestRecord, writable: ReadonlySet<number>): boolean {
  const frame = Buffer.from(bytes, "hex");
  if (moduleFraming.starts(frame)) return !moduleFraming.fault(frame) && MODULE.has(decodeModuleFrame(frame).command);
  const request = decodeRequest(frame);
  if (!request) return false;
  if (!request.write) return READABLE.has(request.register);
  return writable.has(request.register) || (COMMANDS.get(request.register)?.includes(hex(request.data)) ?? false);
}

function through(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function hexNumber(register: number): string {
  return register.toString(16).padStart(2, "0");
}
