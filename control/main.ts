import { FrameError } from "../agent/codec/frame-error.ts";
import { RadioError } from "../agent/radio/radio.ts";
import { runProgram } from "../common/cli/program.ts";
import { LockError } from "../common/runtime/process-lock.ts";
import { EndpointError } from "../common/wire/endpoint.ts";
import manifest from "../package.json" with { type: "json" };
import { CONTROL } from "./program.ts";
import { SettingsError } from "./settings/settings-error.ts";
import { ServiceError } from "./setup/systemd.ts";

await runProgram({
  ...CONTROL,
  version: manifest.version,
  expectedErrors: [RadioError, FrameError, LockError, ServiceError, EndpointError, SettingsError],
});
