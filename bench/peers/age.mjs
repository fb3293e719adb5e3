// Opens a wallet with the package age-encryption, as its README.txt says it is
// opened with the program age.
//
//   node age.mjs SLOT BODY < passphrase or words   writes what the body holds, packed
import * as age from 'age-encryption';
import { readFileSync, writeSync } from 'node:fs';

const [slot, body] = process.argv.slice(2).map((path) => readFileSync(path));
const way = new age.Decrypter();
way.addPassphrase(readFileSync(0, 'utf8'));
const identity = (await way.decrypt(slot, 'text')).trim();

const decrypter = new age.Decrypter();
decrypter.addIdentity(identity);
const packed = await decrypter.decrypt(body);
for (let at = 0; at < packed.length;) at += writeSync(1, packed, at);
