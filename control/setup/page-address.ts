import { readFileSync } from "node:fs";
import type { NetworkInterfaceInfo } from "node:os";
import { hostAndPort, isLoopback, type ViewerSettings } from "./viewer-settings.ts";

/** The token of the page, as far as this user may read it. */
export type Token =
  | { readonly state: "none" }
  | { readonly state: "known"; readonly token: string }
  | { readonly state: "unreadable" | "missing" };

export function readToken({ http, tokenFile, isWithoutToken }: ViewerSettings): Token {
  if (isLoopback(http) || isWithoutToken) return { state: "none" };
  try {
    return { state: "known", token: readFileSync(tokenFile, "utf8").trim() };
  } catch (error) {
    return { state: (error as NodeJS.ErrnoException).code === "ENOENT" ? "missing" : "unreadable" };
  }
}

export type Interface = Pick<NetworkInterfaceInfo, "address" | "family" | "internal"> | undefined;

/** Addresses for a browser: those of the machine if the page is served at all of them. IPv4 first. */
export function pageUrls({ http }: ViewerSettings, token: Token, interfaces: readonly Interface[]): string[] {
  const query = token.state === "known" ? `?token=${encodeURIComponent(token.token)}` : "";
  return pageHosts(http.host, interfaces).map((host) => `http://${hostAndPort({ ...http, host })}/${query}`);
}

/** The addresses at which a page is reached that is served at `host`. */
export function pageHosts(host: string, interfaces: readonly Interface[]): readonly string[] {
  if (host !== "0.0.0.0" && host !== "::") return [host];
  const reachable = (family: "IPv4" | "IPv6") =>
    interfaces.flatMap((each) =>
      each?.family === family && !each.internal && !each.address.startsWith("fe80:") ? [each.address] : [],
    );
  return [...reachable("IPv4"), ...(host === "::" ? reachable("IPv6") : [])];
}
