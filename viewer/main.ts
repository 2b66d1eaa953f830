import { runProgram } from "../common/cli/program.ts";
import { LockError } from "../common/runtime/process-lock.ts";
import { EndpointError } from "../common/wire/endpoint.ts";
import manifest from "../package.json" with { type: "json" };
import { VIEWER } from "./cli/program.ts";

await runProgram({ ...VIEWER, version: manifest.version, expectedErrors: [EndpointError, LockError] });
