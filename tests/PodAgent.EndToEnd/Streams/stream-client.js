'use strict';

// A client of the streaming server that shares nothing with it: SPDY header blocks by Node's zlib, WebSockets by the ws package.
// usage: node stream-client.js spdy-command|ws-command|spdy-forward URL JSON; prints one JSON object. The certificate that a server may show
// is in the file that TRUSTED names; without it those that Node trusts, which it takes seconds to read on an emulated processor.
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const zlib = require('node:zlib');
const WebSocket = require('ws');
const trust = process.env.TRUSTED ? { ca: fs.readFileSync(process.env.TRUSTED) } : {};
const dictionary = require('spdy-transport/lib/spdy-transport/protocol/spdy/dictionary')[3.1];

class Spdy {
  static connect(url, protocols) {
    return new Promise((resolve, reject) => {
      const request = (url.startsWith('https:') ? https : http).request(url, {
        ...trust,
        method: 'POST',
        headers: { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': protocols, 'Content-Length': 0 },
      });
      request.on('upgrade', (response, socket, head) => resolve(new Spdy(response, socket, head)));
      request.on('response', (response) => reject(new Error(`status ${response.statusCode}`)));
      request.on('error', reject);
      request.end();
    });
  }

  constructor(response, socket, head) {
    this.protocol = response.headers['x-stream-protocol-version'];
    this.early = head.length;
    this.socket = socket;
    this.streams = new Map();
    this.nextId = 1;
    this.buffer = Buffer.alloc(0);
    this.deflate = zlib.createDeflate({ dictionary, level: 9 });
    this.inflate = zlib.createInflate({ dictionary });
    this.replies = 0;
    socket.on('data', (data) => this.take(data));
    this.closed = new Promise((resolve) => { socket.on('close', resolve); socket.on('error', resolve); });
    this.closed.then(() => this.streams.forEach((stream) => { stream.ended(); stream.reply(); }));
  }

  async open(headers) {
    const id = this.nextId;
    this.nextId += 2;
    const stream = { id, chunks: [], ended: null };
    stream.end = new Promise((resolve) => { stream.ended = resolve; });
    stream.replied = new Promise((resolve) => { stream.reply = resolve; });
    this.streams.set(id, stream);
    const parts = [u32(Object.keys(headers).length)];
    for (const [name, value] of Object.entries(headers)) {
      parts.push(u32(name.length), Buffer.from(name), u32(value.length), Buffer.from(value));
    }
    const block = await new Promise((resolve) => {
      const out = [];
      const collect = (data) => out.push(data);
      this.deflate.on('data', collect);
      this.deflate.write(Buffer.concat(parts));
      this.deflate.flush(zlib.constants.Z_SYNC_FLUSH, () => { this.deflate.off('data', collect); resolve(Buffer.concat(out)); });
    });
    this.control(1, 0, Buffer.concat([u32(id), u32(0), Buffer.from([0, 0]), block]));
    await stream.replied;
    return stream;
  }

  control(type, flags, payload) {
    this.socket.write(Buffer.concat([Buffer.from([0x80, 3, 0, type]), u32(flags * 2 ** 24 + payload.length), payload]));
  }

  data(stream, bytes, fin) {
    this.socket.write(Buffer.concat([u32(stream.id), u32((fin ? 1 : 0) * 2 ** 24 + bytes.length), bytes]));
  }

  take(data) {
    this.buffer = Buffer.concat([this.buffer, data]);
    while (this.buffer.length >= 8) {
      const length = this.buffer.readUInt32BE(4) & 0xffffff;
      if (this.buffer.length < 8 + length) { return; }
      const [head, payload] = [this.buffer.subarray(0, 8), this.buffer.subarray(8, 8 + length)];
      this.buffer = this.buffer.subarray(8 + length);
      if (head[0] & 0x80) {
        this.onControl(head.readUInt16BE(2), payload);
      } else {
        const stream = this.streams.get(head.readUInt32BE(0));
        stream.chunks.push(payload);
        if (head[4] & 1) { stream.ended(); }
      }
    }
  }

  onControl(type, payload) {
    if (type === 2) {
      // Another inflater must take the header block, too.
      this.inflate.write(payload.subarray(4));
      this.streams.get(payload.readUInt32BE(0)).reply();
    } else if (type === 3) {
      this.streams.get(payload.readUInt32BE(0)).ended();
    }
  }

  async text(stream) {
    await stream.end;
    return Buffer.concat(stream.chunks).toString();
  }
}

function u32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

async function spdyCommand(url, { types, stdin, protocols }) {
  const spdy = await Spdy.connect(url, protocols);
  const streams = {};
  for (const type of types) {
    streams[type] = await spdy.open({ streamtype: type });
  }
  if (streams.stdin) {
    if (stdin) { spdy.data(streams.stdin, Buffer.from(stdin), false); }
    spdy.data(streams.stdin, Buffer.alloc(0), true);
  }
  const answer = { protocol: spdy.protocol, early: spdy.early };
  for (const type of types.filter((each) => each !== 'stdin' && each !== 'resize')) {
    answer[type] = await spdy.text(streams[type]);
  }
  spdy.socket.end();
  await spdy.closed;
  return answer;
}

function wsCommand(url, { protocol, stdin, close }) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocol ? [protocol] : [], trust);
    const base64 = (protocol || '').includes('base64');
    const answer = { channels: {} };
    const send = (channel, bytes) => socket.send(base64 ? String(channel) + bytes.toString('base64') : Buffer.concat([Buffer.from([channel]), bytes]));
    socket.on('open', () => {
      answer.protocol = socket.protocol;
      if (stdin) { send(0, Buffer.from(stdin)); }
      if (close) { socket.send(Buffer.from([255, 0])); }
    });
    socket.on('message', (message, isBinary) => {
      const [channel, payload] = isBinary ? [message[0], message.subarray(1)] : [message[0] - 48, Buffer.from(message.subarray(1).toString(), 'base64')];
      answer.channels[channel] = (answer.channels[channel] || '') + payload.toString();
    });
    socket.on('close', (code) => resolve({ ...answer, code }));
    socket.on('error', reject);
  });
}

async function spdyForward(url, { requests }) {
  const spdy = await Spdy.connect(url, ['portforward.k8s.io']);
  const answers = [];
  for (const [index, { port, send }] of requests.entries()) {
    const error = await spdy.open({ streamtype: 'error', port: String(port), requestid: String(index) });
    spdy.data(error, Buffer.alloc(0), true);
    const data = await spdy.open({ streamtype: 'data', port: String(port), requestid: String(index) });
    spdy.data(data, Buffer.from(send), false);
    const received = await spdy.text(data);
    spdy.data(data, Buffer.alloc(0), true);
    answers.push({ data: received, error: await spdy.text(error) });
  }
  spdy.socket.end();
  await spdy.closed;
  return { protocol: spdy.protocol, answers };
}

const modes = { 'spdy-command': spdyCommand, 'ws-command': wsCommand, 'spdy-forward': spdyForward };
const [mode, url, json] = process.argv.slice(2);
modes[mode](url, JSON.parse(json)).then((answer) => process.stdout.write(JSON.stringify(answer) + '\n', () => process.exit(0)), (error) => { console.error(error); process.exit(1); });
