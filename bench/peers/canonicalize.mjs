// Canonical N-Quads by jsonld.js: reads one JSON document a line, and writes
// one line {"nquads"} or {"error"} for each.
//
//   node canonicalize.mjs < documents > results
import {createInterface} from 'node:readline';
import {readFileSync} from 'node:fs';
import jsonld from 'jsonld';
import {shippedContexts} from './contexts.mjs';

const loaded = new Map();
for(const [url, file] of shippedContexts()) {
  loaded.set(url, JSON.parse(readFileSync(file, 'utf8')));
}

async function documentLoader(url) {
  if(!loaded.has(url)) {
    throw new Error(`not a context that bevis ships: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: loaded.get(url)};
}

for await (const line of createInterface({input: process.stdin})) {
  let result;
  try {
    const nquads = await jsonld.canonize(JSON.parse(line), {algorithm: 'RDFC-1.0', format: 'application/n-quads', documentLoader, safe: false});
    result = {nquads};
  } catch(e) {
    result = {error: e.message};
  }
  process.stdout.write(JSON.stringify(result) + '\n');
}
