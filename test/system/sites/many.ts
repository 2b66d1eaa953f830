import { adapted } from "./adapted.ts";

/** nats/centre.conf with a user for each site, all with the same password. */
export function withUsers(configuration: string, sites: readonly string[]): string {
  const [user] = /^ {4}\{ user: shed(?:.|\n)*?^ {4}\} \}$/m.exec(configuration) ?? [];
  if (user === undefined) throw new Error("nats/centre.conf has no user shed");
  return configuration.replace(user, sites.map((site) => user.replaceAll(/\bshed\b/g, site)).join("\n"));
}

/** nats/readings.json with a source for each site. */
export function withSources(sites: readonly string[]): string {
  const stream = JSON.parse(adapted("nats/readings.json", {})) as { readonly sources: readonly unknown[] };
  const source = JSON.stringify(stream.sources[0]);
  return JSON.stringify({ ...stream, sources: sites.map((site) => JSON.parse(source.replaceAll("shed", site))) });
}
