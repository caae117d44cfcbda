// The transcript page as people use it, in Chromium. `./run` makes the pages and starts this.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { axe, browser, clipboard, folder, open, phone, time, until } from './open.mjs';

const WORD = '.body p[data-w] > span';
const inView = (page, selector) => page.evaluate(chosen => {
  const box = document.querySelector(chosen).getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight - document.querySelector('.dock').offsetHeight;
}, selector);
const start = (page, line, word) => page.evaluate(([l, w]) => {
  const p = document.querySelectorAll('.body p[data-w]')[l];
  return (+p.dataset.t + +p.dataset.w.split(',')[w]) / 100;
}, [line, word]);
const choose = (page, line, from, to) => page.evaluate(([l, a, b]) => {
  const words = document.querySelectorAll('.body p[data-w]')[l].querySelectorAll(':scope > span');
  getSelection().setBaseAndExtent(words[a].firstChild, 0, words[b].firstChild, words[b].firstChild.length);
}, [line, from, to]);

test('it plays, lights the spoken word and follows it', async () => {
  const page = await open();
  await until(page, () => document.querySelector('audio').readyState > 0);
  await page.click('.play');
  await until(page, () => document.querySelector('audio').currentTime > 0.5);
  await until(page, () => document.querySelectorAll('.on').length === 1);
  assert.equal(await page.getAttribute('.play', 'aria-label'), 'Pause');
  await page.evaluate(() => { document.querySelector('audio').currentTime = 300; });
  await until(page, () => {
    const word = document.querySelector('.on');
    if (!word || document.querySelector('audio').currentTime < 300) return false;
    const box = word.getBoundingClientRect();
    return box.top > 0 && box.bottom < innerHeight - document.querySelector('.dock').offsetHeight;
  });
  const lit = await page.evaluate(() => {
    const word = document.querySelector('.on'), p = word.parentNode;
    const n = [...p.querySelectorAll(':scope > span')].indexOf(word);
    return (+p.dataset.t + +p.dataset.w.split(',')[n]) / 100;
  });
  assert.ok(Math.abs(lit - await time(page)) < 3, `the lit word starts at ${lit}`);
  await page.keyboard.press('k');
  await until(page, () => document.querySelector('audio').paused);
  await page.done();
});

test('whoever scrolls away is left alone, and a button leads back', async () => {
  const page = await open();
  await page.evaluate(() => { document.querySelector('audio').currentTime = 300; });
  await page.click('.play');
  await until(page, () => scrollY > 1000);
  await page.waitForTimeout(600);
  await page.mouse.move(600, 300);
  await page.mouse.wheel(0, -20000);
  await page.waitForSelector('.return:visible');
  await page.waitForTimeout(1200);
  // what was never drawn had a guessed height, so that the top may move a little
  assert.ok(await page.evaluate(() => scrollY) < 300);
  await page.click('.return');
  await until(page, () => scrollY > 1000);
  await page.click('[data-do=follow]');
  assert.equal(await page.getAttribute('[data-do=follow]', 'aria-pressed'), 'false');
  await page.evaluate(() => { scrollTo(0, 0); document.querySelector('audio').currentTime = 450; });
  await page.waitForTimeout(900);
  assert.equal(await page.evaluate(() => scrollY), 0);
  await page.done();
});

test('a click on a word, a time, a chapter and the timeline goes there', async () => {
  const page = await open();
  await page.locator(WORD).nth(30).click();
  await until(page, () => !document.querySelector('audio').paused);
  const at = await page.evaluate(() => {
    const lines = [...document.querySelectorAll('.body p[data-w]')];
    const all = lines.flatMap(p => p.dataset.w.split(',').map(w => (+p.dataset.t + +w) / 100));
    return all[30];
  });
  assert.ok(Math.abs(await time(page) - at) < 1.5);
  await page.keyboard.press('k');
  await page.locator('.at').nth(5).click();
  assert.equal(await page.evaluate(() => location.hash), await page.locator('.at').nth(5).getAttribute('href'));
  await page.keyboard.press('k');
  await page.locator('.chapters a').nth(2).click();
  const chapter = Number(await page.locator('.chapters a').nth(2).getAttribute('data-t')) / 100;
  await until(page, t => Math.abs(document.querySelector('audio').currentTime - t) < 1, chapter);
  const box = await page.locator('.track').boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  const length = await page.evaluate(() => document.querySelector('.track input').max / 100);
  await until(page, t => Math.abs(document.querySelector('audio').currentTime - t) < t * .02, length / 2);
  await page.done();
});

test('links lead to a paragraph, a second, a word and a quotation', async () => {
  for (const hash of ['#t=00:05:00', '#t=300', '#t-00-05-00']) {
    const page = await open({ hash });
    await until(page, () => document.querySelector('audio').currentTime > 298);
    assert.ok(Math.abs(await time(page) - 300) < 1, hash);
    await page.waitForTimeout(200);
    const near = await page.evaluate(() => [...document.querySelectorAll('.body p[data-t]')]
      .filter(p => { const b = p.getBoundingClientRect(); return b.bottom > 0 && b.top < innerHeight; })
      .some(p => Math.abs(p.dataset.t / 100 - 300) < 20));
    assert.ok(near, hash + ' is on screen');
    await page.done();
  }
  const page = await open({ hash: '#t=00:05:00,00:05:03' });
  assert.ok(await page.locator('.cited').count() > 2);
  await page.evaluate(() => { location.hash = '#t=00:01:00'; });
  await until(page, () => Math.abs(document.querySelector('audio').currentTime - 60) < 1);
  await page.done();
});

test('every anchor in a link exists and none is given twice', async () => {
  const page = await open();
  const { missing, double } = await page.evaluate(() => ({
    missing: [...document.querySelectorAll('a[href^="#"]')].map(a => a.hash.slice(1)).filter(id => !document.getElementById(id)),
    double: [...document.querySelectorAll('[id]')].map(e => e.id).filter((id, n, all) => all.indexOf(id) !== n),
  }));
  assert.deepEqual({ missing, double }, { missing: [], double: [] });
  await page.done();
});

test('search marks hits in the text and on the timeline, and steps through them', async () => {
  const page = await open();
  await page.keyboard.press('/');
  await page.keyboard.type('harbour lamp');
  await until(page, () => document.querySelectorAll('.here').length === 2);
  const first = await page.textContent('.find output');
  assert.match(first, /^1 of \d+$/);
  assert.equal((await page.locator('.here').allTextContents()).join(' ').replace(/[^a-z ]/gi, '').toLowerCase(), 'harbour lamp');
  assert.ok(await inView(page, '.here'));
  assert.ok((await page.getAttribute('.hits', 'd')).length > 5);
  await page.keyboard.press('Enter');
  assert.match(await page.textContent('.find output'), /^2 of/);
  await page.keyboard.press('Shift+Enter');
  assert.equal(await page.textContent('.find output'), first);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.hit').count(), 0);
  await page.click('[data-do=find]');
  await page.keyboard.type('zzz');
  await until(page, () => document.querySelector('.find output').textContent === 'None');
  await page.done();
});

test('one speaker can be read alone, and everybody again', async () => {
  const page = await open();
  const all = await page.locator('.turn:visible').count();
  await page.locator('.only').first().click();
  const speakers = await page.evaluate(() => [...new Set([...document.querySelectorAll('.turn:not([hidden])')].map(t => t.dataset.s))]);
  assert.deepEqual(speakers, ['0']);
  assert.match(await page.textContent('.filtered'), /^Only .+ is shown/);
  await page.click('.filtered button');
  assert.equal(await page.locator('.turn:visible').count(), all);
  await page.done();
});

test('selected words are copied as a quotation or as a link', async () => {
  const page = await open();
  await choose(page, 3, 2, 6);
  await page.waitForSelector('.quote:visible');
  await page.click('[data-do=quote]');
  await until(page, () => document.querySelector('.toast').textContent === 'Quote copied');
  const quote = await clipboard(page);
  const words = await page.evaluate(() => [...document.querySelectorAll('.body p[data-w]')[3].querySelectorAll(':scope > span')].slice(2, 7).map(w => w.textContent).join(' '));
  assert.ok(quote.startsWith(`“${words}”\n— `), quote);
  assert.ok(quote.includes('Tide Tables') && quote.includes(await page.textContent('h1')), quote);
  assert.match(quote, /, \[\d\d:\d\d:\d\d\]\nhttps:\/\/example\.org\/tides\/16\/#t=\d\d:\d\d:\d\d(\.\d\d)?,\d\d:\d\d:\d\d(\.\d\d)?$/);
  await page.click('.quote [data-do=link]');
  await until(page, () => document.querySelector('.toast').textContent === 'Link copied');
  const link = await clipboard(page);
  const from = await start(page, 3, 2);
  const [h, m, s] = /#t=(\d+):(\d+):([\d.]+)$/.exec(link).slice(1).map(Number);
  assert.ok(Math.abs(h * 3600 + m * 60 + s - from) < 0.011, `${link} for ${from}`);
  await page.done();
});

test('by keyboard alone: one stop for the transcript, arrows inside, Enter plays', async () => {
  const page = await open();
  const stops = await page.evaluate(() => [...document.querySelectorAll('.body a, .body [tabindex]')].filter(e => e.tabIndex >= 0).length);
  assert.ok(stops < 5, `${stops} stops`);
  await page.focus('.body .at[tabindex="0"]');
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  const { n, line } = await page.evaluate(() => {
    const p = document.activeElement.closest('p');
    return {
      n: [...p.querySelectorAll(':scope > span')].indexOf(document.activeElement),
      line: [...document.querySelectorAll('.body p[data-w]')].indexOf(p),
    };
  });
  assert.equal(n, 1);
  const from = await start(page, line, n);
  await page.keyboard.press('Enter');
  await until(page, () => !document.querySelector('audio').paused);
  assert.ok(Math.abs(await time(page) - from) < 1.5);
  await page.keyboard.press('k');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('q');
  await until(page, () => document.querySelector('.toast').textContent === 'Quote copied');
  assert.equal((await clipboard(page)).split('\n')[0].split(' ').length, 3);
  await page.keyboard.press('?');
  await page.waitForSelector('dialog[open]');
  await page.uncheck('[name=keys]');
  await page.keyboard.press('Escape');
  await page.locator('body').press('/');
  assert.ok(await page.locator('.find').isHidden());
  await page.done();
});

test('the whole page can be walked by Tab and the focus is never covered', async () => {
  const page = await open();
  const count = 70;
  for (let n = 0; n < count; n++) {
    await page.keyboard.press('Tab');
    const covered = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body || element.closest('.dock')) return '';
      const box = element.getBoundingClientRect();
      return box.top >= innerHeight - document.querySelector('.dock').offsetHeight || box.bottom <= 0 ? element.outerHTML.slice(0, 80) : '';
    });
    assert.equal(covered, '');
    if (await page.evaluate(() => document.activeElement.matches('[data-do=settings]'))) return page.done();
  }
  assert.fail(`more than ${count} stops to the end`);
});

test('clean view hides fillers without losing them', async () => {
  const page = await open();
  assert.ok(await page.locator('.f').first().isVisible());
  await page.check('#clean');
  assert.ok(await page.locator('.f').first().isHidden());
  assert.ok((await page.locator('.f').first().textContent()).length > 0);
  await page.done();
});

test('without script everything but the lit word is there', async () => {
  const page = await open({ javaScriptEnabled: false });
  assert.ok(await page.locator('audio').isVisible());
  assert.ok(await page.locator('.dock').isHidden());
  assert.ok(await page.locator('.only').first().isHidden());
  await page.locator('.chapters a').nth(3).click();
  assert.ok(await page.locator('h3').nth(3).isVisible());
  await page.check('#clean');
  assert.ok(await page.locator('.f').first().isHidden());
  assert.ok(await page.locator('.downloads a').count() >= 4);
  await page.done();
});

test('it works from disk', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', error => faults.push(String(error)));
  page.on('console', message => message.type() === 'error' && faults.push(message.text()));
  await page.goto(pathToFileURL(folder + '/episode/index.html').href);
  await page.click('.play');
  await until(page, () => document.querySelector('audio').currentTime > 0.3);
  assert.deepEqual(faults, []);
  await context.close();
});

test('it prints with times and numbers and without the player', async () => {
  const page = await open();
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.locator('.dock').isHidden());
  assert.ok(await page.locator('.at').first().isVisible());
  const number = await page.evaluate(() => getComputedStyle(document.querySelector('.turn p'), '::after').content);
  assert.match(number, /counter/);
  assert.ok((await page.pdf({ format: 'A4' })).length > 10000);
  await page.done();
});

for (const [name, options] of [
  ['desktop', {}], ['tablet', { viewport: { width: 820, height: 1100 } }], ['phone', phone], ['narrow', { viewport: { width: 320, height: 640 } }],
]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds nothing on ${name}, ${colorScheme}, and nothing is too wide`, async () => {
      const page = await open({ ...options, colorScheme });
      await page.keyboard.press('/');
      await page.keyboard.type('harbour');
      await page.keyboard.press('Enter');
      await page.waitForTimeout(300);
      for (const dialog of [false, true]) {
        if (dialog) { await page.keyboard.press('Escape'); await page.click('[data-do=settings]'); }
        const violations = await axe(page);
        assert.deepEqual(violations, []);
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${wide} px too wide`);
      await page.done();
    });
  }
}

test('reduced motion and forced colours are honoured', async () => {
  const page = await open({ reducedMotion: 'reduce', forcedColors: 'active' });
  assert.match(await page.evaluate(() => getComputedStyle(document.querySelector('.body p[data-w] > span')).transitionDuration), /^0s/);
  await page.locator(WORD).nth(3).click();
  await until(page, () => document.querySelector('.on'));
  const { word, around } = await page.evaluate(() => ({
    word: getComputedStyle(document.querySelector('.on')).backgroundColor,
    around: getComputedStyle(document.body).backgroundColor,
  }));
  assert.notEqual(word, around);
  await page.done();
});

test('on a phone everything can be touched', async () => {
  const page = await open(phone);
  const small = await page.evaluate(() => [...document.querySelectorAll('.dock button, .dock select, .only')]
    .filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect()).filter(b => b.width < 24 || b.height < 24).length);
  assert.equal(small, 0);
  await page.locator(WORD).nth(8).tap();
  await until(page, () => !document.querySelector('audio').paused);
  await page.done();
});

test('a hostile page stays text', async () => {
  const page = await open({}, '/hostile/');
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  assert.equal(await page.locator('script').count(), 3);
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('a[href]')].map(a => a.protocol).filter(p => !/^(https?|mailto|tel):$/.test(p))), []);
  await page.done();
});

test('a 23-minute page is below 200 kB, and below 60 kB gzipped', () => {
  const html = readFileSync(folder + '/budget/index.html');
  assert.ok(html.length < 200_000, `${html.length} bytes`);
  const small = gzipSync(html, { level: 9 }).length;
  assert.ok(small < 60_000, `${small} bytes gzipped`);
});

test('four hours open at once and answer to a jump', async () => {
  const page = await open({ hash: '#t=03:30:00' }, '/long/');
  await page.waitForTimeout(500);
  const near = await page.evaluate(() => [...document.querySelectorAll('.body p[data-t]')].some(p => {
    const b = p.getBoundingClientRect();
    return Math.abs(p.dataset.t / 100 - 12600) < 40 && b.bottom > 0 && b.top < innerHeight;
  }));
  assert.ok(near);
  await page.done();
});
