// Other people's packages, timed for bench/proofs. Reads one JSON object a line
// and answers each with one:
//
//   {"prepare": {"op", "suite", "credential"}}  → {"task", "issuer", "output"}
//   {"run": {"task", "times"}}                  → {"ns"}
//
// "op" is canonicalize, issue, disclose or verify; everything goes from text to
// text, or from text to a verdict. "output" is what came out, for bevis to
// verify before it is timed. Contexts are in memory and nothing is fetched.
import {createInterface} from 'node:readline';
import {readFileSync} from 'node:fs';
import * as jose from 'jose';
import * as vc from '@digitalbazaar/vc';
import * as bbs from '@digitalbazaar/bbs-2023-cryptosuite';
import * as BBSMultikey from '@digitalbazaar/bls12-381-multikey';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as jcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import * as sd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import {cryptosuite as ecdsaRDFC} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {cryptosuite as eddsaRDFC} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import jsonld from 'jsonld';
import {shippedContexts} from './contexts.mjs';

globalThis.fetch = async url => {
  throw new Error(`nothing is fetched here: ${url}`);
};

const documents = new Map();
for(const [url, file] of shippedContexts()) {
  documents.set(url, JSON.parse(readFileSync(file, 'utf8')));
}

async function documentLoader(url) {
  if(!documents.has(url)) {
    throw new Error(`nothing here: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: documents.get(url)};
}

// newKey makes a did:key and its documents.
async function newKey(Multikey, options) {
  const key = await (Multikey.generate ?? Multikey.generateBbsKeyPair)(options);
  const {publicKeyMultibase: name} = await key.export({publicKey: true});
  const id = `did:key:${name}`, method = `${id}#${name}`;
  Object.assign(key, {id: method, controller: id});
  const document = await key.export({publicKey: true, includeContext: true});
  documents.set(method, document);
  documents.set(id, {
    '@context': ['https://www.w3.org/ns/did/v1', document['@context']].flat(), id,
    verificationMethod: [document], assertionMethod: [method], authentication: [method]
  });
  return key;
}

const SHOWN = ['/credentialSubject/achievement/name'];
const SUITES = {
  'eddsa-rdfc-2022': {sign: eddsaRDFC, verify: eddsaRDFC},
  'eddsa-jcs-2022': {sign: jcs.createSignCryptosuite?.() ?? jcs.cryptosuite, verify: jcs.createVerifyCryptosuite()},
  'ecdsa-rdfc-2019': {sign: ecdsaRDFC, verify: ecdsaRDFC},
  'ecdsa-sd-2023': {
    sign: sd.createSignCryptosuite({mandatoryPointers: ['/issuer', '/validFrom']}),
    disclose: sd.createDiscloseCryptosuite({selectivePointers: SHOWN}),
    verify: sd.createVerifyCryptosuite()
  },
  'bbs-2023': {
    sign: bbs.createSignCryptosuite({mandatoryPointers: ['/issuer', '/validFrom']}),
    disclose: bbs.createDiscloseCryptosuite({selectivePointers: SHOWN}),
    verify: bbs.createVerifyCryptosuite()
  }
};

const encoder = new TextEncoder();

async function token(credential) {
  const {publicKey, privateKey} = await jose.generateKeyPair('EdDSA', {extractable: true});
  const key = await Ed25519Multikey.fromJwk({jwk: await jose.exportJWK(publicKey), secretKey: false});
  const id = `did:key:${key.publicKeyMultibase}`;
  credential.issuer.id = id;
  const text = JSON.stringify(credential);
  const issue = () => new jose.CompactSign(encoder.encode(JSON.stringify(JSON.parse(text))))
    .setProtectedHeader({alg: 'EdDSA', typ: 'vc+jwt', kid: `${id}#${key.publicKeyMultibase}`}).sign(privateKey);
  const signed = await issue();
  const verify = async () => JSON.parse(new TextDecoder().decode((await jose.compactVerify(signed, publicKey)).payload));
  return {id, signed, issue, verify};
}

async function integrity(name, credential) {
  const suite = SUITES[name];
  const key = await (name === 'bbs-2023' ? newKey(BBSMultikey, {algorithm: BBSMultikey.ALGORITHMS.BBS_BLS12381_SHA256}) :
    name.startsWith('ecdsa') ? newKey(EcdsaMultikey, {curve: 'P-256'}) : newKey(Ed25519Multikey));
  credential.issuer.id = key.controller;
  const text = JSON.stringify(credential);
  const issue = async () => JSON.stringify(await vc.issue({
    credential: JSON.parse(text), documentLoader, suite: new DataIntegrityProof({signer: key.signer(), cryptosuite: suite.sign})
  }));
  let signed = await issue();
  const disclose = suite.disclose && (() => vc.derive({
    verifiableCredential: JSON.parse(signed), documentLoader, suite: new DataIntegrityProof({cryptosuite: suite.disclose})
  }).then(JSON.stringify));
  const shown = disclose ? await disclose() : signed;
  const verify = async () => {
    const result = await vc.verifyCredential({
      credential: JSON.parse(shown), documentLoader, suite: new DataIntegrityProof({cryptosuite: suite.verify})
    });
    if(!result.verified) {
      throw new Error(`not verified: ${result.error?.errors?.[0]?.message ?? result.error?.message}`);
    }
  };
  return {id: key.controller, signed: shown, issue, disclose, verify};
}

const tasks = [];

async function prepare({op, suite, credential}) {
  if(op === 'canonicalize') {
    const options = {algorithm: 'RDFC-1.0', format: 'application/n-quads', documentLoader, safe: true};
    tasks.push(() => jsonld.canonize(JSON.parse(credential), options));
    return {task: tasks.length - 1, output: await tasks.at(-1)()};
  }
  const made = await (suite === 'vc+jwt' ? token : c => integrity(suite, c))(JSON.parse(credential));
  await made.verify();
  tasks.push(made[op]);
  return {task: tasks.length - 1, issuer: made.id, output: made.signed};
}

async function run({task, times}) {
  const start = process.hrtime.bigint();
  for(let i = 0; i < times; i++) {
    await tasks[task]();
  }
  return {ns: Number(process.hrtime.bigint() - start)};
}

for await (const line of createInterface({input: process.stdin})) {
  let answer;
  try {
    const asked = JSON.parse(line);
    answer = asked.prepare ? await prepare(asked.prepare) : await run(asked.run);
  } catch(error) {
    answer = {error: error.message};
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
