import { anEndpoint, type OptionValue, oneOf, onOrOff } from "../../common/cli/option-types.ts";
import { type Address, parseAddress } from "../../common/model/address.ts";
import { isMeter, METER_RULE } from "../../common/model/meter-name.ts";
import { LOG_LEVELS, type LogLevel } from "../../common/runtime/log.ts";
import { DRIVERS } from "../drivers/registry.ts";
import { SPOOL_WHEN, type SpoolWhen, WAIT_MS } from "../outbox/spool-policy.ts";
import { RADIO_KINDS, type RadioKind } from "../radio/open-radio.ts";

/** What the options say, each checked by itself. Absent where neither the command line nor the environment says it. */
export interface Values {
  readonly address?: Address;
  /** Seconds. */
  readonly interval?: number;
  readonly meter?: string;
  readonly driver?: string;
  readonly adapter?: string;
  readonly radio?: RadioKind;
  /** Minutes. */
  readonly pin?: string;
  readonly pinFile?: string;
  readonly endpoint?: string;
  readonly spool?: string;
  readonly spoolWhen?: SpoolWhen;
  readonly once?: boolean;
  readonly capture?: string;
  readonly logLevel?: LogLevel;
  readonly json?: boolean;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly untested?: boolean;
}

export type OptionName = keyof Values;

export interface OptionSpec extends OptionValue<unknown> {
  /** As commander writes them; a switch has no `<…>`. */
  readonly flags: string;
  readonly about: string;
  /** What holds where nothing is said, for the help text. */
  readonly preset?: string;
}

const SHORTEST_S = 0.05;
const LONGEST_S = 86_400;
const LONGEST_SCAN_S = 3_600;
const LONGEST_MIN = 1440;

const MINUTES_RULE = `minutes from 1 to ${LONGEST_MIN}`;
const minutes = (text: string) =>
  /^[1-9]\d{0,3}$/.test(text) && Number(text) <= LONGEST_MIN ? Number(text) : undefined;
const anything = { parse: (text: string) => text || undefined, rule: "something" };

export const OPTIONS: Readonly<Record<OptionName, OptionSpec>> = {
  address: {
    flags: "-b, --address <mac>",
    about: "the device's Bluetooth address",
    parse: parseAddress,
    rule: "six pairs of hexadecimal digits, such as A4:C1:37:00:00:01",
  },
  interval: {
    flags: "-i, --interval <seconds>",
    about: "time from one poll to the next; fractions are allowed",
    preset: "10",
    parse(text) {
      const seconds = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
      return seconds >= SHORTEST_S && seconds <= LONGEST_S ? seconds : undefined;
    },
    rule: `seconds from ${SHORTEST_S} to ${LONGEST_S}, such as 10 or 0.5`,
  },
  meter: {
    flags: "-m, --meter <name>",
    about: "your name for the device, by which its readings are stored",
    preset: "its address",
    parse: (text) => (isMeter(text) ? text : undefined),
    rule: METER_RULE,
  },
  driver: {
    flags: "--driver <name>",
    about: `what the device speaks: ${["auto", ...DRIVERS.map(({ name, about }) => `${name} (${about})`)].join(", ")}`,
    preset: "auto",
    ...oneOf(["auto", ...DRIVERS.map(({ name }) => name)]),
  },
  adapter: {
    flags: "--adapter <name>",
    about: "the Bluetooth adapter, by its name or its address",
    preset: "any",
    parse: (text) => (/^hci\d+$/.test(text) ? text : parseAddress(text)),
    rule: "a name such as hci0, or an address",
  },
  radio: {
    flags: "--radio <kind>",
    about: `the way to the device: ${RADIO_KINDS.join(", ")}`,
    preset: "auto",
    ...oneOf(RADIO_KINDS),
  },
  pin: {
    flags: "--pin <pin>",
    about: "the device's password; all users of this computer can see it in the list of processes, so prefer a file",
    ...anything,
  },
  pinFile: { flags: "--pin-file <file>", about: "a file whose only line is the device's password", ...anything },
  endpoint: {
    flags: "--endpoint <url>",
    about: "where the aggregator takes readings",
    ...anEndpoint,
  },
  spool: {
    flags: "--spool <folder>",
    about: "a folder of this agent's own, where readings that cannot be delivered outlive it",
    preset: "$STATE_DIRECTORY, which a service has; without one they are kept in memory only",
    ...anything,
  },
  spoolWhen: {
    flags: "--spool-when <when>",
    about: `when readings are written there: away, once one waits ${WAIT_MS / 1000} s to be accepted and when the agent is stopped; always, each as it is taken (--spool always says that for the default folder)`,
    preset: "away",
    ...oneOf(SPOOL_WHEN),
  },
  once: { flags: "--once", about: "poll once, deliver it, and end", ...onOrOff },
  capture: {
    flags: "--capture <file>",
    about: "append what goes over the air to a file that can be replayed and sent by mail; passwords are masked",
    ...anything,
  },
  logLevel: { flags: "--log-level <level>", about: LOG_LEVELS.join(", "), preset: "info", ...oneOf(LOG_LEVELS) },
  json: { flags: "--json", about: "print JSON", ...onOrOff },
  minutes: {
    flags: "--minutes <count>",
    about: "for how long",
    preset: "10",
    parse: minutes,
    rule: MINUTES_RULE,
  },
  seconds: {
    flags: "--seconds <count>",
    about: "for how long",
    preset: "10",
    parse: (text) => (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= LONGEST_SCAN_S ? Number(text) : undefined),
    rule: `seconds from 1 to ${LONGEST_SCAN_S}`,
  },
  untested: { flags: "--untested", about: "set it up although it may not answer now", ...onOrOff },
};

/** The variable that stands for an option: `BMS_PIN_FILE` for `--pin-file`. */
export function variableOf(name: OptionName): string {
  return `BMS_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
