// Other people's software on the command line, for peers_test.go: the
// @digitalbazaar packages for Data Integrity, jose for tokens. Nothing of bevis
// is used here but the files of the JSON-LD contexts, and nothing is fetched.
//
//   node peers.mjs verify [--challenge C] [--domain D] [--serve URL=FILE]… FILE…
//   node peers.mjs issue OUTDIR
//   node peers.mjs derive OUTDIR POINTER… -- FILE…
//
// All write one line of JSON for each file. "verify" says whether the peers
// accept it, and why not; what it is to find at a URL, such as a status list or
// the document of a did:web, it is given with --serve. "issue" makes credentials
// and presentations of every form and says who issued them. "derive" shows of
// credentials with a base proof what the pointers choose.

import {ECDH, webcrypto} from 'node:crypto';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import * as base58 from 'base58-universal';
import * as bbs from '@digitalbazaar/bbs-2023-cryptosuite';
import * as jose from 'jose';
import * as vc from '@digitalbazaar/vc';
import * as BBSMultikey from '@digitalbazaar/bls12-381-multikey';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as ecdsaJCS from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import * as ecdsaSD from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as jcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {cryptosuite as rdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {cryptosuite as ecdsaRDFC} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {checkStatus, decodeList} from '@digitalbazaar/vc-bitstring-status-list';
import jsigs from 'jsonld-signatures';

const CREDENTIALS_V1 = 'https://www.w3.org/2018/credentials/v1';
const CREDENTIALS_V2 = 'https://www.w3.org/ns/credentials/v2';
const OPEN_BADGES = 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json';
const DATA_INTEGRITY = 'https://w3id.org/security/data-integrity/v2';
const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'ES512', 'RS256'];

// Whatever tries to fetch something fails.
globalThis.fetch = async url => {
  throw new Error(`nothing is fetched here: ${url}`);
};

// --- Documents ---

// contexts are the files that bevis ships, by URL, as its own list names them:
// of several editions under one URL the first.
function shippedContexts() {
  const folder = fileURLToPath(new URL('../../internal/jsonld/', import.meta.url));
  const list = readFileSync(join(folder, 'shipped.go'), 'utf8');
  const out = new Map();
  for(const [, url, file] of list.matchAll(/url: "([^"]+)", file: "([^"]+)"/g)) {
    if(!out.has(url)) {
      out.set(url, join(folder, 'contexts', file));
    }
  }
  if(!out.has(CREDENTIALS_V2) || !out.has(OPEN_BADGES)) {
    throw new Error('shipped.go does not list the contexts as expected');
  }
  return out;
}

const contexts = shippedContexts();
const served = new Map(); // files by URL or did:web, from --serve

// seconds is a time as tokens write it.
const seconds = text => Math.floor(Date.parse(text) / 1000);

async function documentLoader(url) {
  let document;
  if(url.startsWith('did:')) {
    document = didDocument(url);
  } else if(contexts.has(url) || served.has(url)) {
    document = JSON.parse(readFileSync(contexts.get(url) ?? served.get(url), 'utf8'));
  } else {
    throw new Error(`nothing is fetched here: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document};
}

// The contexts of a verification method that stands alone, by its type.
const METHOD_CONTEXTS = {
  Multikey: 'https://w3id.org/security/multikey/v1',
  JsonWebKey: 'https://w3id.org/security/jwk/v1'
};

// didDocument returns the document of a DID, or the method in it when the URL
// has a fragment. That of a did:key or did:jwk follows from the identifier.
function didDocument(url) {
  const [id, fragment] = url.split('#');
  const name = id.slice('did:key:'.length);
  let document;
  if(id.startsWith('did:key:')) {
    document = single(id, {id: `${id}#${name}`, type: 'Multikey', controller: id, publicKeyMultibase: name});
  } else if(id.startsWith('did:jwk:')) {
    const publicKeyJwk = JSON.parse(Buffer.from(name, 'base64url'));
    document = single(id, {id: `${id}#0`, type: 'JsonWebKey', controller: id, publicKeyJwk});
  } else if(served.has(id)) {
    document = JSON.parse(readFileSync(served.get(id), 'utf8'));
  }
  if(document?.id !== id) {
    throw new Error(`no such document: ${id}`);
  }
  if(fragment === undefined) {
    return document;
  }
  const method = document.verificationMethod.find(m => m.id === url);
  if(!method) {
    throw new Error(`no such key: ${url}`);
  }
  return {'@context': METHOD_CONTEXTS[method.type], ...method};
}

const single = (id, method) => ({
  '@context': ['https://www.w3.org/ns/did/v1', METHOD_CONTEXTS[method.type]], id,
  verificationMethod: [method], assertionMethod: [method.id], authentication: [method.id]
});

// --- Keys ---

// The types of keys with the bytes that stand before them in a Multikey
// (Controlled Identifiers 1.0 section 2.2.2).
const CURVES = [
  {prefix: [0xed, 0x01], crv: 'Ed25519'},
  {prefix: [0x80, 0x24], crv: 'P-256', curve: 'prime256v1'},
  {prefix: [0x81, 0x24], crv: 'P-384', curve: 'secp384r1'},
  {prefix: [0x82, 0x24], crv: 'P-521', curve: 'secp521r1'}
];

// publicJWK returns the key of a verification method as a JWK.
function publicJWK(url) {
  const method = didDocument(url);
  if(method.publicKeyJwk) {
    return method.publicKeyJwk;
  }
  const bytes = base58.decode(method.publicKeyMultibase.slice(1));
  const type = CURVES.find(({prefix}) => prefix.every((b, i) => bytes[i] === b));
  const key = bytes.slice(2);
  if(!type) {
    throw new Error('an unknown type of key');
  }
  if(!type.curve) {
    return {kty: 'OKP', crv: type.crv, x: jose.base64url.encode(key)};
  }
  const point = ECDH.convertKey(key, type.curve, undefined, undefined, 'uncompressed').subarray(1);
  const half = point.length / 2;
  return {
    kty: 'EC', crv: type.crv,
    x: jose.base64url.encode(point.subarray(0, half)), y: jose.base64url.encode(point.subarray(half))
  };
}

// newKey makes a key for an algorithm of JOSE, as did:key where there is one.
async function newKey(alg, {didJWK = alg === 'RS256'} = {}) {
  const {publicKey, privateKey} = await jose.generateKeyPair(alg, {extractable: true, modulusLength: 2048});
  const jwk = await jose.exportJWK(publicKey);
  if(didJWK) {
    const id = 'did:jwk:' + jose.base64url.encode(JSON.stringify(jwk));
    return {alg, id, method: `${id}#0`, privateKey};
  }
  const type = CURVES.find(({crv}) => crv === jwk.crv);
  let bytes = Buffer.from(jwk.x, 'base64url');
  if(type.curve) {
    const point = Buffer.concat([Buffer.from([4]), bytes, Buffer.from(jwk.y, 'base64url')]);
    bytes = ECDH.convertKey(point, type.curve, undefined, undefined, 'compressed');
  }
  const name = 'z' + base58.encode(new Uint8Array([...type.prefix, ...bytes]));
  return {alg, id: `did:key:${name}`, method: `did:key:${name}#${name}`, privateKey};
}

// newBBSKey makes a key for bbs-2023, as did:key.
async function newBBSKey() {
  const pair = await BBSMultikey.generateBbsKeyPair({algorithm: BBSMultikey.ALGORITHMS.BBS_BLS12381_SHA256});
  const {publicKeyMultibase: name} = await pair.export({publicKey: true});
  const id = `did:key:${name}`;
  Object.assign(pair, {id: `${id}#${name}`, controller: id});
  return {id, method: pair.id, pair};
}

// signerOf returns a key in the form in which Data Integrity signs with it.
async function signerOf(key) {
  if(key.pair) {
    return key.pair.signer();
  }
  const jwk = await jose.exportJWK(key.privateKey);
  const options = {secretKey: true, id: key.method, controller: key.id};
  const pair = jwk.kty === 'EC' ?
    await EcdsaMultikey.fromJwk({jwk: {...jwk, key_ops: ['sign']}, ...options}) : await Ed25519Multikey.fromJwk({jwk, ...options});
  return pair.signer();
}

// --- Verifying ---

const verifySuites = () => [
  new DataIntegrityProof({cryptosuite: rdfc}),
  new DataIntegrityProof({cryptosuite: jcs.createVerifyCryptosuite()}),
  new DataIntegrityProof({cryptosuite: ecdsaRDFC}),
  new DataIntegrityProof({cryptosuite: ecdsaJCS.createVerifyCryptosuite()}),
  new DataIntegrityProof({cryptosuite: ecdsaSD.createVerifyCryptosuite()}),
  new DataIntegrityProof({cryptosuite: bbs.createVerifyCryptosuite()})
];

// status is what @digitalbazaar/vc asks for when a credential has an entry.
// Lists that are not served are not looked at: the signature is judged alone.
async function status({credential}, out) {
  if(!served.has(credential.credentialStatus.statusListCredential)) {
    return {verified: true};
  }
  const result = await checkStatus({credential, documentLoader, suite: verifySuites()});
  out.status = result.results?.map(r => ({purpose: r.credentialStatus.statusPurpose, set: r.status}));
  return result;
}

// tokenStatus does the same for tokens, whose lists are tokens too.
async function tokenStatus({credentialStatus, issuer}, out) {
  if(!served.has(credentialStatus?.statusListCredential)) {
    return;
  }
  const list = await verifyToken(readFileSync(served.get(credentialStatus.statusListCredential), 'utf8'), {}, {});
  const {statusPurpose, encodedList} = list.credentialSubject;
  if((list.issuer.id ?? list.issuer) !== issuer.id || statusPurpose !== credentialStatus.statusPurpose) {
    throw new Error('the status list is another one');
  }
  const bits = await decodeList({encodedList});
  out.status = [{purpose: statusPurpose, set: bits.getStatus(Number(credentialStatus.statusListIndex))}];
}

async function verifyFile(file, want) {
  const out = {file: basename(file), verified: false};
  try {
    const text = readFileSync(file, 'utf8').trim();
    if(!text.startsWith('{')) {
      await verifyToken(text, want, out);
    } else {
      await verifyDocument(JSON.parse(text), want, out);
    }
    out.verified = true;
  } catch(error) {
    out.error = messages(error);
  }
  return out;
}

// messages collects what an error and the errors in it say.
function messages(error) {
  const inner = [error?.cause, ...(error?.errors ?? [])].filter(Boolean).map(messages);
  return [...new Set([error?.code, error?.message ?? String(error), ...inner])].filter(Boolean).join('; ');
}

function demand(result) {
  if(!result.verified) {
    const errors = [result, ...(result.credentialResults ?? []), result.presentationResult, result.statusResult].map(r => r?.error);
    throw new AggregateError(errors.filter(Boolean), 'not verified');
  }
}

async function verifyDocument(document, want, out) {
  const {challenge, domain} = want;
  const common = {suite: verifySuites(), documentLoader, checkStatus: options => status(options, out)};
  if(![document.type].flat().includes('VerifiablePresentation')) {
    out.kind = 'credential';
    out.form = [document.proof].flat()[0]?.cryptosuite;
    demand(await vc.verifyCredential({credential: document, ...common}));
    return;
  }
  out.kind = 'presentation';
  out.form = [document.proof].flat()[0]?.cryptosuite;
  const method = [document.proof].flat()[0]?.verificationMethod;
  if(document.holder !== method?.split('#')[0]) {
    throw new Error('somebody else than the holder signed');
  }
  const held = [document.verifiableCredential].flat();
  const tokens = held.filter(c => c.type === 'EnvelopedVerifiableCredential');
  if(tokens.length === 0) {
    demand(await vc.verify({presentation: document, challenge, domain, ...common}));
    return;
  }
  // @digitalbazaar/vc knows no enveloped credentials: the proof of the
  // presentation and each credential are verified apart.
  const purpose = new jsigs.purposes.AuthenticationProofPurpose({challenge, domain});
  demand(await jsigs.verify(document, {suite: common.suite, purpose, documentLoader}));
  await verifyHeld(held, want);
}

async function verifyHeld(held, want) {
  for(const c of held) {
    if(c.type === 'EnvelopedVerifiableCredential') {
      const [, token] = /^data:application\/vc\+jwt,(.+)$/.exec(c.id);
      await verifyToken(token, want, {});
    } else {
      await verifyDocument(c, want, {});
    }
  }
}

// verifyToken returns the credential in a token, nothing for a presentation.
// The key must be the issuer's or the holder's by its document.
async function verifyToken(token, {challenge, domain}, out) {
  const {typ, kid, alg} = jose.decodeProtectedHeader(token);
  out.form = typ;
  const key = await jose.importJWK(publicJWK(kid), alg);
  const signer = kid.split('#')[0];
  if(!didDocument(signer)[typ === 'vp+jwt' ? 'authentication' : 'assertionMethod'].includes(kid)) {
    throw new Error(`the key is not for this purpose: ${kid}`);
  }
  const same = (name, a, b) => {
    if(a !== b) {
      throw new Error(`${name} is ${a} and should be ${b}`);
    }
  };
  if(typ === 'vp+jwt') {
    out.kind = 'presentation';
    const {payload} = await jose.jwtVerify(token, key, {algorithms: ALGORITHMS, typ, audience: domain});
    same('nonce', payload.nonce, challenge);
    same('holder', payload.holder, signer);
    await verifyHeld([payload.verifiableCredential].flat(), {challenge, domain});
    return;
  }
  out.kind = 'credential';
  const {payload} = await jose.jwtVerify(token, key, {algorithms: ALGORITHMS, typ});
  const credential = payload.vc ?? payload;
  same('issuer', credential.issuer.id ?? credential.issuer, signer);
  if(typ === 'JWT') { // Open Badges 3.0 section 8.2.4
    same('iss', payload.iss, signer);
    same('jti', payload.jti, credential.id);
    same('sub', payload.sub, credential.credentialSubject.id);
    same('nbf', payload.nbf, seconds(credential.validFrom ?? credential.issuanceDate));
  }
  // The data model's own rules, which are no matter of the token.
  vc.createPresentation({verifiableCredential: credential});
  await tokenStatus(credential, out);
  return credential;
}

// --- Issuing ---

const date = ms => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
const begin = date(Date.now() - 3600_000);
const end = date(Date.now() + 365 * 86400_000);

// badge is an Open Badge with what such badges usually have.
function badge(issuer, subject) {
  return {
    '@context': [CREDENTIALS_V2, OPEN_BADGES],
    id: `urn:uuid:${webcrypto.randomUUID()}`,
    type: ['VerifiableCredential', 'OpenBadgeCredential'],
    name: 'Kurs i maskinlæring',
    issuer: {id: issuer, type: ['Profile'], name: 'Kursstedet', url: 'https://kurs.example/'},
    validFrom: begin,
    validUntil: end,
    awardedDate: begin,
    evidence: [{id: 'https://kurs.example/e/1', type: ['Evidence'], name: 'Oppgåve', narrative: 'Ei <b>god</b> oppgåve.\n\tMed "tabell".'}],
    credentialSubject: {
      id: subject,
      type: ['AchievementSubject'],
      creditsEarned: 7.5,
      result: [{type: ['Result'], resultDescription: 'urn:uuid:6a0c0e9e-1111-4222-8333-0a0b0c0d0e0f', value: 'B'}],
      achievement: {
        id: 'https://kurs.example/a/ml',
        type: ['Achievement'],
        achievementType: 'Course',
        name: 'Kurs i maskinlæring',
        description: 'Gjennomført og bestått – «med glans» 🎓.',
        criteria: {narrative: 'Bestått eksamen.'},
        creditsAvailable: 7.5,
        resultDescription: [{
          id: 'urn:uuid:6a0c0e9e-1111-4222-8333-0a0b0c0d0e0f', type: ['ResultDescription'], name: 'Karakter',
          resultType: 'LetterGrade', allowedValue: ['E', 'D', 'C', 'B', 'A']
        }],
        alignment: [{type: ['Alignment'], targetName: 'maskinlæring', targetUrl: 'http://data.europa.eu/esco/skill/3a2d5b45-56e4-4f5a-a55a-4a4a65afdc43'}]
      }
    }
  };
}

// older writes a badge in the terms of Data Model 1.1.
function older(credential) {
  const {validFrom, validUntil, ...rest} = credential;
  return {
    ...rest, '@context': [CREDENTIALS_V1, OPEN_BADGES, DATA_INTEGRITY], issuanceDate: validFrom, expirationDate: validUntil
  };
}

async function integritySuite(name, key) {
  return new DataIntegrityProof({signer: await signerOf(key), cryptosuite: signSuites[name]()});
}

// always is what shows of a badge in any case.
const always = ['/issuer', '/validFrom', '/validUntil', '/credentialSubject/achievement/name'];

const signSuites = {
  'eddsa-rdfc-2022': () => rdfc,
  'eddsa-jcs-2022': () => jcs.createSignCryptosuite(),
  'ecdsa-rdfc-2019': () => ecdsaRDFC,
  'ecdsa-jcs-2019': () => ecdsaJCS.createSignCryptosuite(),
  'ecdsa-sd-2023': () => ecdsaSD.createSignCryptosuite({mandatoryPointers: always}),
  'bbs-2023': () => bbs.createSignCryptosuite({mandatoryPointers: always})
};

// listless takes the ordered list out of a badge: with one, the peers make no
// base proof.
function listless(credential) {
  const out = structuredClone(credential);
  delete out.credentialSubject.achievement.resultDescription[0].allowedValue;
  return out;
}

// derive shows of a credential with a base proof what the pointers choose.
const derive = (credential, selectivePointers) => {
  const {createDiscloseCryptosuite} = [credential.proof].flat()[0].cryptosuite === 'bbs-2023' ? bbs : ecdsaSD;
  return vc.derive({
    verifiableCredential: credential, documentLoader,
    suite: new DataIntegrityProof({cryptosuite: createDiscloseCryptosuite({selectivePointers})})
  });
};

const signCredential = async (name, key, credential) =>
  vc.issue({credential, suite: await integritySuite(name, key), documentLoader});

const signToken = (key, payload, header) =>
  new jose.CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({alg: key.alg, kid: key.method, ...header}).sign(key.privateKey);

const signBadgeToken = (key, credential) => signToken(key, {
  ...credential, iss: key.id, jti: credential.id, sub: credential.credentialSubject.id,
  nbf: seconds(credential.validFrom), exp: seconds(credential.validUntil)
}, {typ: 'JWT'});

// signClaimToken puts the credential in the claim "vc", as Data Model 1.1 has it.
const signClaimToken = (key, credential) => signToken(key, {
  iss: key.id, jti: credential.id, sub: credential.credentialSubject.id, vc: credential,
  nbf: seconds(credential.issuanceDate), exp: seconds(credential.expirationDate)
}, {typ: 'JWT'});

// CHOICES are parts of a badge that its holder may show beside the rest.
const CHOICES = {
  all: ['/id', '/name', '/awardedDate', '/evidence', '/credentialSubject'],
  some: ['/name', '/credentialSubject/result/0/value', '/credentialSubject/achievement/alignment/0/targetName', '/evidence'],
  one: ['/credentialSubject/creditsEarned']
};

async function issue(folder) {
  mkdirSync(folder, {recursive: true});
  const holder = await newKey('Ed25519');
  const challenge = 'n-' + webcrypto.randomUUID();
  const domain = 'https://firma.example';
  const write = (file, content, more) => {
    writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
    console.log(JSON.stringify({file, ...more}));
  };
  const credentialFile = (file, form, key, content) =>
    write(file, content, {kind: 'credential', form, issuer: key.id});

  const issuer = await newKey('EdDSA');
  for(const name of ['eddsa-rdfc-2022', 'eddsa-jcs-2022']) {
    const byJWK = await newKey('EdDSA', {didJWK: true});
    credentialFile(`${name}.json`, name, issuer, await signCredential(name, issuer, badge(issuer.id, holder.id)));
    credentialFile(`${name}-did-jwk.json`, name, byJWK, await signCredential(name, byJWK, badge(byJWK.id, holder.id)));
    credentialFile(`${name}-vcdm-1.1.json`, name, issuer, await signCredential(name, issuer, older(badge(issuer.id, holder.id))));
  }
  for(const name of ['ecdsa-rdfc-2019', 'ecdsa-jcs-2019']) {
    for(const alg of ['ES256', 'ES384']) {
      const key = await newKey(alg), byJWK = await newKey(alg, {didJWK: true});
      credentialFile(`${name}-${alg}.json`, name, key, await signCredential(name, key, badge(key.id, holder.id)));
      credentialFile(`${name}-${alg}-did-jwk.json`, name, byJWK, await signCredential(name, byJWK, badge(byJWK.id, holder.id)));
    }
  }
  for(const [name, partly] of [['ecdsa-sd-2023', await newKey('ES256')], ['bbs-2023', await newBBSKey()]]) {
    const base = await signCredential(name, partly, listless(badge(partly.id, holder.id)));
    write(`${name}-base.json`, base, {kind: 'base', form: name, issuer: partly.id});
    for(const [how, pointers] of Object.entries(CHOICES)) {
      credentialFile(`${name}-${how}.json`, name, partly, await derive(base, pointers));
    }
  }
  for(const alg of ALGORITHMS) {
    const key = await newKey(alg);
    const content = badge(key.id, holder.id);
    credentialFile(`vc+jwt-${alg}.jwt`, 'vc+jwt', key, await signToken(key, content, {typ: 'vc+jwt', cty: 'vc'}));
    credentialFile(`ob3-jwt-${alg}.jwt`, 'ob3-jwt', key, await signBadgeToken(key, content));
    credentialFile(`ob3-jwt-vc-claim-${alg}.jwt`, 'ob3-jwt', key, await signClaimToken(key, {...older(content), '@context': [CREDENTIALS_V1, OPEN_BADGES]}));
  }

  // Presentations: of an embedded credential, and of one in an envelope.
  const token = await signToken(issuer, badge(issuer.id, holder.id), {typ: 'vc+jwt', cty: 'vc'});
  const enveloped = {'@context': CREDENTIALS_V2, id: `data:application/vc+jwt,${token}`, type: 'EnvelopedVerifiableCredential'};
  const more = {kind: 'presentation', issuer: issuer.id, holder: holder.id, challenge, domain};
  const present = held => ({'@context': [CREDENTIALS_V2], type: ['VerifiablePresentation'], holder: holder.id, verifiableCredential: held});
  for(const name of ['eddsa-rdfc-2022', 'eddsa-jcs-2022']) {
    const embedded = await signCredential(name, issuer, badge(issuer.id, holder.id));
    for(const [how, held] of [['embedded', [embedded]], ['enveloped', [enveloped]]]) {
      const signed = await vc.signPresentation(
        {presentation: present(held), suite: await integritySuite(name, holder), challenge, domain, documentLoader});
      write(`presentation-${how}-${name}.json`, signed, {...more, form: name});
    }
  }
  const now = Math.floor(Date.now() / 1000);
  const signed = await signToken(holder, {...present([enveloped]), aud: domain, nonce: challenge, iat: now, exp: now + 3600}, {typ: 'vp+jwt', cty: 'vp'});
  write('presentation-vp+jwt.jwt', signed, {...more, form: 'vp+jwt'});
}

// --- Command line ---

async function deriveFiles(folder, pointers, files) {
  mkdirSync(folder, {recursive: true});
  for(const file of files) {
    const shown = await derive(JSON.parse(readFileSync(file, 'utf8')), pointers);
    writeFileSync(join(folder, basename(file)), JSON.stringify(shown));
    console.log(JSON.stringify({file: basename(file), kind: 'credential', form: shown.proof.cryptosuite}));
  }
}

async function main([command, ...args]) {
  if(command === 'issue' && args.length === 1) {
    return issue(args[0]);
  }
  const mark = args.indexOf('--');
  if(command === 'derive' && mark > 1) {
    return deriveFiles(args[0], args.slice(1, mark), args.slice(mark + 1));
  }
  if(command !== 'verify' || args.length === 0) {
    throw new Error('usage: node peers.mjs verify [--challenge C] [--domain D] [--serve URL=FILE] FILE… | issue OUTDIR | derive OUTDIR POINTER… -- FILE…');
  }
  const want = {}, files = [];
  while(args.length > 0) {
    const arg = args.shift();
    if(arg === '--challenge' || arg === '--domain') {
      want[arg.slice(2)] = args.shift();
    } else if(arg === '--serve') {
      const [url, file] = args.shift().split('=');
      served.set(url, file);
    } else {
      files.push(arg);
    }
  }
  for(const file of files) {
    console.log(JSON.stringify(await verifyFile(file, want)));
  }
}

await main(process.argv.slice(2));
