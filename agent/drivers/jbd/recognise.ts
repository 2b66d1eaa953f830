import type { Advertisement } from "../../radio/radio.ts";
import type { Recognition } from "../driver.ts";

/**
 * Seplos, Braun Power, TianPower and Humsienk devices advertise the same service. Nor does it tell them apart that the
 * manufacturer's data spells the address: Humsienk's does too.
 */
const SERVICE = "ff00";
const ELEKSOL_SERVICE = "ff06";

/** First halves of addresses: registered by makers of these boards. */
const OWN_PREFIXES = ["A5:C2:37", "A5:C2:39", "A5:C2:3A", "AA:C2:37", "A2:C2:37", "10:A5:62", "70:3E:97"];
/** Of the radio chip's maker, which others use too. */
const CHIP_PREFIXES = ["A4:C1:37", "A4:C1:38"];

/** Names as the brands give them; `?` is one character, `*` any number. Owners can change them. */
const NAMES = [
  "JBD-*",
  "xiaoxiang*",
  "12???BL*",
  "24???BL*",
  "@KsM:*",
  "SJ-???-*",
  "TITAN-*",
  "LSG-*",
  "N-?????BL*",
  "SX1*",
  "SX60*",
  "SBL-*",
  "OGR-*",
  "TZ-H*",
  "DWF*",
].map((pattern) => ({ pattern, expression: globExpression(pattern) }));

/** Whether an advertisement is a JBD board's; its service alone does not tell. */
export function recogniseJbd(heard: Advertisement): Recognition | undefined {
  if (!heard.services.includes(SERVICE)) return recogniseEleksol(heard);
  if (hasPrefix(heard, OWN_PREFIXES)) return { confidence: "certain", why: "service FF00 and the maker's address" };
  if (hasPrefix(heard, CHIP_PREFIXES))
    return { confidence: "likely", why: "service FF00 and the usual chip's address" };
  const name = NAMES.find(({ expression }) => expression.test(heard.name));
  return name && { confidence: "likely", why: `service FF00 and a name like ${name.pattern}` };
}

function recogniseEleksol(heard: Advertisement): Recognition | undefined {
  if (!heard.services.includes(ELEKSOL_SERVICE) || !hasPrefix(heard, OWN_PREFIXES)) return undefined;
  return { confidence: "likely", why: "service FF06 and the maker's address" };
}

function hasPrefix({ address }: Advertisement, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => address.startsWith(`${prefix}:`));
}

function globExpression(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("?", ".")
    .replaceAll("*", ".*");
  return new RegExp(`^${source}$`, "s");
}
