// A show's site of 500 episodes as people use it, in Chromium. `./run` makes it and starts this.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = process.env.PAGES + '/site';
let browser, server, base;

before(async () => {
  server = await serve(folder);
  base = `http://127.0.0.1:${server.address().port}`;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
});
after(async () => { await browser?.close(); server?.close(); });

async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.loaded = 0;
  page.on('pageerror', error => faults.push(String(error)));
  page.on('console', message => message.type() === 'error' && !/favicon/.test(message.location().url) && faults.push(message.text()));
  page.on('request', request => new URL(request.url()).host !== new URL(base).host && faults.push('asks for ' + request.url()));
  page.on('response', response => { page.loaded += Number(response.headers()['content-length'] ?? 0); });
  await page.goto(base + path);
  page.done = async () => { assert.deepEqual(faults, []); await context.close(); };
  return page;
}
const status = page => page.waitForFunction(() => document.querySelector('.results').ariaBusy === 'false'
  && document.querySelector('.status[role]').textContent, null, { timeout: 8000 }).then(handle => handle.jsonValue());
const ask = async (page, change) => {
  await page.evaluate(() => { document.querySelector('.status[role]').textContent = ''; });
  await change();
  return status(page);
};

test('a phrase is found in 500 episodes, with its time', async () => {
  const page = await open('/search/index.html');
  const said = await ask(page, () => page.fill('#q', '“the only copper heron here”'));
  assert.equal(said, '1 passage in 1 episode');
  assert.equal(await page.textContent('.found .facts span'), 'Episode 251');
  assert.deepEqual(await page.$$eval('.found mark', marks => marks.map(mark => mark.textContent)), ['the', 'only', 'copper', 'heron', 'here']);
  const time = (2000 + (40 * 50 + 10) * 330) / 1000;
  const href = await page.getAttribute('.found .at', 'href');
  assert.match(href, /^\.\.\/0251-\w+\/index\.html#t=/);
  assert.ok(Math.abs(Number(/#t=([\d.]+)/.exec(href)[1]) - time) < .1, href);
  assert.equal(await ask(page, () => page.fill('#q', '"copper the heron"')), 'Nothing was found.');
  await page.done();
});

test('words are divided as the index divides them', () => {
  const script = readFileSync(new URL('../../templates/assets/search.js', import.meta.url), 'utf8');
  const from = script.indexOf('const DIVIDED'), to = script.indexOf('\n\n', from);
  const tokens = new Function(script.slice(from, to) + '; return tokens;')();
  for (const [word, expected] of JSON.parse(readFileSync(new URL('tokens.json', import.meta.url), 'utf8'))) {
    assert.deepEqual([...tokens(word)], expected, word);
  }
});

test('words stand in one passage, and the last may go on', async () => {
  const page = await open('/search/index.html');
  assert.equal(await ask(page, () => page.fill('#q', 'heron copper')), '1 passage in 1 episode');
  assert.equal(await ask(page, () => page.fill('#q', 'copper her')), '1 passage in 1 episode');
  assert.equal(await ask(page, () => page.fill('#q', 'HÉRON, "Copper')), '1 passage in 1 episode');
  await page.done();
});

test('speakers and days narrow a search, and the address keeps it', async () => {
  const page = await open('/search/index.html');
  const all = await ask(page, () => page.fill('#q', '"bade"'));
  const host = await ask(page, () => page.selectOption('#who', 'Mara Quill'));
  const inYear = await ask(page, () => page.fill('#from', '2020-01-01').then(() => page.fill('#to', '2020-12-31').then(() => page.dispatchEvent('#to', 'change'))));
  const number = text => Number(/^[\d,]+/.exec(text)[0].replace(/,/g, ''));
  assert.ok(number(all) > number(host) && number(host) > number(inYear), `${all}, ${host}, ${inYear}`);
  assert.deepEqual(new Set(await page.$$eval('.found li b', names => names.map(name => name.textContent))), new Set(['Mara Quill:']));
  assert.ok((await page.$$eval('.found .facts', facts => facts.map(f => f.textContent))).every(text => text.includes('2020')));
  const address = page.url();
  await page.goto(base + '/index.html');
  await page.goto(address);
  assert.equal(await status(page), inYear);
  await page.selectOption('#sort', 'new');
  await page.waitForFunction(() => document.querySelector('.found .facts')?.textContent.includes('December'));
  await page.done();
});

test('the first result needs less than 1 MB, and answers come at once', async t => {
  const page = await open('/index.html');
  page.loaded = 0;
  await page.fill('.ask input', 'the only copper heron');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.found');
  t.diagnostic(`${page.loaded} bytes before the first result`);
  assert.ok(page.loaded < 1_000_000, `${page.loaded} bytes`);
  // The most frequent words of the show, which have the longest lists.
  for (const query of ['bade dede', '"bade dede"', 'fide', 'gode kude lade mede', '"copper heron"', 'bad']) {
    const clean = await open('/search/index.html');
    await clean.waitForFunction(() => document.querySelectorAll('#who option').length > 100);
    const bytes = clean.loaded;
    const answer = () => clean.evaluate(async text => {
      const field = document.querySelector('#q'), said = document.querySelector('.status[role]');
      said.textContent = '';
      field.value = text;
      const start = performance.now();
      field.form.requestSubmit();
      while (!said.textContent) await new Promise(next => setTimeout(next));
      return [performance.now() - start, said.textContent];
    }, query);
    const [first, said] = await answer();
    const [again] = await answer();
    t.diagnostic(`${query}: ${first.toFixed(0)} ms with loading ${clean.loaded - bytes} bytes, ${again.toFixed(0)} ms again, ${said}`);
    assert.ok(clean.loaded < 1_000_000, `${query}: ${clean.loaded} bytes`);
    await clean.done();
  }
  await page.done();
});

test('the pages of 500 episodes stay light', t => {
  for (const [name, most, packed] of [['index.html', 300_000, 40_000], ['people/mara-quill/index.html', 350_000, 60_000], ['search/index.html', 60_000, 16_000]]) {
    const page = readFileSync(`${folder}/${name}`), small = gzipSync(page).length;
    t.diagnostic(`${name}: ${page.length} bytes, ${small} gzipped`);
    assert.ok(page.length < most && small < packed, `${name}: ${page.length} bytes, ${small} gzipped`);
  }
});

test('a link from the results leads to the words in the episode', async () => {
  const page = await open('/search/index.html?who=Mara+Quill&sort=old');
  await page.waitForSelector('.found');
  await page.click('.found .at');
  await page.waitForURL(/0001-/);
  await page.waitForSelector('.body .on');
  await page.click('.site a:has-text("People")');
  await page.waitForURL(/people/);
  await page.click('.lines a:has-text("Mara Quill")');
  await page.waitForURL(/mara-quill/);
  assert.equal(await page.locator('.appearance').count(), 500);
  await page.done();
});

test('without script the episodes and the people are there', async () => {
  const page = await open('/index.html', { javaScriptEnabled: false });
  assert.equal(await page.locator('.card h3 a').count(), 500);
  await page.click('.card h3 a >> nth=499');
  assert.equal(await page.locator('.body .turn').count() > 10, true);
  assert.equal(await page.locator('.neighbours a').count(), 1);
  await page.goto(base + '/search/index.html');
  assert.ok(await page.isVisible('noscript'));
  await page.done();
});

test('from disk the pages lead to each other, and the search says what it needs', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(pathToFileURL(folder + '/index.html').href);
  await page.click('.site a:has-text("People")');
  await page.click('.lines a >> nth=0');
  await page.click('.appearance h2 a >> nth=0');
  await page.goto(pathToFileURL(folder + '/index.html').href);
  await page.fill('.ask input', 'heron');
  await page.keyboard.press('Enter');
  await page.waitForURL(/search/);
  assert.match(await status(page), /web server/);
  await context.close();
});

for (const scheme of ['light', 'dark']) for (const width of [390, 1280]) {
  test(`axe finds nothing on the site, ${scheme}, ${width} px`, async () => {
    for (const path of ['/index.html', '/people/index.html', '/people/mara-quill/index.html', '/search/index.html?q=heron', '/0002-/index.html']) {
      const real = path.replace('/0002-/', (await (await fetch(base + '/search/catalog.json')).json()).episodes.names[1].replace(/.*/, '/$&/'));
      const page = await open(real, { colorScheme: scheme, viewport: { width, height: 800 }, bypassCSP: true });
      if (path.includes('search')) await page.waitForSelector('.found');
      await page.evaluate(axeSource);
      // The long pages repeat the same few parts.
      await page.evaluate(() => document.querySelectorAll('.card:nth-child(n+6), .year:nth-of-type(n+3), .appearance:nth-of-type(n+12), .turn:nth-of-type(n+12)').forEach(e => e.remove()));
      const { violations } = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
      assert.deepEqual(violations.map(v => `${path}: ${v.id}: ${v.nodes[0].html}`), []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
      await page.done();
    }
  });
}
