/** noble's own types do not cover this entry point: its classes over any bindings, without native code. */
declare module "@abandonware/noble/with-bindings.js" {
  import type noble from "@abandonware/noble";

  const withBindings: (bindings: unknown) => typeof noble;
  export default withBindings;
}
