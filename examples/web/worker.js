// The model's thread. Messages are answered one after the other:
//   {modules: [simd, portable]}
//   {open, name}    -> {opened} or {fault}: then the model before it stays
//   {feed, turn}    -> {fed: tokens computed, held, ms}
//   {speak, turn}   -> {fed ..., speaking}, {word, ms} for each word, {said ..., frame: tokens between text and opener}
'use strict';
const TEXT = 4096, LATE = 2000; // bytes; ms after which no opener is of use
let module, ulm, onWord;

const string = (m, at, n) => {
  const all = new Uint8Array(m.memory.buffer);
  return new TextDecoder().decode(all.subarray(at, n === undefined ? all.indexOf(0, at) : at + n));
};

// Each model has an instance of its own: one that fails leaves nothing behind.
async function open(blob, name) {
  if (!blob.byteLength) throw new Error('the file is empty');
  let m;
  const env = {word: (at, n) => onWord(string(m, at, n))};
  m = (await WebAssembly.instantiate(module, {env})).exports;
  const at = m.room(blob.byteLength), began = performance.now();
  if (!at) throw new Error(`there is no memory for its ${(blob.byteLength / 1e6).toFixed(1)} MB`);
  new Uint8Array(m.memory.buffer).set(new Uint8Array(blob), at);
  if (m.load(blob.byteLength, 512)) {
    const where = m.fault_at();
    throw new Error(string(m, m.fault()) + (where ? ` (byte ${where})` : ''));
  }
  ulm = m;
  warm();
  return {opened: {name, bytes: blob.byteLength, isa: string(m, m.isa()), parameters: m.parameters(),
                   ms: performance.now() - began}};
}

// Browsers compile well only what has run for a while: some words into the void, at most 0.3 s.
function warm() {
  onWord = () => 0;
  for (const end = performance.now() + 300; performance.now() < end;) {
    feed('A long walk by the sea');
    if (ulm.speak(4, 8, 0, 0.9, 0)) break;
    feed('');
  }
}

function feed(text, turn) {
  const began = performance.now(), into = new Uint8Array(ulm.memory.buffer, ulm.text(), TEXT);
  const {read, written} = new TextEncoder().encodeInto(text, into);
  const fed = read < text.length ? -1 : ulm.feed(written);
  if (fed < 0) throw new Error('that is more than the model can remember');
  return {turn, fed, held: ulm.position(), ms: performance.now() - began};
}

function speak(text, turn) {
  const began = performance.now(), ms = () => performance.now() - began;
  postMessage({...feed(text, turn), speaking: true});
  onWord = word => { postMessage({turn, word, ms: ms()}); return ms() > LATE ? 1 : 0; };
  if (ulm.speak(4, 8, 0, 0.9, 0)) throw new Error(string(ulm, ulm.fault()));
  const [size, words, tokens, confidence, finish, , choice, frame] = new Float32Array(ulm.memory.buffer, ulm.report(), 8);
  return {turn, said: string(ulm, ulm.opener(), size), words, tokens, confidence, choice, frame, whole: finish === 0, ms: ms()};
}

async function answer(data) {
  try {
    if (data.modules) {
      const [simd, portable] = data.modules;
      module = await WebAssembly.compile(WebAssembly.validate(simd) ? simd : portable);
    } else if (data.open) {
      postMessage(await open(data.open, data.name));
    } else if (ulm) {
      postMessage(data.feed === undefined ? speak(data.speak, data.turn) : feed(data.feed, data.turn));
    }
  } catch (e) {
    if (e instanceof WebAssembly.RuntimeError && !data.open) ulm = null;
    postMessage({fault: e.message, name: data.name, turn: data.turn});
  }
}

let last = Promise.resolve();
onmessage = ({data}) => { last = last.then(() => answer(data)); };
