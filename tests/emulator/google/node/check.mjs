// SPDX-License-Identifier: Apache-2.0
// Google's generated Node client for the Admin API (REST in three versions, gRPC), and google-auth-library with the credential files,
// both unmodified, against the emulator whose variables are in the environment.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import {v1, v1beta, v1alpha} from '@google-cloud/alloydb';
import {GoogleAuth, OAuth2Client} from 'google-auth-library';

const env = process.env;
const scope = 'https://www.googleapis.com/auth/cloud-platform';
const facts = JSON.parse(fs.readFileSync(`${env.ALLOYDB_EMULATOR_STATE}/emulator.json`, 'utf8'));
const instance = env.ALLOYDB_EMULATOR_INSTANCE;
const cluster = instance.split('/instances/')[0];
const {publicKey} = crypto.generateKeyPairSync('rsa', {modulusLength: 2048});

async function journal(kind) {
  const answer = await fetch(`${env.ALLOYDB_EMULATOR_URL}/_emulator/requests?kind=${kind}`);
  return (await answer.json()).requests;
}

function staticAuth() {
  const client = new OAuth2Client();
  client.setCredentials({access_token: fs.readFileSync(facts.tokens['access-token'], 'utf8')});
  return client;
}

async function callBoth(client, name) {
  const [info] = await client.getConnectionInfo({parent: instance});
  assert.equal(info.ipAddress, facts.instances[0].private, name);
  assert.equal(info.publicIpAddress, facts.instances[0].public, name);
  if (name !== 'v1') assert.equal(info.pscDnsName, facts.instances[0].psc, name);
  for (const type of ['spki', 'pkcs1']) {
    const [answer] = await client.generateClientCertificate(
        {parent: cluster, publicKey: publicKey.export({type, format: 'pem'}), certDuration: {seconds: 3600}, useMetadataExchange: true});
    assert.equal(answer.pemCertificateChain.length, 3, name);
    const [leaf, middle, root] = answer.pemCertificateChain.map(pem => { assert.ok(pem.endsWith('\n')); return new crypto.X509Certificate(pem); });
    assert.ok(leaf.verify(middle.publicKey) && middle.verify(root.publicKey), `${name}: the chain does not hang together`);
    assert.ok(leaf.publicKey.equals(publicKey), `${name}: another key`);
    const seconds = (Date.parse(leaf.validTo) - Date.now()) / 1000;
    assert.ok(seconds > 3500 && seconds <= 3600, `${name}: valid for ${seconds} s`);
    assert.ok(new crypto.X509Certificate(answer.caCert).ca, name);
  }
  await assert.rejects(client.getConnectionInfo({parent: `${cluster}/instances/other`}), error => /was not found/.test(error.message) && [5, 404].includes(error.code));
}

const [host, port] = env.ALLOYDB_EMULATOR_URL.replace('http://', '').split(':');
for (const [name, api] of Object.entries({v1, v1beta, v1alpha})) {
  await callBoth(new api.AlloyDBAdminClient({authClient: staticAuth(), fallback: true, protocol: 'http', apiEndpoint: host, port: Number(port)}), name);
  console.log(`REST ${name}: good`);
}
if (env.ALLOYDB_EMULATOR_GRPC) {
  const [grpcHost, grpcPort] = env.ALLOYDB_EMULATOR_GRPC.split(':');
  await callBoth(new v1beta.AlloyDBAdminClient({authClient: staticAuth(), apiEndpoint: grpcHost, port: Number(grpcPort)}), 'gRPC v1beta');
  console.log('gRPC v1beta: good');
} else {
  console.log('gRPC: not there, the emulator runs without grpcio');
}
const calls = await journal('admin');
assert.ok(calls.some(c => c.version === 'v1alpha' && c.transport === 'rest') && calls.every(c => c.principal === facts.principals.app.email));

// Some of Google's URLs are fixed in this library: those go through the emulator as a proxy.
process.env.HTTPS_PROXY = env.ALLOYDB_EMULATOR_URL;
process.env.NO_PROXY = '127.0.0.1,localhost';
for (const name of ['service_account', 'authorized_user', 'impersonated_service_account', 'external_account_file', 'external_account_file_json',
  'external_account_url', 'external_account_url_json', 'external_account_impersonation', 'external_account_executable', 'external_account_aws',
  'external_account_authorized_user']) {
  const client = await new GoogleAuth({keyFile: facts.credentials[name], scopes: [scope]}).getClient();
  const {token} = await client.getAccessToken();
  const answer = await fetch(`${env.ALLOYDB_EMULATOR_URL}/v1beta/${instance}/connectionInfo`, {headers: {authorization: `Bearer ${token}`}});
  assert.equal(answer.status, 200, name);
  console.log(`${name}: good, as ${(await journal('admin')).at(-1).principal}`);
}
