// Compresses what was built by Brotli, as the server hands it to browsers that
// take it: smaller than what it could make of it by itself while they wait.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

const folder = new URL("../internal/console/dist/console/", import.meta.url);
const worthIt = 512;

for (const name of readdirSync(folder).filter((n) => /\.(js|css|svg)$/.test(n))) {
  const plain = readFileSync(new URL(name, folder));
  if (plain.length < worthIt) continue;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
  };
  const squeezed = brotliCompressSync(plain, { params });
  if (squeezed.length < plain.length) writeFileSync(new URL(`${name}.br`, folder), squeezed);
}
