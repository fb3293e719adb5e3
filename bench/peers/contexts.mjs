// The JSON-LD contexts that bevis ships, by URL: of several editions under one
// URL the first, as its own list names them.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

export function shippedContexts() {
  const folder = fileURLToPath(new URL('../../internal/jsonld/', import.meta.url));
  const list = readFileSync(join(folder, 'shipped.go'), 'utf8');
  const out = new Map();
  for(const [, url, file] of list.matchAll(/url: "([^"]+)", file: "([^"]+)"/g)) {
    if(!out.has(url)) {
      out.set(url, join(folder, 'contexts', file));
    }
  }
  if(out.size < 10) {
    throw new Error('shipped.go does not list the contexts as expected');
  }
  return out;
}
