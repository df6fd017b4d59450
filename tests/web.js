// The page of examples/web in a headless Chromium: words appear as one types, they are the words that ulm-run says,
// their latency is shown, files that are no models are refused. Prints "ok <sentence>" for each check.
//   node tests/web.js PAGE.html WASM_DIR MODEL.ulm OTHER.ulm ULM_RUN [PICTURE_DIR]
'use strict';
const fs = require('fs'), os = require('os'), path = require('path'), {execFileSync} = require('child_process');
const browser = require('./browser.js');

const [page, wasm, model, other, run, pictures] = process.argv.slice(2);
const PROMPTS = ['Set a timer for ten minutes', 'How many people live in Seattle?', 'call café №7 — now 🙂'];
const fail = why => { throw new Error(why); };
const ok = what => console.log(`ok ${what}`);
const native = (blob, prompt) => execFileSync(run, [blob, '--prompt', prompt, '--greedy'], {stdio: ['ignore', 'pipe', 'ignore']}).toString().trim();

// ---- The module alone ----

function load(file, blob, onWord) {
  let m = null;
  const string = (at, n) => Buffer.from(m.memory.buffer, at, n).toString();
  const env = {word: (at, n) => onWord(string(at, n))};
  m = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(path.join(wasm, file))), {env}).exports;
  const bytes = fs.readFileSync(blob), at = m.room(bytes.length); // may move the memory
  Buffer.from(m.memory.buffer).set(bytes, at);
  if (m.load(bytes.length, 512)) fail(`${file} does not open ${blob}`);
  return {
    m,
    feed: text => { const b = Buffer.from(text);
      Buffer.from(m.memory.buffer).set(b, m.text());
      return m.feed(b.length); },
    speak: () => { const s = m.speak(4, 8, 0, 0.9, 0); const r = new Float32Array(m.memory.buffer, m.report(), 8); return {s, text: string(m.opener(), r[0]), finish: r[4]}; },
    logits: () => Buffer.from(Buffer.from(m.memory.buffer, m.logits(), 4 * m.vocabulary())).toString('hex'),
  };
}

function modules() {
  const seen = new Map();
  for (const file of ['simd.wasm', 'portable.wasm']) {
    let words = [], most = 99;
    const t = load(file, model, w => { words.push(w); return words.length >= most ? 1 : 0; });
    for (const prompt of PROMPTS) {
      if (t.feed(prompt) < 0) fail(`${file} takes "${prompt}"`);
      const logits = t.logits(), at = t.m.position();
      words = [];
      const said = t.speak().text;
      if (said !== native(model, prompt)) fail(`${file} says "${said}" to "${prompt}", ulm-run "${native(model, prompt)}"`);
      if (words.join('') !== said) fail(`${file}: the words are "${words.join('')}", the opener "${said}"`);
      if (t.m.position() !== at) fail(`${file}: after the opener the prompt is held as before`);
      t.feed('zebra crossing');
      for (let n = 1; n < prompt.length; n++) t.feed(prompt.slice(0, n)); // a key at a time; surrogates may be cut
      t.feed(prompt);
      if (t.logits() !== logits) fail(`${file}: fed a key at a time, "${prompt}" has other logits`);
      if ((seen.get(prompt) || logits) !== logits) fail(`SIMD and portable logits differ for "${prompt}"`);
      seen.set(prompt, logits);
      t.feed(prompt + '!');
      if (t.logits() === logits) fail('one character more changes nothing: the comparison is blind');
      if (t.feed('x'.repeat(4096)) >= 0) fail(`${file}: a text beyond the context is taken`);
      t.feed(prompt);
      words = [], most = 2;
      const cut = t.speak();
      if (cut.s || cut.finish !== 5 || words.length !== 2 || t.m.position() !== at) fail(`${file}: cancelled at word 2: ${JSON.stringify(cut)}`);
      most = 99;
    }
    ok(`${file}: the words and bits of ulm-run, at once and key by key; a cancelled opener ends at its word`);
  }
}

// ---- Files that are no models ----

const crcTable = Array.from({length: 256}, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? n >>> 1 ^ 0xedb88320 : n >>> 1; return n >>> 0; });
const crc = b => { let c = 0xffffffff; for (const x of b) c = crcTable[(c ^ x) & 255] ^ c >>> 8; return (c ^ 0xffffffff) >>> 0; };
function repair(b) { // every checksum: docs/FORMATS.md
  const n = b.readUInt32LE(24);
  for (let i = 0, e = 64; i < n; i++, e += 32) {
    const at = Number(b.readBigUInt64LE(e + 8)), size = Number(b.readBigUInt64LE(e + 16));
    b.writeUInt32LE(crc(b.subarray(at, at + size)), e + 4);
  }
  b.writeUInt32LE(0, 28);
  b.writeUInt32LE(crc(b.subarray(0, 64 + 32 * n)), 28);
  return b;
}
function section(b, tag) {
  for (let e = 64; e < 64 + 32 * b.readUInt32LE(24); e += 32) if (b.toString('latin1', e, e + 4) === tag) return Number(b.readBigUInt64LE(e + 8));
  return fail(`no section ${tag}`);
}
function hostile(dir) {
  const good = fs.readFileSync(model), files = {};
  const changed = (tag, at, write) => { const b = Buffer.from(good); write(b, section(b, tag) + at); return b; };
  files['empty.ulm'] = Buffer.alloc(0);
  files['foreign.ulm'] = Buffer.alloc(5000, 'x');
  files['cut.ulm'] = good.subarray(0, good.length / 2 | 0);
  files['stub.ulm'] = good.subarray(0, 40);
  files['flip.ulm'] = changed('WGTS', 1000, (b, at) => { b[at] ^= 16; });
  for (let f = 0; f < 7; f++) files[`config${f}.ulm`] = repair(changed('CONF', 4 * f, (b, at) => b.writeUInt32LE(0x7fffffff, at)));
  files['directory.ulm'] = repair(changed('TDIR', 8, (b, at) => b.writeUInt32LE(0xfffffff0, at)));
  files['vocabulary.ulm'] = repair(changed('VOCB', 16, (b, at) => b.fill(0xff, at, at + 64)));
  files['notnumbers.ulm'] = repair(changed('WGTS', 0, (b, at) => b.fill(0xff, at, at + 48000)));
  return Object.entries(files).map(([name, bytes]) => { fs.writeFileSync(path.join(dir, name), bytes); return path.join(dir, name); });
}

// ---- The page ----

const shown = id => `document.getElementById('${id}').textContent`;
async function answered(b, want, what) {
  await b.until(`${shown('heard')} === ${JSON.stringify(want)} && ${shown('answer')}.replace('…', '').trim() === ${JSON.stringify(want)}`, `"${want}" to be said ${what}`);
}
async function forget(b) {
  await b.key('Escape');
  await b.evaluate(`document.getElementById('heard').textContent = ''`);
  await b.until(`${shown('answer')} === '' && !document.getElementById('watch').classList.contains('talking')`);
}

async function visit(b, dir) {
  await b.open('file://' + path.resolve(page));
  await b.until(`!document.getElementById('prompt').disabled`, 'the model inside the page to be opened');
  const about = await b.evaluate(shown('about'));
  if (!/WebAssembly SIMD/.test(about) || !about.startsWith(path.basename(model))) fail(`the page says of its model: ${about}`);
  ok(`the page opens from a file: ${about}`);

  await b.evaluate(`document.getElementById('prompt').focus()`);
  await b.type(PROMPTS[0]);
  await b.until(`document.querySelectorAll('.tick.held').length > 3`, 'tokens to be held while typing goes on');
  await b.key('Enter');
  await answered(b, native(model, PROMPTS[0]), 'after Enter');
  const words = await b.evaluate(`[...document.querySelectorAll('.word')].map(w => w.firstChild.textContent)`);
  if (words.join(' ') !== native(model, PROMPTS[0])) fail(`words shown: ${words}`);
  ok(`a prompt is typed, ${words.length} words appear: ${words.join(' ')}`);

  const [first, whole, rate] = (await b.evaluate(`['first', 'whole', 'rate'].map(i => document.getElementById(i).textContent)`)).map(s => parseFloat(s.replace(',', '')));
  if (!(first > 0 && first <= whole && whole < 20000 && rate > 1)) fail(`latency: ${first} ms, ${whole} ms, ${rate} tokens/s`);
  const note = await b.evaluate(shown('note')), ready = /^(\d+) tokens were ready when you stopped, (\d+) were left/.exec(note);
  if (!ready || !(+ready[1] > 0)) fail(`the note says: ${note}`);
  ok(`latency is shown: ${first} ms to the first word, ${whole} ms to the opener, ${rate} tokens a second; ${ready[0]}`);

  await forget(b);
  await b.type('Set a tymer');
  for (let i = 0; i < 4; i++) await b.key('Backspace');
  await b.type('imer for ten minutes');
  await answered(b, native(model, PROMPTS[0]), 'after a pause and a revision');
  await forget(b);
  await b.evaluate(`document.querySelectorAll('#tries button')[1].click()`);
  await answered(b, native(model, PROMPTS[1]), 'after an example');
  ok('a revised prompt gives the same words after a pause; an example types itself');
  if (pictures) await b.picture(path.join(pictures, 'page.png'));

  const files = hostile(dir);
  for (const file of files) {
    const name = path.basename(file);
    await b.evaluate(`document.getElementById('why').textContent = ''`);
    await b.choose('#file', file);
    await b.until(`!document.getElementById('fault').hidden && ${shown('why')}.startsWith('${name} was not loaded: ')`, `${name} to be refused`);
    const why = await b.evaluate(shown('why'));
    if (!/loaded: .{12,}\. The model before it stays\.$/.test(why)) fail(`${name}: ${why}`);
    await forget(b);
    await b.type('Set a timer for ten minutes', 0);
    await b.key('Enter');
    await answered(b, native(model, PROMPTS[0]), `after ${name}`);
  }
  ok(`${files.length} files that are no models are refused with a reason, and the page goes on`);
  if (pictures) await b.picture(path.join(pictures, 'refused.png'));
  await b.choose('#file', other);
  await b.until(`${shown('about')}.startsWith('${path.basename(other)},')`, 'another model to be opened');
  await b.evaluate(`document.getElementById('prompt').focus()`);
  await forget(b);
  await b.type(PROMPTS[1], 0);
  await b.key('Enter');
  await answered(b, native(other, PROMPTS[1]), 'by another model');
  if (!await b.evaluate(`document.getElementById('fault').hidden`)) fail('a good model clears the error');
  ok('another model is taken');

  for (const [w, h] of [[320, 568], [390, 844], [844, 390], [1280, 800], [2560, 1300]]) {
    await b.size(w, h);
    if (await b.evaluate('document.documentElement.scrollWidth > innerWidth')) fail(`${w} x ${h}: the page is wider than the screen`);
    const fits = await b.evaluate(`(() => { const a = document.getElementById('answer').getBoundingClientRect(), g = document.querySelector('.glass').getBoundingClientRect(); return a.left > g.left && a.right < g.right && a.bottom < g.bottom })()`);
    if (!fits) fail(`${w} x ${h}: the answer leaves the face`);
  }
  if (!await b.evaluate(`document.getAnimations().length`)) fail('words are animated where motion is welcome');
  await b.call('Emulation.setEmulatedMedia', {features: [{name: 'prefers-reduced-motion', value: 'reduce'}]});
  if (await b.evaluate(`document.getAnimations().length`)) fail('nothing moves where motion is not wanted');
  const {nodes} = await b.call('Accessibility.getFullAXTree');
  const named = role => nodes.filter(n => n.role?.value === role && !n.ignored).map(n => n.name?.value || '');
  if (named('textbox').concat(named('button')).some(n => !n) || named('textbox').length !== 1 || named('button').length < 6) fail('every control has a name');
  if (!nodes.some(n => n.role?.value === 'status' && !n.ignored)) fail('what is said is announced');
  ok('it fits screens from 320 to 2560, keeps still where asked, and every control has a name');

  const urls = b.events.filter(e => e.method === 'Network.requestWillBeSent').map(e => e.params.request.url).filter(u => !/^(file|blob|data):/.test(u));
  if (urls.length) fail(`the page asks a network: ${urls}`);
  const errors = b.events.filter(e => e.method === 'Runtime.exceptionThrown' || (e.method === 'Log.entryAdded' && e.params.entry.level === 'error'));
  if (errors.length) fail(`errors on the console: ${JSON.stringify(errors.map(e => e.params))}`);
  ok('no request, no error');
}

(async () => {
  modules();
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ulm-web-files-'));
  const b = await browser();
  try {
    await b.size(1100, 900);
    await visit(b, dir);
  } finally {
    await b.close();
    fs.rmSync(dir, {recursive: true});
  }
})().catch(e => {
  console.log(`not ok ${e.message}`);
  process.exitCode = 1;
});
