'use strict';

// The service of echo.proto by grpc-js, for the client of PodAgent.Rpc.
// usage: node server.js <address> [directory of certificates]; prints "ready <port>", ends when its input ends.
const { grpc, echo, read } = require('./common');

const [address, certificates] = process.argv.slice(2);

function answer(request, call, index) {
  const deadline = call.getDeadline();
  const left = deadline instanceof Date ? deadline.getTime() - Date.now() : deadline === Infinity ? -1 : deadline - Date.now();
  return {
    text: request.text,
    payload: request.response_size > 0 ? Buffer.alloc(request.response_size) : request.payload,
    index,
    payload_total: 0,
    peer: call.getPeer(),
    deadline_ms: Math.floor(left),
  };
}

function echoMetadata(call) {
  const trailers = new grpc.Metadata();
  const text = call.metadata.get('x-echo');
  if (text.length > 0) {
    const headers = new grpc.Metadata();
    headers.set('x-echo', text[0]);
    call.sendMetadata(headers);
    trailers.set('x-echo', text[0]);
  }
  for (const value of call.metadata.get('x-echo-bin')) {
    trailers.add('x-echo-bin', value);
  }
  return trailers;
}

function failure(request) {
  const metadata = new grpc.Metadata();
  metadata.set('reason', 'as asked');
  metadata.set('grpc-status-details-bin', Buffer.from([1, 2, 3, 255]));
  return { code: request.fail_code, details: request.fail_message, metadata };
}

function log(event) {
  process.stdout.write(event + '\n');
}

const service = {
  Unary(call, callback) {
    const trailers = echoMetadata(call);
    if (call.request.hang) {
      log('hanging');
      call.on('cancelled', () => log('cancelled'));
    } else if (call.request.fail_code !== 0) {
      callback(failure(call.request));
    } else {
      callback(null, answer(call.request, call, 0), trailers);
    }
  },
  Collect(call, callback) {
    const trailers = echoMetadata(call);
    const result = { text: '', payload_total: 0, index: 0 };
    let failed = false;
    call.on('data', (request) => {
      result.text += request.text;
      result.payload_total += request.payload.length;
      result.index++;
      if (request.fail_code !== 0 && !failed) {
        failed = true;
        callback(failure(request));
      }
    });
    call.on('end', () => failed || callback(null, result, trailers));
    call.on('error', () => {});
  },
  Expand(call) {
    const trailers = echoMetadata(call);
    for (let i = 0; i < call.request.repeat; i++) {
      call.write(answer(call.request, call, i));
    }
    if (call.request.hang) {
      log('hanging');
      call.on('cancelled', () => log('cancelled'));
    } else if (call.request.fail_code !== 0) {
      call.emit('error', failure(call.request));
    } else {
      call.end(trailers);
    }
  },
  Chat(call) {
    const trailers = echoMetadata(call);
    let index = 0;
    call.on('data', (request) => {
      if (request.fail_code !== 0) {
        call.emit('error', failure(request));
      } else {
        call.write(answer(request, call, index++));
      }
    });
    call.on('end', () => call.end(trailers));
    call.on('error', () => {});
  },
};

const server = new grpc.Server({
  'grpc.max_receive_message_length': 32 * 1024 * 1024,
  'grpc.default_compression_algorithm': 2,
});
server.addService(echo.service, service);
const credentials = certificates
  ? grpc.ServerCredentials.createSsl(
      read(certificates, 'ca.pem'),
      [{ cert_chain: read(certificates, 'server.pem'), private_key: read(certificates, 'server.key') }],
      true)
  : grpc.ServerCredentials.createInsecure();
server.bindAsync(address, credentials, (error, port) => {
  if (error) {
    throw error;
  }
  log(`ready ${port}`);
});
process.stdin.on('end', () => server.forceShutdown()).resume();
