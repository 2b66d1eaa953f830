import { FrameError } from "../../codec/frame-error.ts";
import { type Row, readLayout, writeLayout } from "../../codec/layout.ts";
import { isoDate } from "../date.ts";
import type { Description } from "../device-session.ts";
import type { CellLayout } from "./cell-record.ts";

/** Texts of the information record (type 03), padded with NUL. The passwords between them are never read. */
const TEXTS = {
  model: [6, 22],
  hardware: [22, 30],
  software: [30, 38],
  produced: [78, 86],
} as const;
/** Offsets that hold passwords in clear: of the device, and of its settings. */
const SECRETS: readonly (readonly [from: number, to: number])[] = [
  [62, 78],
  [118, 134],
];

export interface Information {
  readonly layout: CellLayout;
  readonly description: Description;
}

/** @throws {FrameError} `malformed` where the versions do not tell the layout of the cell records */
export function decodeInformation(frame: Uint8Array): Information {
  const [model, hardware, software] = [
    textAt(frame, TEXTS.model),
    textAt(frame, TEXTS.hardware),
    textAt(frame, TEXTS.software),
  ];
  const produced = dateOf(textAt(frame, TEXTS.produced));
  return {
    layout: layoutOf(hardware, software),
    description: {
      ...(model && { model }),
      ...(software && { software }),
      ...(hardware && { hardware }),
      ...(produced && { produced }),
    },
  };
}

/** Boards from software 11 on use the layout for 32 cells, also for 8 cells. Those of hardware 3 are the first generation. */
function layoutOf(hardware: string, software: string): CellLayout {
  if (/^3\./.test(hardware)) return "04";
  const major = Number(/^\d+/.exec(software)?.[0] ?? Number.NaN);
  if (Number.isNaN(major)) throw new FrameError("malformed", "the board does not report the version of its software");
  return major >= 11 ? "32s" : "24s";
}

/** Printable ASCII up to the first NUL; empty where there is none. */
function textAt(frame: Uint8Array, [from, to]: readonly [number, number]): string {
  const text = String.fromCharCode(...frame.subarray(from, to));
  return (/^[ -~]*/.exec(text)?.[0] ?? "").trim();
}

/** `YYYY-MM-DD` of `YYMMDD`; undefined of anything else. */
function dateOf(text: string): string | undefined {
  const [, year, month, day] = (/^(\d\d)(\d\d)(\d\d)$/.exec(text) ?? []).map(Number);
  return isoDate(2000 + (year ?? Number.NaN), month ?? 0, day ?? 0);
}

/** Of the settings record (type 01), the same in both layouts. */
const SETTINGS = [{ name: "capacity", at: 130, raw: "u32le", per: 1000 }] as const satisfies readonly Row[];

export interface Settings {
  /** Ah, as the owner has set it. */
  readonly capacity: number;
}

export function decodeSettings(frame: Uint8Array): Settings {
  return readLayout(SETTINGS, frame);
}

export interface InformationTexts {
  readonly model: string;
  readonly hardware: string;
  readonly software: string;
  /** `YYMMDD`. */
  readonly produced: string;
  readonly passwords: readonly [device: string, settings: string];
}

/** The body of an information record, for encodeRecord. */
export function encodeInformation({ passwords, ...texts }: InformationTexts): Uint8Array {
  const body = new Uint8Array(134);
  const write = (text: string, at: number) => body.set(Buffer.from(text, "latin1"), at);
  for (const [name, [at]] of Object.entries(TEXTS)) write(texts[name as keyof typeof TEXTS], at);
  for (const [i, [at]] of SECRETS.entries()) write(passwords[i] ?? "", at);
  return body;
}

/** The body of a settings record, for encodeRecord. */
export function encodeSettings(settings: Settings): Uint8Array {
  return writeLayout(SETTINGS, settings);
}
