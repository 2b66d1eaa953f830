/** noble's own types do not cover this entry point: its classes over any bindings, without native code. */
declare module "@abandonware/noble/with-bindings.js" {
  import type { EventEmitter } from "node:events";

  /** As much of noble as this project uses; reading `state` starts the bindings. */
  export interface Noble extends EventEmitter {
    readonly state: string;
    startScanning(serviceUuids: string[], allowDuplicates: boolean): void;
    stopScanning(): void;
  }
  const withBindings: (bindings: unknown) => Noble;
  export default withBindings;
}
