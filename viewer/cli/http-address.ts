import { isIPv4, isIPv6 } from "node:net";

/** An address on which the page is served. */
export interface HttpAddress {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** Undefined for anything but an IP address or `localhost`, a colon and a port. */
export function parseHttpAddress(text: string): HttpAddress | undefined {
  const [, v6, v4, digits = ""] = /^(?:\[([0-9a-fA-F:.]+)\]|(localhost|[0-9.]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = v6 ?? v4;
  const port = Number(digits);
  const isAddress = v6 !== undefined ? isIPv6(v6) : v4 === "localhost" || isIPv4(v4 ?? "");
  return host !== undefined && isAddress && port <= 65_535 ? { host, port } : undefined;
}

/** Undefined for anything but a name of letters, digits, dots, hyphens and underscores. */
export function parseHostName(text: string): string | undefined {
  return /^[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?$/i.test(text) ? text.toLowerCase() : undefined;
}
