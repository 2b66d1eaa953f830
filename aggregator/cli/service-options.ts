import { readEnvironment, SHARED_OPTIONS } from "../../common/cli/option.ts";
import type { CheckOptions } from "../check/check.ts";
import type { OutputUrl } from "../outputs/output-url.ts";
import { serviceSettings } from "../service-settings.ts";
import { AGGREGATOR_OPTIONS } from "./options.ts";

const { output, settle, telegrafConfig } = AGGREGATOR_OPTIONS;
const { site } = SHARED_OPTIONS;

/** The options of the aggregator's service that a check of its outputs needs. @throws {UsageError} */
export function serviceOptions(): CheckOptions & { readonly outputs: readonly OutputUrl[] } {
  const {
    output: outputs = [],
    settle: seconds,
    ...rest
  } = readEnvironment({ output, settle, telegrafConfig, site }, serviceSettings());
  return {
    outputs,
    settleMs: seconds * 1000,
    ...(rest.telegrafConfig && { telegrafConfig: rest.telegrafConfig }),
    ...(rest.site !== undefined && { site: rest.site }),
  };
}
