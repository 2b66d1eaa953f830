import { isIP } from "node:net";
import { quoted } from "../model/printable.ts";

/** The address at which an aggregator receives over a network. */
export interface TcpEndpoint {
  /** A host's name, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

export const DEFAULT_PORT = 8471;
/** Port of `bmsctl pair` while hosts are paired. */
export const PAIRING_PORT = 8472;

const PREFIX = "tcp://";
const FORM = "tcp://HOST:PORT, such as tcp://house:8471, tcp://192.168.1.5:8471 or tcp://[fd00::5]:8471";
const LABEL = /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
const MAX_NAME_LENGTH = 253;

export function isTcp(endpoint: string): boolean {
  return endpoint.startsWith(PREFIX);
}

/** An endpoint of the form tcp://HOST:PORT. Without a port it has the default one. @throws {RangeError} with a message for the operator */
export function parseTcpEndpoint(endpoint: string): TcpEndpoint {
  const address = isTcp(endpoint) ? endpoint.slice(PREFIX.length) : "";
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(address) ?? [];
  const host = bracketed ?? plain ?? "";
  const isValid = bracketed === undefined ? isHostAddress(host) && isIP(host) !== 6 : isIP(host) === 6;
  if (!isValid) throw new RangeError(`endpoint ${quoted(endpoint)} is not of the form ${FORM}`);
  if (digits === undefined) return { host, port: DEFAULT_PORT };
  const port = parsePort(digits);
  if (port === undefined) {
    throw new RangeError(
      `the port of endpoint ${quoted(endpoint)} is not a number from 1 to 65535, such as ${DEFAULT_PORT}`,
    );
  }
  return { host, port };
}

/** The form that ZeroMQ takes. */
export function formatTcpEndpoint({ host, port }: TcpEndpoint): string {
  return `${PREFIX}${host.includes(":") ? `[${host}]` : host}:${port}`;
}

export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** Checks a host's name or its address, IPv6 without brackets. */
export function isHostAddress(text: string): boolean {
  if (isIP(text) !== 0) return true;
  // Nobody means a name by 192.168.1 or 300.1.1.1.
  if (text.length > MAX_NAME_LENGTH || /^[\d.]*$/.test(text)) return false;
  return text
    .replace(/\.$/, "")
    .split(".")
    .every((label) => LABEL.test(label));
}
