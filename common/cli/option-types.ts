import { endpointPath } from "../wire/endpoint.ts";

/** What the words behind an option may be, wherever they come from. */
export interface OptionValue<T> {
  /** The value, or undefined where the text is not what `rule` says. */
  parse(text: string): T | undefined;
  /** Ends the sentence "say …". */
  readonly rule: string;
}

export function oneOf<T extends string>(words: readonly T[]): OptionValue<T> {
  return { parse: (text) => words.find((word) => word === text), rule: `one of ${words.join(", ")}` };
}

const SWITCH_WORDS: ReadonlyMap<string, boolean> = new Map([
  ["1", true],
  ["true", true],
  ["yes", true],
  ["0", false],
  ["false", false],
  ["no", false],
]);

export const onOrOff: OptionValue<boolean> = {
  parse: (text) => SWITCH_WORDS.get(text.toLowerCase()),
  rule: "1 or 0",
};

/** Where agents and aggregator meet, with what holds where nothing is said. */
export const anEndpoint: OptionValue<string> & { readonly preset: string } = {
  preset: "ipc:///run/bms/readings.sock where that folder is there, else one of your own",
  parse(text) {
    try {
      endpointPath(text);
      return text;
    } catch {
      return undefined;
    }
  },
  rule: "ipc:// and the path of a socket, at most 107 bytes long",
};
