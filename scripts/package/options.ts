import { Command, InvalidArgumentError, Option } from "commander";
import { type DebianArchitecture, isDebianArchitecture, NODE_ARCHITECTURE } from "./native-modules.ts";

export interface PackageOptions {
  /** At least one, none twice. */
  readonly arch: readonly DebianArchitecture[];
  readonly version: string;
  readonly compression: "xz" | "gzip" | "none";
  /** The folder to write to. */
  readonly out: string;
}

const ARCHITECTURES = Object.keys(NODE_ARCHITECTURE) as DebianArchitecture[];

/** Parses the arguments. A mistake ends the process with exit status 2 and one line on stderr. */
export function parsePackageOptions(
  args: readonly string[],
  { version, out }: Pick<PackageOptions, "version" | "out">,
): PackageOptions {
  const command = new Command("npm run package --")
    .description(
      "Builds Debian packages of bms, for amd64 and arm64 on a machine of either. Compiles nothing; fetches Node and nfpm once. Takes about a minute per architecture.",
    )
    .option("--arch <architecture>", `${ARCHITECTURES.join(" or ")}; repeatable (default: both)`, collect)
    .option("--version <version>", "version of the package", version)
    .addOption(new Option("--compression <kind>", "of the contents").choices(["xz", "gzip", "none"]).default("xz"))
    .option("--out <folder>", "folder for the packages", out)
    .addHelpText("after", "\nExample:\n  npm run package -- --arch arm64    for a 64-bit Raspberry Pi")
    .allowExcessArguments(false)
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, "package: ").replace("\n(", " (")),
    })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  command.parse([...args], { from: "user" });
  const { arch = ARCHITECTURES, ...options } = command.opts<Omit<PackageOptions, "arch"> & Partial<PackageOptions>>();
  return { ...options, arch: [...new Set(arch)] };
}

function collect(text: string, before: readonly DebianArchitecture[] = []): readonly DebianArchitecture[] {
  if (!isDebianArchitecture(text)) {
    throw new InvalidArgumentError(`There are packages for ${ARCHITECTURES.join(" and ")} only.`);
  }
  return [...before, text];
}
