// Runs a WebAssembly program that wants a C library's system calls.
//   node wasi.js PROGRAM.wasm [ARG...]
'use strict';
const {WASI} = require('wasi'), fs = require('fs');

const wasi = new WASI({version: 'preview1', args: process.argv.slice(2), returnOnExit: true});
const program = new WebAssembly.Module(fs.readFileSync(process.argv[2]));
process.exitCode = wasi.start(new WebAssembly.Instance(program, {wasi_snapshot_preview1: wasi.wasiImport}));
