/** Words for numbers, times and ages. Pure: the present is a parameter. */
import { formatQuantity, QUANTITIES, type Quantity } from "../../common/model/quantities.ts";

const MINUS = "\u2212";
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Digits after the point on a card, where the vocabulary has more than a glance needs. */
const GLANCE_DECIMALS: Partial<Record<Quantity, number>> = { volts: 2, volts2: 2, amps: 2, watts: 0, percent: 0 };

/** A value for a glance, with a typographic minus. */
export function glance(quantity: Quantity, value: number): string {
  // Rounded from the digits of the CSV, so that whoever compares both finds no difference.
  const exactly = Number(formatQuantity(quantity, value));
  return typographic(plain(exactly, GLANCE_DECIMALS[quantity] ?? QUANTITIES[quantity].decimals));
}

/** A value with every digit of the vocabulary. */
export function exact(quantity: Quantity, value: number): string {
  return typographic(formatQuantity(quantity, value));
}

/** Fixed decimals, never `-0`. */
export function plain(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return text.startsWith("-") && Number(text) === 0 ? text.slice(1) : text;
}

function typographic(text: string): string {
  return text.replace("-", MINUS);
}

/** The unit as a suffix, with its space: ` V`; empty for a plain number. */
export function unitOf(quantity: Quantity): string {
  const { unit } = QUANTITIES[quantity];
  return unit === "" ? "" : `\u00a0${unit}`;
}

/** A length of time in its two largest units: `12 s`, `5 min`, `3 h 20 min`, `2 d 4 h`. */
export function duration(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return twoUnits(ms, HOUR, "h", MINUTE, "min");
  return twoUnits(ms, DAY, "d", HOUR, "h");
}

function twoUnits(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${rest > 0 ? ` ${rest} ${smallName}` : ""}`;
}

/** Time of day in the browser's time zone, with the date unless that is today. */
export function moment(at: number, now: number): string {
  const time = new Date(at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  return isSameDay(at, now) ? time : `${date(at)}, ${time}`;
}

/** `27 Nov`, in the order of the browser's language. */
function date(at: number): string {
  return new Date(at).toLocaleDateString([], { day: "numeric", month: "short" });
}

function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** With a capital letter at the start. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
/** `Fri 27 Nov` of a day such as `2026-11-27`, which belongs to no time zone. */
export function dayName(day: string): string {
  const noon = new Date(`${day}T12:00:00`);
  return noon.toLocaleDateString([], { weekday: "short", day: "numeric", month: "short" });
}
