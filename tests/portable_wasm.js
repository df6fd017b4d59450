// Runs the program of `make portability` in WebAssembly.
//   node portable_wasm.js PROGRAM.wasm BLOB...
'use strict';
const fs = require('fs'), path = require('path');

const [program, ...blobs] = process.argv.slice(2);
let memory;
const put = (at, n) => process.stdout.write(Buffer.from(memory.buffer, at, n));
const m = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(program)), {env: {put}}).exports;
memory = m.memory;
for (const file of blobs) {
  const blob = fs.readFileSync(file), name = path.basename(file, '.ulm') + '\0';
  if (blob.length > m.blob_max()) throw new Error(`${file}: larger than ${m.blob_max()} bytes`);
  new Uint8Array(memory.buffer, m.blob()).set(blob);
  Buffer.from(memory.buffer).write(name, m.name());
  if (m.run(blob.length)) process.exit(1);
}
