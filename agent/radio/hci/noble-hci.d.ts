/** noble's own types do not cover its bindings. */
declare module "@abandonware/noble/lib/hci-socket/bindings.js" {
  import type { NobleBindingsClass } from "./bindings.ts";

  const bindings: NobleBindingsClass;
  export default bindings;
}
