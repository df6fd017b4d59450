'use strict';
const PAUSE = 600; // ms without a key: the user has stopped
const $ = id => document.getElementById(id);
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const embedded = id => {
  const text = atob($(id).textContent.trim()), out = new Uint8Array(text.length);
  for (let i = 0; i < out.length; i++) out[i] = text.charCodeAt(i);
  $(id).textContent = '';
  return out.buffer;
};

// ---- The face ----

for (let i = 0; i < 60; i++) {
  const tick = document.createElementNS('http://www.w3.org/2000/svg', 'line'), hour = i % 5 === 0;
  tick.setAttribute('class', hour ? 'tick hour' : 'tick');
  for (const [k, v] of Object.entries({x1: 50, x2: 50, y1: 3.2, y2: hour ? 7.2 : 5.6, transform: `rotate(${6 * i} 50 50)`})) tick.setAttribute(k, v);
  $('ticks').append(tick);
}
const ticks = [...$('ticks').children];
// Each tick is a token: those of the words that the model holds, then those that it said.
const light = (held, said) => ticks.forEach((t, i) => {
  t.classList.toggle('held', i < held);
  t.classList.toggle('said', i >= held && i < held + said);
});

function tell() {
  const now = new Date(), s = now.getHours() * 3600 + now.getMinutes() * 60 + now.getSeconds();
  const turn = (id, degrees) => { $(id).style.transform = `rotate(${degrees}deg)`; };
  turn('second', s * 6), turn('minute', s / 10), turn('hour', s / 120);
  $('clock').textContent = now.toLocaleTimeString([], {hour: 'numeric', minute: '2-digit'});
  $('date').textContent = now.toLocaleDateString('en', {weekday: 'short', day: 'numeric', month: 'short'});
  setTimeout(tell, 1000 - now.getMilliseconds());
}
tell();

// ---- The model's thread: one question on its way at a time, the newest next ----

const worker = new Worker(URL.createObjectURL(new Blob([$('worker').textContent], {type: 'text/javascript'})));
let turn = 0, busy = false, next = null, began = 0, fed = null, ready = false, pause = 0, typist = 0;

function send(message) {
  if (busy) { next = message; return; }
  busy = true;
  worker.postMessage(message);
}
function done() {
  busy = false;
  if (next) { const message = next; next = null; send(message); }
}

const text = () => $('prompt').value.trim();
const number = (id, value, unit) => {
  $(id).className = value === null ? 'none' : '';
  $(id).innerHTML = value === null ? '–' : `${value}<small>${unit}</small>`;
};
const ms = t => t < 99.5 ? t.toFixed(1) : Math.round(t).toLocaleString('en');

function clear() {
  $('answer').textContent = $('asked').textContent = '';
  $('watch').classList.remove('talking');
  light(0, 0);
}

// A key: the words so far go to the model at once.
function typed() {
  clearTimeout(pause);
  turn++;
  $('go').disabled = !ready || !text();
  $('answer').className = 'answer';
  $('answer').innerHTML = '<span class="caret"></span>';
  $('asked').textContent = text();
  if (!ready) return;
  $('watch').classList.toggle('talking', !!text());
  if (!text()) { next = null; clear(); return; }
  send({feed: $('prompt').value.trimStart(), turn});
  pause = setTimeout(() => ask(performance.now()), PAUSE);
}

// The end of the prompt, at time t.
function ask(t) {
  clearTimeout(pause);
  if (!ready || !text()) return;
  turn++;
  began = t;
  $('answer').textContent = '';
  send({speak: text(), turn});
}

function word(m) {
  if (!$('answer').childElementCount) number('first', ms(performance.now() - began), 'ms');
  const span = document.createElement('span');
  span.className = 'word';
  span.textContent = m.word.trim();
  span.style.animationDelay = `${70 * $('answer').childElementCount}ms`;
  $('answer').append(span, ' ');
}

function said(m) {
  number('whole', ms(performance.now() - began), 'ms');
  number('rate', Math.round(1000 * m.tokens / m.ms).toLocaleString('en'), '');
  light(m.held, m.tokens);
  if (m.said.length > 40) $('answer').classList.add('long');
  if (m.choice) $('answer').classList.add('unsure');
  if (!m.whole) {
    const more = document.createElement('span');
    more.className = 'more';
    more.textContent = '…';
    $('answer').lastElementChild?.append(more);
  }
  $('heard').textContent = m.said;
  $('note').innerHTML = `<b>${m.early} tokens</b> were ready when you stopped, <i>${m.left} were left</i>. ` +
    (m.choice ? `Only ${Math.round(100 * m.confidence)}% sure: alone, the watch would not say this.`
              : `${Math.round(100 * m.confidence)}% sure${m.whole ? '.' : '; a larger model goes on from here.'}`);
}

worker.onmessage = ({data: m}) => {
  if (m.opened) { opened(m.opened); return; }
  if (m.fault !== undefined) {
    fault(m.name ? `${m.name} was not loaded: ${m.fault}.${ready ? ' The model before it stays.' : ''}` : `${m.fault}.`);
    if (!m.name) done();
    $('about').textContent = $('about').dataset.text || 'No model';
    return;
  }
  if (m.fed !== undefined) {
    if (m.turn === turn) light(m.held, 0);
    if (m.speaking) fed = m; else done();
    return;
  }
  if (m.word !== undefined) {
    if (m.turn === turn) word(m);
    return;
  }
  if (m.turn === turn) said({...m, held: fed.held, early: fed.held - fed.fed, left: fed.fed + m.frame});
  done();
};

// ---- Words come from a person, or from an example that types itself ----

$('prompt').addEventListener('input', () => { clearInterval(typist); typed(); });
$('form').addEventListener('submit', e => { e.preventDefault(); clearInterval(typist); ask(e.timeStamp || performance.now()); });
$('prompt').addEventListener('keydown', e => {
  if (e.key === 'Escape') { clearInterval(typist); $('prompt').value = ''; typed(); }
});
for (const example of ['Set a timer for ten minutes', 'How many people live in Seattle?', 'What is the weather like in Lisbon?', 'Play some jazz']) {
  const item = document.createElement('li'), button = document.createElement('button');
  button.type = 'button';
  button.textContent = example;
  button.onclick = () => {
    let n = calm.matches ? example.length : 1;
    clearInterval(typist);
    const type = () => {
      $('prompt').value = example.slice(0, n);
      typed();
      if (n++ >= example.length) { clearInterval(typist); setTimeout(() => { if (text() === example) ask(performance.now()); }, 60); }
    };
    typist = setInterval(type, 32);
    type();
  };
  item.append(button);
  $('tries').append(item);
}

// ---- Models ----

function fault(why) {
  $('why').textContent = why;
  $('fault').hidden = false;
}
$('dismiss').onclick = () => { $('fault').hidden = true; };

function opened(o) {
  const size = o.parameters < 1e7 ? (o.parameters / 1e6).toFixed(2) : (o.parameters / 1e6).toFixed(1);
  ready = true;
  $('about').textContent = $('about').dataset.text =
    `${o.name}, ${size} M parameters, ${(o.bytes / 1e6).toFixed(1)} MB, ${o.isa === 'portable' ? 'WebAssembly' : 'WebAssembly SIMD'}, one thread`;
  $('fault').hidden = true;
  $('prompt').disabled = false;
  for (const id of ['first', 'whole', 'rate']) number(id, null);
  clear();
  typed();
}

async function load(file) {
  $('about').textContent = `Checking ${file.name}`;
  try {
    const open = await file.arrayBuffer();
    worker.postMessage({open, name: file.name}, [open]);
  } catch (e) {
    fault(`${file.name} was not loaded: ${e.message}.`);
    $('about').textContent = $('about').dataset.text || 'No model';
  }
}
$('pick').onclick = () => $('file').click();
$('file').onchange = () => { if ($('file').files[0]) load($('file').files[0]); $('file').value = ''; };
let inside = 0;
addEventListener('dragenter', e => { e.preventDefault(); inside++; document.body.classList.add('dropping'); });
addEventListener('dragleave', () => { if (--inside <= 0) inside = 0, document.body.classList.remove('dropping'); });
addEventListener('dragover', e => e.preventDefault());
addEventListener('drop', e => {
  e.preventDefault();
  inside = 0;
  document.body.classList.remove('dropping');
  if (e.dataTransfer.files[0]) load(e.dataTransfer.files[0]);
});

worker.postMessage({modules: [embedded('wasm-simd'), embedded('wasm-portable')]});
const blob = embedded('blob');
if (blob.byteLength) worker.postMessage({open: blob, name: $('blob').dataset.name}, [blob]);
else $('about').textContent = 'No model yet: drop a .ulm file here';
