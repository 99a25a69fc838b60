'use strict';

// What the client and the server scripts share: the schema and the credentials.
const fs = require('node:fs');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const loaderOptions = { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true };

function load(file, ...roots) {
  return grpc.loadPackageDefinition(loader.loadSync(file, { ...loaderOptions, includeDirs: roots }));
}

const echo = load('echo.proto', __dirname).podagent.rpc.tests.EchoService;

// certificates: a directory with ca.pem, <name>.pem and <name>.key, or nothing for a plain connection.
function read(certificates, file) {
  return fs.readFileSync(path.join(certificates, file));
}

module.exports = { grpc, echo, load, read };
