import { isMeter, METER_RULE } from "./meter-name.ts";

/** A site is the place of a meter. Two sites may use the same names of meters. */
export interface Place {
  readonly site?: string;
  readonly meter: string;
}

const MAX_SITE_LENGTH = 64;
const SITE = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
/** Neither a site nor a meter has it in its name. */
const SEPARATOR = "/";

/** Checks that a name is safe as a tag in a database, and as one token of a NATS subject. */
export function isSite(name: string): boolean {
  return name.length <= MAX_SITE_LENGTH && SITE.test(name);
}

/** The rule of `isSite`, for error messages. */
export const SITE_RULE = `up to ${MAX_SITE_LENGTH} letters a to z, digits, and _ or - inside`;

/** The name of a meter among those of all sites: `shed/solar`; without a site that of the meter alone. */
export function fullName({ site, meter }: Place): string {
  return site === undefined ? meter : `${site}${SEPARATOR}${meter}`;
}

/** The site and the meter of a full name. */
export function placeOf(name: string): Place {
  const at = name.indexOf(SEPARATOR);
  return at < 0 ? { meter: name } : { site: name.slice(0, at), meter: name.slice(at + 1) };
}

export function isFullName(name: string): boolean {
  const { site, meter } = placeOf(name);
  return isMeter(meter) && (site === undefined || isSite(site));
}

/** The rule of `isFullName`, for error messages. */
export const FULL_NAME_RULE = `${METER_RULE}; with a site as in shed/solar`;

/** The same under the full name of its meter, for a program that has one name for each meter. */
export function underFullName<T extends Place>(placed: T): Omit<T, "site"> {
  const { site, ...rest } = placed;
  return site === undefined ? rest : { ...rest, meter: fullName(placed) };
}
