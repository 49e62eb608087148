// Prints "<bytes> <bytes with brotli>" for each file named after `--`, one line each.
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

for (const file of process.argv.slice(1)) {
  const content = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  console.log(content.length, brotliCompressSync(content, { params }).length);
}
