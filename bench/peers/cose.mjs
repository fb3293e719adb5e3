// Other people's COSE on the command line, for cose_test.go: @auth0/cose.
// Nothing of bevis is used here, and nothing is fetched.
//
//   node cose.mjs verify FILE…
//   node cose.mjs issue OUTDIR
//
// Both write one line of JSON for each file. "verify" says whether the peer
// accepts it under the key that its kid, a did:jwk, stands for, why not, and
// what it reads. "issue" makes a credential and a presentation by each type of
// key.

import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {webcrypto} from 'node:crypto';
import {basename, join} from 'node:path';
import {Sign1} from '@auth0/cose';

globalThis.fetch = async url => {
  throw new Error(`nothing is fetched here: ${url}`);
};

const {subtle} = webcrypto;
const TYP = 16, CLAIMS = 15, KID = 4, CONTENT = 3, ALG = 1;

const KINDS = {
  ES256: {alg: -7, make: {name: 'ECDSA', namedCurve: 'P-256'}},
  ES384: {alg: -35, make: {name: 'ECDSA', namedCurve: 'P-384'}},
  ES512: {alg: -36, make: {name: 'ECDSA', namedCurve: 'P-521'}},
  EdDSA: {alg: -8, make: {name: 'Ed25519'}}
};
const kindOf = jwk => ({'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512', Ed25519: 'EdDSA'})[jwk.crv];

async function verify(raw) {
  const message = Sign1.decode(raw);
  const kid = Buffer.from(message.protectedHeaders.get(KID)).toString();
  const jwk = JSON.parse(Buffer.from(kid.slice('did:jwk:'.length).split('#')[0], 'base64url'));
  const kind = KINDS[kindOf(jwk)];
  const key = await subtle.importKey('jwk', {kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y}, kind.make, false, ['verify']);
  await message.verify(key, {algorithms: [kind.alg]});
  const headers = Object.fromEntries([...message.protectedHeaders].map(([k, v]) => [k, v instanceof Uint8Array ? Buffer.from(v).toString() : v]));
  headers[CLAIMS] = [...(message.protectedHeaders.get(CLAIMS) ?? [])].map(([k, v]) => [k, v instanceof Uint8Array ? Buffer.from(v).toString() : v]);
  return {headers, payload: JSON.parse(Buffer.from(message.payload).toString())};
}

async function issue(folder) {
  mkdirSync(folder, {recursive: true});
  for(const [name, kind] of Object.entries(KINDS)) {
    const pair = await subtle.generateKey(kind.make, true, ['sign', 'verify']);
    const {kty, crv, x, y} = await subtle.exportKey('jwk', pair.publicKey);
    const id = 'did:jwk:' + Buffer.from(JSON.stringify({kty, crv, x, ...(y && {y})})).toString('base64url');
    const sign = async (kind, payload, claims) => {
      const header = new Map([
        [ALG, KINDS[name].alg], [CONTENT, `application/${kind}`], [KID, Buffer.from(`${id}#0`)],
        ...(claims ? [[CLAIMS, new Map(claims)]] : []), [TYP, `application/${kind}+cose`]
      ]);
      return (await Sign1.sign(header, undefined, Buffer.from(JSON.stringify(payload)), pair.privateKey)).encode();
    };
    const context = ['https://www.w3.org/ns/credentials/v2'];
    const credential = await sign('vc', {
      '@context': context, id: 'urn:uuid:' + webcrypto.randomUUID(), type: ['VerifiableCredential'], issuer: id, validFrom: '2026-01-01T00:00:00Z',
      credentialSubject: {id}, name: 'Sveising på Ål'
    }, [[1, id], [6, 1767225600]]);
    const shown = await sign('vp', {
      '@context': context, type: ['VerifiablePresentation'], holder: id,
      verifiableCredential: [{
        '@context': context[0], type: 'EnvelopedVerifiableCredential',
        id: 'data:application/vc+cose;base64,' + Buffer.from(credential).toString('base64')
      }]
    }, [[3, 'https://firma.example'], [10, Buffer.from('challenge-1')]]);
    for(const [file, raw, kind] of [[`${name}.cose`, credential, 'credential'], [`${name}, shown.cose`, shown, 'presentation']]) {
      writeFileSync(join(folder, file), raw);
      console.log(JSON.stringify({file, kind, issuer: id}));
    }
  }
}

const [command, ...args] = process.argv.slice(2);
if(command === 'issue') {
  await issue(args[0]);
} else if(command === 'verify') {
  for(const file of args) {
    try {
      console.log(JSON.stringify({file: basename(file), verified: true, ...await verify(readFileSync(file))}));
    } catch(e) {
      console.log(JSON.stringify({file: basename(file), verified: false, error: String(e.message ?? e)}));
    }
  }
} else {
  throw new Error('usage: cose.mjs verify|issue …');
}
