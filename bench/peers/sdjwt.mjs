// Other people's SD-JWTs on the command line, for sdjwt_test.go: the @sd-jwt
// packages. Nothing of bevis is used here, and nothing is fetched.
//
//   node sdjwt.mjs verify [--nonce N --aud A] [--serve URL=FILE]… FILE…
//   node sdjwt.mjs issue OUTDIR
//   node sdjwt.mjs show OUTDIR FILE FRAME KEYFILE NONCE AUD
//
// All write one line of JSON for each file. "verify" says whether the peers
// accept it, why not, and what they read; a status list is given with --serve.
// "issue" makes credentials, shows them, and publishes a status list. "show"
// discloses a credential of others by a frame, as its holder.

import {createHash, randomBytes, webcrypto} from 'node:crypto';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {SDJwtVcInstance} from '@sd-jwt/sd-jwt-vc';
import {StatusList, createHeaderAndPayload} from '@sd-jwt/jwt-status-list';

globalThis.fetch = async url => {
  throw new Error(`nothing is fetched here: ${url}`);
};

const {subtle} = webcrypto;
const hasher = (data, alg) => createHash(alg.replace('-', '')).update(data).digest();
const saltGenerator = () => randomBytes(16).toString('base64url');

// How each type of key signs.
const KINDS = {
  ES256: {make: {name: 'ECDSA', namedCurve: 'P-256'}, sign: {name: 'ECDSA', hash: 'SHA-256'}},
  ES384: {make: {name: 'ECDSA', namedCurve: 'P-384'}, sign: {name: 'ECDSA', hash: 'SHA-384'}},
  ES512: {make: {name: 'ECDSA', namedCurve: 'P-521'}, sign: {name: 'ECDSA', hash: 'SHA-512'}},
  EdDSA: {make: {name: 'Ed25519'}, sign: {name: 'Ed25519'}}
};
const kindOf = jwk => ({'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512', Ed25519: 'EdDSA'})[jwk.crv];

async function newKey(alg) {
  const pair = await subtle.generateKey(KINDS[alg].make, true, ['sign', 'verify']);
  const {kty, crv, x, y} = await subtle.exportKey('jwk', pair.publicKey);
  const jwk = {kty, crv, x, ...(y && {y})};
  const id = 'did:jwk:' + Buffer.from(JSON.stringify(jwk)).toString('base64url');
  return {alg, jwk, id, method: `${id}#0`, sign: signerOf(alg, pair.privateKey)};
}

const signerOf = (alg, key) => async data =>
  Buffer.from(await subtle.sign(KINDS[alg].sign, key, Buffer.from(data))).toString('base64url');

async function check(jwk, data, signature) {
  const alg = kindOf(jwk);
  const key = await subtle.importKey('jwk', {kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y}, KINDS[alg].make, false, ['verify']);
  return subtle.verify(KINDS[alg].sign, key, Buffer.from(signature, 'base64url'), Buffer.from(data));
}

// keyOf returns the key that the header of a token names: that of a did:jwk.
function keyOf(token) {
  const {kid} = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
  const id = kid?.split('#')[0];
  if(!id?.startsWith('did:jwk:')) {
    throw new Error(`no such key: ${kid}`);
  }
  return JSON.parse(Buffer.from(id.slice('did:jwk:'.length), 'base64url'));
}

const served = new Map();

async function verify(token, {nonce, aud}) {
  const instance = new SDJwtVcInstance({
    hasher, hashAlg: 'sha-256',
    verifier: (data, signature) => check(keyOf(data), data, signature),
    kbVerifier: (data, signature, payload) => check(payload.cnf.jwk, data, signature),
    statusVerifier: (data, signature) => check(keyOf(data), data, signature),
    statusListFetcher: async uri => {
      if(!served.has(uri)) {
        throw new Error(`nothing is fetched here: ${uri}`);
      }
      return readFileSync(served.get(uri), 'utf8').trim();
    }
  });
  const {payload, kb} = await instance.verify(token, {...(nonce && {keyBindingNonce: nonce})});
  if(aud && kb?.payload.aud !== aud) { // which the packages leave to their caller
    throw new Error('another audience');
  }
  return payload;
}

const NOW = Math.floor(Date.now() / 1000);

const badge = issuer => ({
  iss: issuer, vct: 'https://kurs.example/vct/kursbevis', nbf: NOW - 60, exp: NOW + 86400, iat: NOW - 60,
  given_name: 'Kari', address: {street: 'Storgata 1', country: 'NO'}, courses: ['Sveising', 'Støping', 'Smiing'], ects: 7.5
});

const linked = issuer => ({
  iss: issuer, vct: 'https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential', nbf: NOW - 60,
  ld: {
    '@context': ['https://www.w3.org/ns/credentials/v2', 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json'],
    id: 'urn:uuid:' + webcrypto.randomUUID(), type: ['VerifiableCredential', 'OpenBadgeCredential'],
    issuer: {id: issuer, type: ['Profile'], name: 'Kursstedet'}, validFrom: '2026-01-01T00:00:00Z',
    credentialSubject: {
      type: ['AchievementSubject'], identifier: [{type: 'IdentityObject', hashed: false, identityType: 'name', identityHash: 'Kari'}],
      narrative: 'Tok kurset på nett.',
      achievement: {id: 'https://kurs.example/a', type: ['Achievement'], name: 'Sveising', description: 'd', criteria: {narrative: 'c'}}
    }
  }
});

// What is issued: claims, what of them can be kept back, and what is shown.
const CASES = {
  'flat': {claims: badge, hide: {_sd: ['given_name', 'ects']}, show: {given_name: true}, sees: ['Kari'], hidden: ['7.5']},
  'nested': {
    claims: badge, hide: {_sd: ['address', 'given_name'], address: {_sd: ['street', 'country']}},
    show: {address: {street: true}}, sees: ['Storgata 1'], hidden: ['Kari', '"country"']
  },
  'elements': {claims: badge, hide: {courses: {_sd: [0, 1, 2]}}, show: {courses: {1: true}}, sees: ['Støping'], hidden: ['Sveising', 'Smiing']},
  'decoys': {
    claims: badge, hide: {_sd: ['given_name'], _sd_decoy: 3, address: {_sd: ['street'], _sd_decoy: 2}},
    show: {given_name: true}, sees: ['Kari'], hidden: ['Storgata']
  },
  'nothing to hide': {claims: badge, hide: undefined, show: {}, sees: ['Kari', 'Storgata'], hidden: []},
  'linked': {
    claims: linked, hide: {ld: {credentialSubject: {_sd: ['narrative', 'identifier']}}},
    show: {ld: {credentialSubject: {identifier: true}}}, sees: ['Kari', 'Sveising'], hidden: ['på nett']
  }
};

async function issue(folder) {
  mkdirSync(folder, {recursive: true});
  const write = (file, content, more) => {
    writeFileSync(join(folder, file), content);
    console.log(JSON.stringify({file, ...more}));
  };
  const nonce = 'n-' + webcrypto.randomUUID(), aud = 'https://firma.example';
  for(const alg of Object.keys(KINDS)) {
    const issuer = await newKey(alg), holder = await newKey(alg);
    for(const [name, c] of Object.entries(CASES)) {
      const instance = new SDJwtVcInstance({
        hasher, saltGenerator, hashAlg: 'sha-256', signer: issuer.sign, signAlg: alg, kbSigner: holder.sign, kbSignAlg: alg
      });
      const claims = {...c.claims(issuer.id), cnf: {jwk: holder.jwk}};
      const token = await instance.issue(claims, c.hide, {header: {kid: issuer.method}});
      const all = {issuer: issuer.id, sees: [...c.sees, ...(c.hide ? c.hidden : [])], hidden: []};
      write(`${name}, ${alg}`, token, {kind: 'credential', ...all});
      const shown = await instance.present(token, c.show, {kb: {payload: {iat: NOW, aud, nonce}}});
      write(`${name}, ${alg}, shown`, shown, {kind: 'presentation', issuer: issuer.id, nonce, aud, sees: c.sees, hidden: c.hidden});
    }
  }
  // A status list, and what points into it.
  const issuer = await newKey('ES256');
  const url = 'https://kurs.example/list.jwt';
  const statuses = [0, 1, 2, 0];
  const {header, payload} = createHeaderAndPayload(
    new StatusList(statuses, 2), {iss: issuer.id, sub: url, iat: NOW - 60, exp: NOW + 3600}, {alg: 'ES256', typ: 'statuslist+jwt', kid: issuer.method});
  const part = o => Buffer.from(JSON.stringify(o)).toString('base64url');
  const signed = `${part(header)}.${part(payload)}`;
  write('list', `${signed}.${await issuer.sign(signed)}`, {kind: 'list', issuer: issuer.id, url});
  const instance = new SDJwtVcInstance({hasher, saltGenerator, hashAlg: 'sha-256', signer: issuer.sign, signAlg: 'ES256'});
  for(const [idx, value] of statuses.entries()) {
    const token = await instance.issue({...badge(issuer.id), status: {status_list: {idx, uri: url}}}, undefined, {header: {kid: issuer.method}});
    write(`status ${idx}`, token, {kind: 'status', issuer: issuer.id, status: value, url});
  }
}

// show discloses a credential of others with the private key of its holder.
async function show(folder, file, frame, keyFile, nonce, aud) {
  const jwk = JSON.parse(readFileSync(keyFile));
  const alg = kindOf(jwk);
  const key = await subtle.importKey('jwk', jwk, KINDS[alg].make, false, ['sign']);
  const instance = new SDJwtVcInstance({hasher, hashAlg: 'sha-256', kbSigner: signerOf(alg, key), kbSignAlg: alg});
  const shown = await instance.present(readFileSync(file, 'utf8').trim(), JSON.parse(frame), {kb: {payload: {iat: NOW, aud, nonce}}});
  writeFileSync(join(folder, 'shown'), shown);
  console.log(JSON.stringify({file: 'shown'}));
}

const [command, ...args] = process.argv.slice(2);
if(command === 'issue') {
  await issue(args[0]);
} else if(command === 'show') {
  await show(...args);
} else if(command === 'verify') {
  const options = {};
  const files = [];
  while(args.length) {
    const arg = args.shift();
    if(arg === '--serve') {
      const [, url, file] = args.shift().match(/^(.*?)=(.*)$/);
      served.set(url, file);
    } else if(arg.startsWith('--')) {
      options[arg.slice(2)] = args.shift();
    } else {
      files.push(arg);
    }
  }
  for(const file of files) {
    try {
      const payload = await verify(readFileSync(file, 'utf8').trim(), options);
      console.log(JSON.stringify({file: basename(file), verified: true, payload}));
    } catch(e) {
      console.log(JSON.stringify({file: basename(file), verified: false, error: String(e.message ?? e)}));
    }
  }
} else {
  throw new Error('usage: sdjwt.mjs verify|issue|show …');
}
