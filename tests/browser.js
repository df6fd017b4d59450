// A headless Chromium, driven over its debugging pipe: no dependency but node and the browser.
'use strict';
const {spawn} = require('child_process');
const fs = require('fs'), os = require('os'), path = require('path');

const CHROMIUM = process.env.CHROMIUM || 'chromium';

async function browser() {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'ulm-web-'));
  const child = spawn(CHROMIUM, ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
    '--disable-dev-shm-usage', '--disable-extensions', '--disable-sync', '--no-first-run', '--no-default-browser-check',
    '--disable-component-update', '--hide-scrollbars', '--mute-audio', `--user-data-dir=${profile}`,
    '--remote-debugging-pipe', 'about:blank'], {stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']});
  const waiting = new Map(), events = [];
  let id = 0, rest = Buffer.alloc(0), failed = null;
  const fail = e => {
    failed = e;
    for (const w of waiting.values()) w.no(e);
    waiting.clear();
  };
  child.on('error', e => fail(new Error(`${CHROMIUM}: ${e.message}; scripts/deps web-test installs it`)));
  child.on('exit', code => fail(new Error(`${CHROMIUM} ended with ${code}`)));
  child.stdio[3].on('error', () => {});
  child.stdio[4].on('data', data => {
    rest = Buffer.concat([rest, data]);
    for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) {
      const m = JSON.parse(rest.subarray(0, end).toString());
      const w = waiting.get(m.id);
      if (!w) { events.push(m); continue; }
      waiting.delete(m.id);
      if (m.error) w.no(new Error(m.error.message)); else w.yes(m.result);
    }
  });
  let session;
  const call = (method, params = {}) => new Promise((yes, no) => {
    if (failed) { no(failed); return; }
    waiting.set(++id, {yes, no});
    child.stdio[3].write(JSON.stringify({id, method, params, sessionId: session}) + '\0');
  });
  const close = async () => {
    child.removeAllListeners('exit');
    const gone = new Promise(yes => child.once('exit', yes));
    child.kill('SIGKILL');
    await gone;
    fs.rmSync(profile, {recursive: true, force: true, maxRetries: 5, retryDelay: 100});
  };
  try {
    const {targetId} = await call('Target.createTarget', {url: 'about:blank'});
    session = (await call('Target.attachToTarget', {targetId, flatten: true})).sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'DOM', 'Network']) await call(`${domain}.enable`);
  } catch (e) {
    await close();
    throw e;
  }

  // The value of an expression in the page.
  const evaluate = async expression => {
    const r = await call('Runtime.evaluate', {expression, returnByValue: true, awaitPromise: true});
    if (r.exceptionDetails) throw new Error(r.exceptionDetails.exception?.description || r.exceptionDetails.text);
    return r.result.value;
  };
  // Waits until the expression is true.
  const until = async (expression, what, ms = 60000) => {
    for (const end = Date.now() + ms; Date.now() < end; await new Promise(y => setTimeout(y, 25)))
      if (await evaluate(expression)) return;
    throw new Error(`waited ${ms / 1000} s in vain: ${what || expression}`);
  };
  const key = async (k, extra = {}) => {
    const text = k.length === 1 ? k : k === 'Enter' ? '\r' : undefined;
    const codes = {Enter: 13, Escape: 27, Tab: 9, Backspace: 8};
    await call('Input.dispatchKeyEvent', {type: 'keyDown', key: k, text, windowsVirtualKeyCode: codes[k], ...extra});
    await call('Input.dispatchKeyEvent', {type: 'keyUp', key: k, windowsVirtualKeyCode: codes[k], ...extra});
  };
  const type = async (text, each = 15) => {
    for (const c of text) {
      await key(c);
      await new Promise(y => setTimeout(y, each));
    }
  };
  const size = (width, height, scale = 1) =>
    call('Emulation.setDeviceMetricsOverride', {width, height, deviceScaleFactor: scale, mobile: width < 600});
  const picture = async file => fs.writeFileSync(file, Buffer.from((await call('Page.captureScreenshot', {format: 'png'})).data, 'base64'));
  const choose = async (selector, file) => {
    const {root} = await call('DOM.getDocument');
    const {nodeId} = await call('DOM.querySelector', {nodeId: root.nodeId, selector});
    await call('DOM.setFileInputFiles', {nodeId, files: [path.resolve(file)]});
  };
  const open = async url => {
    await call('Page.navigate', {url});
    await until(`location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`, `${url} to load`);
  };
  return {call, evaluate, until, key, type, size, picture, choose, close, events, open};
}
module.exports = browser;
