import { runProgram } from "../common/cli/program.ts";
import { LockError } from "../common/runtime/process-lock.ts";
import { EndpointError } from "../common/wire/endpoint.ts";
import manifest from "../package.json" with { type: "json" };
import { AGENT } from "./cli/program.ts";
import { FrameError } from "./codec/frame-error.ts";
import { RadioError } from "./radio/radio.ts";

await runProgram({
  ...AGENT,
  version: manifest.version,
  expectedErrors: [RadioError, FrameError, LockError, EndpointError],
});
