// Writes the documents that are generated whole from tables in the code.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationDocument } from "./configuration-doc.ts";
import { quantitiesDocument } from "./quantities-doc.ts";
import { settingsDocument } from "./settings-doc.ts";

const docs = join(import.meta.dirname, "../../docs");
writeFileSync(join(docs, "configuration.md"), configurationDocument());
writeFileSync(join(docs, "quantities.md"), quantitiesDocument());
writeFileSync(join(docs, "jbd-settings.md"), settingsDocument());
