// What people take out of a page: quotations, links, the player for another page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axe, base, clipboard, open, phone, until } from './open.mjs';

const select = (page, line, from, to) => page.evaluate(([l, a, b]) => {
  const words = document.querySelectorAll('.body p[data-w]')[l].querySelectorAll(':scope > span');
  getSelection().setBaseAndExtent(words[a].firstChild, 0, words[b].firstChild, words[b].firstChild.length);
}, [line, from, to]);
const copied = async (page, what, said) => {
  await page.click(`.quote [data-do=${what}]`);
  await until(page, text => document.querySelector('.toast').textContent.startsWith(text), said);
  return clipboard(page);
};

test('what is copied by keys keeps a space behind the time', async () => {
  for (const width of [390, 1280]) {
    const page = await open({ viewport: { width, height: 800 } }, '/small/');
    await page.evaluate(() => {
      const turns = document.querySelectorAll('.turn');
      getSelection().setBaseAndExtent(turns[0], 0, turns[1], turns[1].childNodes.length);
    });
    await page.keyboard.press('Control+c');
    const text = await clipboard(page);
    assert.match(text, /^Una: \[00:00:04\] Welcome to Tide Tables\.\s+\[00:00:09\] I’m Una Brask\.\s+Piet’s dog: \[00:00:09\] Woof\.$/, `${width}`);
    await page.done();
  }
});

test('the selection bar gives the citation that `linernotes quote` gives', async () => {
  const page = await open({}, '/small/');
  const line = await page.evaluate(() => [...document.querySelectorAll('.body p[data-w]')].findIndex(p => /o’clock/.test(p.textContent)));
  await select(page, line, 4, 7);
  await page.waitForSelector('.quote:visible');
  const link = 'https://example.org/tides/16/#t=00:00:31.20,00:00:34.10';
  const plain = await copied(page, 'quote', 'Quote copied');
  const title = await page.textContent('h1');
  const source = `Piet Haak, guest, harbour master, Tide Tables, “${title}”, 2020-09-15, [00:00:31]`;
  assert.equal(plain, `“o’clock, and all’s well.”\n— ${source}\n${link}`);
  const html = await page.evaluate(async () => (await (await navigator.clipboard.read())[0].getType('text/html')).text());
  assert.match(html, /<blockquote cite="https:\/\/example\.org\/tides\/16\/#t=[\d:.,]+">/);
  assert.match(html, /<footer>— Piet Haak, guest, harbour master, <cite>Tide Tables<\/cite>/);
  const markdown = await copied(page, 'markdown', 'Quote copied');
  assert.match(markdown, /^> .+\n>\n> — Piet Haak, guest, harbour master, \*Tide Tables\*, “/);
  assert.match(markdown, /, 2020-09-15, \[\\\[00:00:31\\\]\]\(<https:\/\/example\.org\/tides\/16\/#t=[\d:.,]+>\)\n$/);
  assert.ok(markdown.includes('\\<b\\>late'), 'marks of the title are text');
  await page.done();
});

test('a quotation by an uncertain speaker says so', async () => {
  const page = await open({}, '/small/');
  const line = await page.evaluate(() => [...document.querySelectorAll('.body p[data-w]')].findIndex(p => p.querySelector('.maybe')));
  await select(page, line, 0, 1);
  await page.waitForSelector('.quote:visible');
  await copied(page, 'quote', 'Quote copied. Doubtful, listen first: 00:01:02–');
  await page.done();
});

test('a link to a word marks that word, also where others have the same time', async () => {
  const page = await open({}, '/small/');
  const line = await page.evaluate(() => [...document.querySelectorAll('.body p[data-w]')].findIndex(p => /o’clock/.test(p.textContent)));
  const count = await page.evaluate(l => document.querySelectorAll('.body p[data-w]')[l].querySelectorAll(':scope > span').length, line);
  for (let n = 0; n < count; n++) {
    await select(page, line, n, n);
    await page.waitForSelector('.quote:visible');
    const link = await copied(page, 'link', 'Link copied');
    await page.evaluate(() => { getSelection().removeAllRanges(); document.querySelector('.toast').textContent = ''; });
    await page.evaluate(hash => { location.hash = ''; location.hash = hash; }, new URL(link).hash);
    await until(page, () => document.querySelectorAll('.cited').length === 1);
    const found = await page.evaluate(l => [...document.querySelectorAll('.body p[data-w]')[l].querySelectorAll(':scope > span')].findIndex(word => word.matches('.cited')), line);
    assert.equal(found, n, link);
  }
  // as `linernotes quote` and the search give them: in hundredths, and in tenths by older ones
  for (const [hash, words] of [['#t=00:00:31.20,00:00:31.80', 'o’clock, and'], ['#t=31.2,31.5', 'o’clock,']]) {
    await page.evaluate(to => { location.hash = to; }, hash);
    await until(page, wanted => [...document.querySelectorAll('.cited')].map(word => word.textContent).join(' ') === wanted, words);
  }
  await page.done();
});

test('the moment that is heard is shared', async () => {
  const page = await open({ hash: '#t=00:00:30', script: () => {
    navigator.share = async what => { window.shared = what; };
  } }, '/small/');
  await until(page, () => document.querySelector('audio').currentTime > 29);
  await page.keyboard.press('s');
  assert.equal(await page.inputValue('#share-link'), 'https://example.org/tides/16/#t=00:00:30');
  const embed = await page.inputValue('#share-embed');
  assert.match(embed, /^<iframe src="https:\/\/example\.org\/tides\/16\/\?embed#t=00:00:30" title="[^"<>]+" [^<>]*><\/iframe>$/);
  await page.click('[data-do=copy-embed]');
  await until(page, () => document.querySelector('.toast').textContent === 'Copied');
  assert.ok(await page.locator('.toast').isVisible());
  assert.equal(await clipboard(page), embed);
  await page.uncheck('[name=from]');
  assert.equal(await page.inputValue('#share-link'), 'https://example.org/tides/16/');
  await page.click('[data-do=send]');
  assert.equal(await page.evaluate(() => window.shared.url), 'https://example.org/tides/16/');
  assert.deepEqual(await axe(page), []);
  await page.done();
  const none = await open({ ...phone, script: () => { delete Navigator.prototype.share; } }, '/small/');
  await none.click('[data-do=share]');
  assert.ok(await none.locator('[data-do=send]').isHidden());
  assert.ok(await none.locator('#share-link').isVisible());
  assert.deepEqual(await axe(none), []);
  await none.done();
});

test('the page embedded is a player with the words that are spoken, and the way to the whole', async () => {
  const page = await open({ viewport: { width: 480, height: 230 } }, '/small/?embed#t=00:00:30');
  for (const hidden of ['.mast', 'main', '.made', '[data-do=find]', '[data-do=settings]']) {
    assert.ok(await page.locator(hidden).first().isHidden(), hidden);
  }
  await page.click('.play');
  await until(page, () => document.querySelector('.caption .on')?.textContent === 'and');
  assert.match(await page.textContent('.caption'), /^Piet: Nine “o’clock” it’s, nine o’clock, and all’s well\.$/);
  const href = await page.getAttribute('.embed-head a', 'href');
  assert.match(href, new RegExp(`^${base}/small/#t=00:00:3\\d$`));
  assert.equal(await page.getAttribute('.embed-head a', 'target'), '_blank');
  const wide = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]);
  assert.ok(wide[0] <= 0 && wide[1] <= 0, `${wide}`);
  assert.deepEqual(await axe(page).then(all => all.filter(one => !/heading|landmark|region/.test(one))), []);
  await page.done();
});

test('in another page, it is a player too', async () => {
  const page = await open({}, '/episode/');
  const frame = await page.context().newPage();
  await frame.setContent(`<iframe src="${base}/small/?embed" width="500" height="230" allow="autoplay"></iframe>`);
  const inner = frame.frameLocator('iframe');
  await inner.locator('.play').click();
  await inner.locator('.caption .on').waitFor();
  await page.done();
});

test('search goes to the first hit while one types, and every word may be longer', async () => {
  const page = await open();
  await page.keyboard.press('/');
  await page.keyboard.type('seventeen car');
  await until(page, () => document.querySelectorAll('.here').length === 2);
  assert.match(await page.textContent('.find output'), /^1 of \d+$/);
  assert.ok(await page.evaluate(() => document.activeElement.matches('.find input')));
  const box = await page.locator('.here').first().boundingBox();
  assert.ok(box.y > 0 && box.y < 700, JSON.stringify(box));
  await page.keyboard.press('Enter');
  assert.match(await page.textContent('.find output'), /^2 of/);
  await page.keyboard.press('Escape');
  await page.done();
  const small = await open({}, '/small/');
  await small.keyboard.press('/');
  for (const words of ['all well', "o'clo it", 'it’s nine', 'Welc to tide']) {
    await small.fill('.find input', words);
    await until(small, () => document.querySelectorAll('.here').length > 1);
  }
  await small.fill('.find input', 'well all');
  await until(small, () => document.querySelector('.find output').textContent === 'None');
  await small.done();
});
