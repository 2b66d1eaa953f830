/** noble's own types do not cover this entry point: its classes over any bindings, without native code. */
declare module "@abandonware/noble/with-bindings.js" {
  import type { EventEmitter } from "node:events";
  import type { Peripheral } from "@abandonware/noble";

  /** The part of noble that this project uses; reading `state` starts the bindings. */
  export interface Noble extends EventEmitter {
    readonly state: string;
    startScanning(serviceUuids: string[], allowDuplicates: boolean): void;
    stopScanning(): void;
    /** Everything about every device ever received, by id; noble never deletes any of it. */
    readonly _peripherals: Record<string, Peripheral>;
    readonly _services: Record<string, unknown>;
    readonly _characteristics: Record<string, unknown>;
    readonly _descriptors: Record<string, unknown>;
  }
  const withBindings: (bindings: unknown) => Noble;
  export default withBindings;
}
