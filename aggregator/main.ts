import { runProgram } from "../common/cli/program.ts";
import { LockError } from "../common/runtime/process-lock.ts";
import { EndpointError } from "../common/wire/endpoint.ts";
import manifest from "../package.json" with { type: "json" };
import { AGGREGATOR } from "./cli/program.ts";

await runProgram({
  ...AGGREGATOR,
  version: manifest.version,
  expectedErrors: [EndpointError, LockError],
  // A closed stdout is an output that has ended; others may be left.
  survivesClosedStdout: true,
});
