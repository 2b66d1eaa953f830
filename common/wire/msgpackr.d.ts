/** msgpackr's build that never generates code; the package has types for its other builds only. */
declare module "msgpackr/index-no-eval" {
  export { addExtension, Packr, Unpackr } from "msgpackr";
}
