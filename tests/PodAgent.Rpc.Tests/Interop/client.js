'use strict';

// Judges a server of PodAgent.Rpc with the client of grpc-js.
// usage: node client.js <address> <directory of protos> [directory of certificates]; prints "ok <case>" or "failed <case>: <why>".
const assert = require('node:assert/strict');
const { grpc, echo, load, read } = require('./common');

const [address, protos, certificates] = process.argv.slice(2);
const credentials = certificates
  ? grpc.credentials.createSsl(read(certificates, 'ca.pem'), read(certificates, 'client.key'), read(certificates, 'client.pem'))
  : grpc.credentials.createInsecure();
const channelOptions = {
  'grpc.max_receive_message_length': 32 * 1024 * 1024,
  ...(certificates ? { 'grpc.ssl_target_name_override': 'localhost' } : {}),
};
const gzip = { 'grpc.default_compression_algorithm': 2, 'grpc.default_compression_level': 2 };
const client = new echo(address, credentials, channelOptions);
const status = grpc.status;

// Calls a method with one response; everything that came of it in one object.
function single(method, request, { metadata = new grpc.Metadata(), options = {}, on = client, started = () => {} } = {}) {
  return new Promise((resolve) => {
    const result = {};
    const done = (error, response) => Object.assign(result, { error, response });
    const call = request === undefined ? on[method](metadata, options, done) : on[method](request, metadata, options, done);
    call.on('metadata', (headers) => { result.headers = headers; });
    call.on('status', (end) => setImmediate(() => resolve(Object.assign(result, { status: end }))));
    started(call);
  });
}

// Reads a stream of responses to its end.
function drain(call, onData = () => {}) {
  return new Promise((resolve) => {
    const result = { responses: [] };
    call.on('data', (response) => {
      result.responses.push(response);
      onData(response);
    });
    call.on('metadata', (headers) => { result.headers = headers; });
    call.on('error', () => {});
    const ended = new Promise((end) => call.on('end', end));
    call.on('status', (end) => {
      const finish = () => setImmediate(() => resolve(Object.assign(result, { status: end })));
      // A paused stream still holds messages when the status comes; one that failed has no other end.
      if (end.code === status.OK) ended.then(finish);
      else finish();
    });
  });
}

function inMilliseconds(ms) {
  return { deadline: new Date(Date.now() + ms) };
}

const cases = {
  async unary() {
    const { response, status: end } = await single('Unary', { text: 'hello', payload: Buffer.from([1, 2]) });
    assert.equal(end.code, status.OK);
    assert.equal(response.text, 'hello');
    assert.deepEqual([...response.payload], [1, 2]);
    assert.equal(response.deadline_ms, -1);
    assert.match(response.peer, certificates ? /^ipv4:127\.0\.0\.1:\d+$/ : new RegExp(`^unix:pid=${process.pid},uid=\\d+$`));
  },
  async 'many at once'() {
    const results = await Promise.all(Array.from({ length: 200 }, (_, i) => single('Unary', { text: `${i}` })));
    results.forEach((result, i) => assert.equal(result.response.text, `${i}`));
  },
  async metadata() {
    const metadata = new grpc.Metadata();
    metadata.set('x-echo', 'some text, with commas');
    metadata.add('x-echo-bin', Buffer.from([0, 255]));
    metadata.add('x-echo-bin', Buffer.from([7]));
    const { headers, status: end } = await single('Unary', {}, { metadata });
    assert.deepEqual(headers.get('x-echo'), ['some text, with commas']);
    assert.deepEqual(end.metadata.get('x-echo'), ['some text, with commas']);
    assert.deepEqual(end.metadata.get('x-echo-bin').map((b) => [...b]), [[0, 255], [7]]);
  },
  async 'error with details'() {
    const { error } = await single('Unary', { fail_code: status.FAILED_PRECONDITION, fail_message: 'größer als 100%\nzwei ✓' });
    assert.equal(error.code, status.FAILED_PRECONDITION);
    assert.equal(error.details, 'größer als 100%\nzwei ✓');
    assert.deepEqual(error.metadata.get('reason'), ['as asked']);
    assert.deepEqual([...error.metadata.get('grpc-status-details-bin')[0]], [1, 2, 3, 255]);
  },
  async 'every status code'() {
    for (let code = 1; code <= 16; code++) {
      const { error } = await single('Unary', { fail_code: code, fail_message: `code ${code}` });
      assert.equal(error.code, code);
      assert.equal(error.details, `code ${code}`);
    }
  },
  async 'unmapped exception'() {
    const { error } = await single('Unary', { crash: true });
    assert.equal(error.code, status.UNKNOWN);
    assert.equal(error.details, 'Exception was thrown by handler');
  },
  async 'unknown method'() {
    const identity = (value) => value;
    const error = await new Promise((resolve) => new grpc.Client(address, credentials, channelOptions).makeUnaryRequest(
      '/podagent.rpc.tests.EchoService/Nothing', identity, identity, Buffer.alloc(0), (e) => resolve(e)));
    assert.equal(error.code, status.UNIMPLEMENTED);
  },
  async deadline() {
    const { error } = await single('Unary', { hang: true }, { options: inMilliseconds(200) });
    assert.equal(error.code, status.DEADLINE_EXCEEDED);
  },
  async 'deadline is known to the server'() {
    const { response } = await single('Unary', {}, { options: inMilliseconds(50_000) });
    assert.ok(response.deadline_ms > 40_000 && response.deadline_ms <= 50_000, `${response.deadline_ms}`);
  },
  async 'cancel in a stream'() {
    const call = client.Expand({ repeat: 1, hang: true });
    const { status: end } = await drain(call, () => call.cancel());
    assert.equal(end.code, status.CANCELLED);
  },
  async 'server streaming'() {
    const { responses, status: end } = await drain(client.Expand({ text: 't', repeat: 500, response_size: 1000 }));
    assert.equal(end.code, status.OK);
    assert.deepEqual(responses.map((r) => r.index), Array.from({ length: 500 }, (_, i) => i));
  },
  async 'empty server stream'() {
    const { responses, status: end } = await drain(client.Expand({}));
    assert.equal(end.code, status.OK);
    assert.equal(responses.length, 0);
  },
  async 'error after responses'() {
    const { responses, status: end } = await drain(client.Expand({ repeat: 3, fail_code: status.DATA_LOSS, fail_message: 'gone' }));
    assert.equal(responses.length, 3);
    assert.equal(end.code, status.DATA_LOSS);
    assert.deepEqual(end.metadata.get('reason'), ['as asked']);
  },
  async 'client streaming'() {
    const { response } = await single('Collect', undefined, {
      started(call) {
        for (let i = 0; i < 200; i++) {
          call.write({ text: 'x', payload: Buffer.alloc(5000) });
        }
        call.end();
      },
    });
    assert.equal(response.text.length, 200);
    assert.equal(response.payload_total, 1_000_000);
  },
  async 'client stream that the server ends'() {
    const { error } = await single('Collect', undefined, {
      started: (call) => call.write({ fail_code: status.PERMISSION_DENIED, fail_message: 'not you' }),
    });
    assert.equal(error.code, status.PERMISSION_DENIED);
  },
  async duplex() {
    const call = client.Chat();
    call.write({ text: '0' });
    const { responses, status: end } = await drain(call, (response) => {
      const next = Number(response.text) + 1;
      if (next < 50) {
        call.write({ text: `${next}` });
      } else {
        call.end();
      }
    });
    assert.equal(end.code, status.OK);
    assert.equal(responses.length, 50);
  },
  async 'large messages'() {
    const payload = Buffer.alloc(10 * 1024 * 1024, 42);
    const { response } = await single('Unary', { payload });
    assert.ok(response.payload.equals(payload));
  },
  async 'request over the limit'() {
    const { error } = await single('Unary', { payload: Buffer.alloc(17 * 1024 * 1024) });
    assert.equal(error.code, status.RESOURCE_EXHAUSTED);
    assert.match(error.details, /received a message of 178\d+ bytes, the limit is 16777216 bytes/);
  },
  async 'gzip both ways'() {
    const compressing = new echo(address, credentials, { ...channelOptions, ...gzip });
    const payload = Buffer.alloc(1024 * 1024, 'abc');
    const { response } = await single('Unary', { payload }, { on: compressing });
    assert.ok(response.payload.equals(payload));
    const { responses } = await drain(compressing.Expand({ text: 'z'.repeat(1000), repeat: 5 }));
    assert.equal(responses.length, 5);
    compressing.close();
  },
  async 'slow reader'() {
    // 64 MB that the client does not take at once: the server has to wait and neither buffer nor break.
    const call = client.Expand({ repeat: 64, response_size: 1024 * 1024 });
    let count = 0;
    const { status: end } = await drain(call, () => {
      if (++count % 8 === 0) {
        call.pause();
        setTimeout(() => call.resume(), 20);
      }
    });
    assert.equal(end.code, status.OK);
    assert.equal(count, 64);
  },
  async health() {
    const health = load('grpc/health/v1/health.proto', protos).grpc.health.v1.Health;
    const stub = new health(address, credentials, channelOptions);
    assert.equal((await single('Check', {}, { on: stub })).response.status, 'SERVING');
    assert.equal((await single('Check', { service: 'no.such' }, { on: stub })).error.code, status.NOT_FOUND);
    assert.deepEqual((await single('List', {}, { on: stub })).response.statuses, { '': { status: 'SERVING' } });
    for (const [service, expected] of [['', 'SERVING'], ['no.such', 'SERVICE_UNKNOWN']]) {
      const watch = stub.Watch({ service });
      const { responses } = await drain(watch, () => watch.cancel());
      assert.equal(responses[0].status, expected);
    }
    stub.close();
  },
  async reflection() {
    for (const version of ['v1', 'v1alpha']) {
      const reflection = load(`grpc/reflection/${version}/reflection.proto`, protos).grpc.reflection[version].ServerReflection;
      const stub = new reflection(address, credentials, channelOptions);
      const call = stub.ServerReflectionInfo();
      call.write({ list_services: '*' });
      call.write({ file_containing_symbol: 'podagent.rpc.tests.EchoService' });
      call.write({ file_containing_symbol: 'podagent.rpc.tests.EchoRequest.payload' });
      call.write({ file_by_filename: 'grpc/health/v1/health.proto' });
      call.write({ file_containing_extension: { containing_type: 'podagent.rpc.tests.EchoRequest', extension_number: 100 } });
      call.write({ all_extension_numbers_of_type: 'podagent.rpc.tests.EchoRequest' });
      call.write({ file_by_filename: 'no/such.proto' });
      call.end();
      const { responses, status: end } = await drain(call);
      assert.equal(end.code, status.OK);
      const [list, service, field, file, extension, numbers, missing] = responses;
      assert.deepEqual(list.list_services_response.service.map((s) => s.name), [
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
        'grpc.reflection.v1alpha.ServerReflection',
        'podagent.rpc.tests.EchoService',
      ]);
      for (const found of [service, field]) {
        assert.ok(found.file_descriptor_response.file_descriptor_proto[0].includes('EchoRequest'));
      }
      assert.ok(file.file_descriptor_response.file_descriptor_proto[0].includes('HealthCheckRequest'));
      assert.equal(extension.error_response.error_code, status.NOT_FOUND);
      assert.equal(numbers.all_extension_numbers_response.base_type_name, 'podagent.rpc.tests.EchoRequest');
      assert.equal(missing.error_response.error_code, status.NOT_FOUND);
      assert.equal(missing.original_request.file_by_filename, 'no/such.proto');
      stub.close();
    }
  },
};

async function main() {
  for (const [name, run] of Object.entries(cases)) {
    try {
      await Promise.race([
        run(),
        new Promise((_, reject) => setTimeout(() => reject(new Error('no end after 20 seconds')), 20_000).unref()),
      ]);
      console.log(`ok ${name}`);
    } catch (error) {
      console.log(`failed ${name}: ${error.stack}`);
    }
  }
  console.log('done');
  process.exit(0);
}

main();
