import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes a certificate authority, and the certificate of a hub that is reached as localhost, as docs/many-sites.md does. */
export function makeCertificates(folder: string): void {
  const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  openssl("req", "-x509", ...NEW_KEY, "-days", "3650", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=bms");
  openssl("req", ...NEW_KEY, "-keyout", "hub.key", "-out", "hub.csr", "-subj", "/CN=localhost");
  writeFileSync(join(folder, "hub.ext"), "subjectAltName=DNS:localhost\n");
  const authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650"];
  openssl("x509", "-req", "-in", "hub.csr", ...authority, "-extfile", "hub.ext", "-out", "hub.pem");
}
