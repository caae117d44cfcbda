// The desk as an editor uses it, in Chromium, with sound. `./run` makes the episodes and starts this.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--mute-audio'],
  });
});
after(async () => { await browser?.close(); });

// An episode of its own on a desk.
async function desk(name = 'episode') {
  const folder = mkdtempSync(join(tmpdir(), 'desk-'));
  cpSync(join(process.env.PAGES, 'desk', name), folder, { recursive: true, preserveTimestamps: true });
  const opened = { folder, edits: () => existsSync(join(folder, 'edits.toml')) ? readFileSync(join(folder, 'edits.toml'), 'utf8') : null };
  opened.start = async () => {
    opened.child = spawn(process.env.LINERNOTES, ['review', folder, '--port', '0'], { env: { ...process.env, LINERNOTES_OFFLINE: 'true' } });
    opened.address = await new Promise((found, failed) => {
      let said = '', wrong = '';
      opened.child.stderr.on('data', data => { wrong += data; });
      opened.child.stdout.on('data', data => { said += data; if (said.includes('\n')) found(said.trim()); });
      opened.child.on('exit', () => failed(new Error(wrong)));
    });
  };
  opened.kill = () => new Promise(done => { opened.child.removeAllListeners('exit'); opened.child.on('exit', done); opened.child.kill('SIGKILL'); });
  opened.end = async () => { await opened.kill(); rmSync(folder, { recursive: true }); };
  await opened.start();
  return opened;
}

async function open(address, options = {}) {
  const context = options.context ?? await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', error => page.faults.push(String(error)));
  page.on('console', message => message.type() === 'error' && !/favicon/.test(message.location().url) && page.faults.push(message.text()));
  await page.goto(address);
  await page.waitForSelector('.desk');
  return page;
}
const until = (page, what, argument) => page.waitForFunction(what, argument, { timeout: 8000 });
const saved = page => until(page, () => document.querySelector('.desk-state').textContent.startsWith('Saved'));
const shows = (page, text) => until(page, wanted => document.querySelector('.body').textContent.replace(/\s+/g, ' ').includes(wanted), text);
const lines = page => page.evaluate(() => [...document.querySelectorAll('.body p[data-w]')].map(p => p.textContent.replace(/\s+/g, ' ').trim()));
const word = (page, text, n = 0) => page.locator('.body p[data-w] > span', { hasText: text }).nth(n);
const at = async (page, text) => { await word(page, text).click(); await page.evaluate(() => document.querySelector('audio')?.pause()); };
const select = (page, first, last) => page.evaluate(([a, b]) => {
  const words = [...document.querySelectorAll('.body p[data-w] > span')];
  const from = words.find(word => word.textContent.includes(a));
  const to = words.slice(words.indexOf(from)).find(word => word.textContent.includes(b));
  getSelection().setBaseAndExtent(from.firstChild, 0, to.firstChild, to.firstChild.length);
}, [first, last]);
async function name(page, said, wanted) {
  await page.locator('.body .who', { hasText: said }).first().click();
  await page.waitForSelector('dialog.desk-ask[open]');
  await page.check('[name=reach][value=everywhere]');
  await page.fill('.desk-name input', wanted);
  await page.keyboard.press('Enter');
  await shows(page, `${wanted}:`);
}

test('an editor brings an episode to print, loses the server in between, and takes it all back', async () => {
  const table = await desk();
  let page = await open(table.address);
  assert.equal(new URL(page.url()).search, '', 'the key does not stay in the address');
  // with sound: a click plays from there, and the word is lit
  await until(page, () => document.querySelector('audio').readyState > 0);
  await word(page, 'bells').click();
  await until(page, () => !document.querySelector('audio').paused && document.querySelector('audio').currentTime > 36);
  await until(page, () => document.querySelectorAll('.on').length === 1);
  await page.keyboard.press('b');
  await page.keyboard.press(' ');
  await until(page, () => document.querySelector('audio').paused);
  // five names, one of them after hearing a sample
  await page.locator('.body .who', { hasText: 'Guest' }).first().click();
  await page.click('[data-hear="0"]');
  await until(page, () => !document.querySelector('audio').paused);
  await page.click('dialog[open] button[value=""]');
  for (const [said, wanted] of [['Host', 'Mara'], ['Guest', 'Ines'], ['Caller', 'Tove'], ['Neighbour', 'Pell'], ['Poet', 'Orla']]) {
    await name(page, said, wanted);
  }
  // words, where they stand
  await word(page, 'twenty').dblclick();
  await page.evaluate(() => document.querySelector('audio').pause());
  await page.keyboard.type('thirty');
  await page.keyboard.press('Escape');
  await shows(page, 'for thirty years');
  await saved(page);
  assert.match(table.edits(), /find = "twenty"\nwith = "thirty"/);
  // a split while typing, and a join
  await at(page, 'stood');
  await page.keyboard.press('e');
  await page.keyboard.press('ArrowLeft');
  await page.evaluate(() => {
    const it = [...document.querySelectorAll('.body p[data-w] > span')].find(word => word.textContent === 'It' && word.nextElementSibling?.textContent === 'stood');
    getSelection().collapse(it.firstChild, 0);
  });
  await page.keyboard.press('Enter');
  await until(page, () => [...document.querySelectorAll('.body p[data-w]')].some(p => /\]\s*It stood in/.test(p.textContent)));
  await page.keyboard.press('Escape');
  await at(page, 'carried');
  await page.keyboard.press('Backspace');
  await until(page, () => [...document.querySelectorAll('.body p[data-w]')].some(p => /were up\. We carried/.test(p.textContent.replace(/\s+/g, ' '))));
  // the edge of a turn, three words
  await at(page, 'cat.');
  for (let n = 0; n < 2; n++) await page.keyboard.press('.');
  await shows(page, 'I thought it was the cat.');
  await shows(page, 'Then the bells');
  // a wrong speaker, a quotation, a cut
  await select(page, 'Sorry,', 'I?');
  await page.keyboard.press('w');
  await page.waitForSelector('dialog.desk-ask[open]');
  await page.keyboard.press('1');
  await until(page, () => [...document.querySelectorAll('.turn')].some(turn => /^\s*Mara:/.test(turn.textContent) && /Sorry, my phone\. Where was I\?/.test(turn.textContent.replace(/\s+/g, ' '))));
  await select(page, 'High', 'nobody.');
  await page.keyboard.press('m');
  await page.fill('[name=author]', 'Orla');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.body blockquote');
  await select(page, 'Sorry,', 'phone.');
  await page.keyboard.press('x');
  await shows(page, 'left out here.');
  // the server goes, and what was done is there
  await saved(page);
  const done = table.edits(), text = await lines(page);
  await table.kill();
  await until(page, () => document.querySelector('.desk-state').textContent.startsWith('Not connected'));
  assert.equal(table.edits(), done);
  await page.context().close();
  await table.start();
  page = await open(table.address);
  assert.deepEqual(await lines(page), text);
  await at(page, 'Good');
  await page.keyboard.press('y');
  await until(page, () => document.querySelector('.body p[data-w] .st-checked'));
  await until(page, () => / [1-9]\d* % checked/.test(document.querySelector('.desk-state').textContent));
  // all of it is taken back, to the byte, and done again
  await page.keyboard.press('u');
  await until(page, () => !document.querySelector('.body p[data-w] .st-checked'));
  await saved(page);
  assert.equal(table.edits(), done);
  while (await page.evaluate(() => !document.querySelector('[data-desk=undo]').disabled)) {
    const before = await page.getAttribute('[data-desk=undo]', 'title');
    await page.keyboard.press('Control+z');
    await until(page, was => document.querySelector('[data-desk=undo]').title !== was || document.querySelector('[data-desk=undo]').disabled, before);
    await saved(page);
  }
  assert.equal(table.edits(), null);
  await shows(page, 'Guest:');
  assert.deepEqual(page.faults, []);
  await page.context().close();
  await table.end();
});

test('a second tab sees the first one’s edits, keeps what is typed there, and is told of a conflict', async () => {
  const table = await desk();
  const first = await open(table.address);
  const second = await open(table.address, { context: first.context() });
  await word(second, 'pulled').dblclick();
  await second.keyboard.type('touched');
  await name(first, 'Caller', 'Tove');
  await shows(second, 'Tove:');
  await second.keyboard.press('Escape');
  await shows(second, 'nobody had touched a rope');
  await shows(first, 'nobody had touched a rope');
  // both type in one paragraph: the later one is told, or both are in it
  await word(first, 'wall.').dblclick();
  await first.keyboard.type('dyke.');
  await first.keyboard.press('Escape');
  await shows(second, 'over the dyke.');
  const [a, b] = [await lines(first), await lines(second)];
  assert.deepEqual(a, b);
  for (const page of [first, second]) assert.deepEqual(page.faults, []);
  await first.context().close();
  await table.end();
});

test('what was typed and not taken over yet outlives the page', async () => {
  const table = await desk();
  const first = await open(table.address);
  await word(first, 'upstairs.').dblclick();
  await first.keyboard.type('to the loft, and waited there.');
  await first.close();
  assert.equal(table.edits(), null);
  const second = await open(table.address, { context: first.context() });
  await shows(second, 'We carried the clock to the loft, and waited there.');
  await saved(second);
  assert.match(table.edits(), /with = "to the loft, and waited there\."/);
  assert.deepEqual(second.faults, []);
  await second.context().close();
  await table.end();
});

test('a page of another origin reads nothing and changes nothing', async () => {
  const table = await desk();
  const page = await open(table.address);
  const port = new URL(table.address).port;
  const evil = createServer((request, response) => response.setHeader('Content-Type', 'text/html').end('<p>evil</p>'));
  await new Promise(ready => evil.listen(0, '127.0.0.1', ready));
  const theirs = await page.context().newPage();
  await theirs.goto(`http://127.0.0.1:${evil.address().port}/`);
  const tried = await theirs.evaluate(async own => {
    const command = JSON.stringify({ revision: 0, command: { check: [0, true] } });
    const reads = [];
    for (const [path, options] of [
      ['/', {}], ['/', { credentials: 'include' }], ['/', { mode: 'no-cors', credentials: 'include' }], ['/talk.wav', { mode: 'no-cors' }],
      ['/.desk/do', { method: 'POST', body: command, credentials: 'include' }],
      ['/.desk/do', { method: 'POST', body: command, mode: 'no-cors', credentials: 'include' }],
      ['/.desk/do', { method: 'POST', body: command, headers: { 'Content-Type': 'application/json' }, credentials: 'include' }],
    ]) {
      reads.push(await fetch(own + path, options).then(answer => answer.text(), () => ''));
    }
    const form = document.body.appendChild(document.createElement('form'));
    form.method = 'post';
    form.action = own + '/.desk/do';
    form.enctype = 'text/plain';
    form.target = 'frame';
    form.innerHTML = '<input name=\'{"revision":0,"command":{"check":[0,true]},"a":"\' value=\'"}\'>';
    const frame = document.body.appendChild(document.createElement('iframe'));
    frame.name = 'frame';
    form.submit();
    const sound = new Audio(own + '/talk.wav');
    const plays = await new Promise(done => { sound.oncanplay = () => done(true); sound.onerror = () => done(false); });
    await new Promise(done => setTimeout(done, 500));
    return { reads, plays };
  }, `http://127.0.0.1:${port}`);
  assert.deepEqual(tried, { reads: tried.reads.map(() => ''), plays: false });
  assert.equal(table.edits(), null);
  evil.close();
  // a name that leads to this machine is not this machine
  const rebound = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--host-resolver-rules=MAP evil.example 127.0.0.1'] });
  const there = await rebound.newPage();
  await there.goto(`http://evil.example:${port}/${new URL(table.address).search}`);
  assert.match(await there.textContent('body'), /for this machine only/);
  await rebound.close();
  await page.context().close();
  await table.end();
});

test('on a phone one listens and confirms', async () => {
  const table = await desk();
  const page = await open(table.address, phone);
  await word(page, 'counted').tap();
  await until(page, () => !document.querySelector('audio').paused);
  await page.tap('[data-desk=right]');
  await until(page, () => document.querySelector('.body p[data-w] .st-checked'));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wide, false, 'nothing is wider than the phone');
  const small = await page.evaluate(() => [...document.querySelectorAll('.desk-do button')].filter(button => button.offsetParent && button.offsetHeight < 40).length);
  assert.equal(small, 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
  await table.end();
});

test('four hours open, and are typed in', async () => {
  const table = await desk('long');
  const begun = Date.now();
  const page = await open(table.address);
  const opened = Date.now() - begun;
  await word(page, 'lamp', 900).scrollIntoViewIfNeeded();
  await word(page, 'lamp', 900).dblclick();
  await page.evaluate(() => {
    window.slow = 0;
    new PerformanceObserver(list => { for (const entry of list.getEntries()) window.slow = Math.max(window.slow, entry.duration); }).observe({ type: 'longtask', buffered: false });
  });
  await page.keyboard.type('candle and the lantern and the lamp', { delay: 40 });
  const typed = Date.now();
  await page.keyboard.press('Escape');
  await shows(page, 'while the candle and the lantern and the lamp burned');
  await saved(page);
  const kept = Date.now() - typed;
  assert.match(table.edits(), /with = "candle and the lantern and the lamp"|candle/);
  const slow = await page.evaluate(() => window.slow);
  console.log(`four hours: open after ${opened} ms, a change kept after ${kept} ms, longest halt while typing ${Math.round(slow)} ms`);
  assert.deepEqual(page.faults, []);
  await page.context().close();
  await table.end();
});
