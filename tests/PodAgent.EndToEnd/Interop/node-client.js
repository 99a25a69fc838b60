'use strict';

// Asks a running agent with grpc-js and the proto files alone, as any other client would.
// usage: node node-client.js <socket> <directory of protos>; prints one JSON object.
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [socket, protos] = process.argv.slice(2);
const load = (file) => grpc.loadPackageDefinition(loader.loadSync(path.join(protos, file), { includeDirs: [protos], keepCase: true, enums: String, longs: Number }));
const client = (service) => new service(`unix://${socket}`, grpc.credentials.createInsecure());
const call = (target, method, request) => new Promise((resolve, reject) => {
  target[method](request, { deadline: Date.now() + 20000 }, (error, response) => (error ? reject(error) : resolve(response)));
});

async function main() {
  const [api, cri, health, missing] = process.argv.slice(4);
  const pods = client(load(api).podagent.v1.PodService);
  const runtime = client(load(cri).runtime.v1.RuntimeService);
  const checks = client(load(health).grpc.health.v1.Health);
  const list = await call(pods, 'ListPods', { namespace: 'default' });
  const refused = await call(pods, 'GetPod', { namespace: 'default', name: missing }).catch((error) => error);
  const watched = await new Promise((resolve, reject) => {
    const stream = pods.WatchPods({ namespace: 'default' }, { deadline: Date.now() + 20000 });
    const types = [];
    stream.on('error', (error) => { if (error.code !== grpc.status.CANCELLED) { reject(error); } });
    stream.on('data', (change) => {
      types.push(change.type);
      if (change.type === 'BOOKMARK') {
        stream.cancel();
        resolve(types);
      }
    });
  });
  const version = await call(runtime, 'Version', { version: 'v1' });
  const containers = await call(runtime, 'ListContainers', {});
  const served = await call(checks, 'Check', { service: '' });
  console.log(JSON.stringify({
    pods: list.pods.map((pod) => ({ name: pod.metadata.name, phase: pod.status.phase })),
    refused: { code: refused.code, details: refused.details },
    watched,
    runtime: version.runtime_name,
    api: version.runtime_api_version,
    containers: containers.containers.map((container) => container.metadata.name),
    health: served.status,
  }));
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
