// The player as listeners use it: how loud, how fast, how long, from where, and what it says when it cannot.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axe, open, phone, time, until } from './open.mjs';

const atHalf = () => localStorage.setItem('linernotes at /episode/', '300');
const trouble = page => page.waitForSelector('.trouble:not([hidden])').then(element => element.textContent());

test('a link at the top leads to the player', async () => {
  const page = await open();
  for (const _ of [1, 2]) await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the player');
  await page.keyboard.press('Enter');
  assert.ok(await page.evaluate(() => document.activeElement.matches('.play')));
  await page.done();
  const still = await open({ javaScriptEnabled: false });
  assert.ok(await still.locator('.skip[href="#player"]').isHidden());
  await still.done();
});

test('it is as loud and as fast as one likes, and remembers', async () => {
  const page = await open();
  const slider = page.locator('.volume input');
  await slider.fill('40');
  assert.equal(await page.evaluate(() => document.querySelector('audio').volume), 0.4);
  assert.equal(await slider.getAttribute('aria-valuetext'), '40%');
  await page.keyboard.press('m');
  assert.ok(await page.evaluate(() => document.querySelector('audio').muted));
  assert.equal(await page.getAttribute('[data-do=mute]', 'aria-pressed'), 'true');
  await slider.fill('60');
  assert.ok(!await page.evaluate(() => document.querySelector('audio').muted));
  await page.selectOption('.speed', '3');
  assert.equal(await page.evaluate(() => document.querySelector('audio').playbackRate), 3);
  await page.reload();
  assert.deepEqual(await page.evaluate(() => {
    const { volume, playbackRate } = document.querySelector('audio');
    return [volume, playbackRate];
  }), [0.6, 3]);
  await page.done();
});

test('the slider says where it is from the start', async () => {
  const page = await open();
  assert.match(await page.getAttribute('.track input', 'aria-valuetext'), /^00:00:00, Una$/);
  await page.done();
  const still = await open({ javaScriptEnabled: false });
  assert.equal(await still.getAttribute('.track input', 'aria-valuetext'), '00:00:00');
  await still.done();
});

test('the sleep timer stops at its time, and at the end of the chapter', async () => {
  const page = await open({ script: () => {
    const now = Date.now.bind(Date);
    window.later = 0;
    Date.now = () => now() + window.later;
  } });
  await page.click('[data-do=settings]');
  await page.selectOption('#sleep', '5');
  assert.equal(await page.textContent('.toast'), 'Stops in 5 min');
  await page.keyboard.press('Escape');
  await page.click('.play');
  await until(page, () => document.querySelector('audio').currentTime > 0.3);
  await page.evaluate(() => { window.later = 4.9 * 60000; });
  await page.waitForTimeout(600);
  assert.ok(!await page.evaluate(() => document.querySelector('audio').paused));
  await page.evaluate(() => { window.later = 5.1 * 60000; });
  await until(page, () => document.querySelector('audio').paused);
  assert.equal(await page.inputValue('#sleep'), '0');
  const second = Number(await page.locator('.chapters a').nth(1).getAttribute('data-t')) / 100;
  await page.evaluate(t => { document.querySelector('audio').currentTime = t; }, second - 1);
  await page.click('[data-do=settings]');
  await page.selectOption('#sleep', 'chapter');
  await page.keyboard.press('Escape');
  await page.click('.play');
  await until(page, () => document.querySelector('audio').paused);
  assert.ok(Math.abs(await time(page) - second) < 1, `stopped at ${await time(page)}`);
  await page.click('.play');
  await page.waitForTimeout(600);
  assert.ok(!await page.evaluate(() => document.querySelector('audio').paused), 'it plays on when asked');
  await page.done();
});

test('the chapter that is heard stands in the player, on a phone too', async () => {
  for (const options of [{}, phone, { ...phone, viewport: { width: 844, height: 390 } }]) {
    const page = await open({ ...options, hash: '#t=00:05:00' });
    await until(page, () => document.querySelector('.chapter-now').textContent !== '');
    const now = page.locator('.chapter-now');
    assert.ok(await now.isVisible());
    assert.equal(await now.textContent(), await page.textContent('.chapters [aria-current] span'));
    await page.done();
  }
});

test('who comes back is where they were, and the page follows from there', async () => {
  const page = await open({ script: atHalf });
  await until(page, () => Math.abs(document.querySelector('audio').currentTime - 300) < 1);
  const near = () => page.evaluate(() => {
    const box = document.querySelector('.on').getBoundingClientRect();
    return box.top > 0 && box.bottom < innerHeight - document.querySelector('.dock').offsetHeight;
  });
  await page.waitForTimeout(200);
  assert.ok(await near(), 'the place is on screen');
  assert.equal(await page.textContent('.toast'), 'Goes on at 00:05:00');
  await page.click('.play');
  await page.evaluate(() => { document.querySelector('audio').currentTime = 500; });
  await page.waitForTimeout(1500);
  assert.ok(await near(), 'the page follows');
  await page.done();
});

test('a message does not cover the button that leads back', async () => {
  for (const options of [{}, phone]) {
    const page = await open({ ...options, hash: '#t=00:05:00' });
    await page.click('.play');
    await page.evaluate(() => {
      dispatchEvent(new WheelEvent('wheel'));
      scrollTo(0, 0);
    });
    await page.waitForSelector('.return:visible');
    await page.evaluate(() => { document.querySelector('.toast').textContent = 'Quote copied. Doubtful, listen first: 00:01:02–00:01:09'; });
    const [a, b] = [await page.locator('.return').boundingBox(), await page.locator('.toast').boundingBox()];
    assert.ok(b.y + b.height <= a.y || a.y + a.height <= b.y, JSON.stringify([a, b]));
    await page.done();
  }
});

test('audio that is not there is told, also to those who hear the page, and stays told', async () => {
  const page = await open({}, '/lost/');
  assert.match(await trouble(page), /^The audio cannot be loaded/);
  assert.equal(await page.getAttribute('.trouble', 'role'), 'alert');
  await page.click('.play');
  await page.waitForTimeout(3500);
  assert.ok(await page.locator('.trouble').isVisible());
  assert.equal(page.faults.filter(fault => !/404/.test(fault)).length, 0, page.faults.join());
});

test('a server that sends the audio from its start only is told, with where it plays', async () => {
  const page = await open({ hash: '#t=00:05:00' }, '/whole/episode/');
  assert.match(await trouble(page), /from its start only.* it plays from 00:00:0\d\.$/);
  assert.ok(await time(page) < 2);
  assert.match(await page.textContent('.clock'), /^00:00:0/);
  await page.done();
  const good = await open({ hash: '#t=00:05:00' });
  await until(good, () => Math.abs(document.querySelector('audio').currentTime - 300) < 1);
  assert.ok(await good.locator('.trouble').isHidden());
  await good.done();
});

test('a phone on its side keeps four fifths of the screen for the text', async () => {
  for (const viewport of [{ width: 844, height: 390 }, { width: 667, height: 375 }, { width: 568, height: 320 }]) {
    const page = await open({ ...phone, viewport, hash: '#t=00:05:00' });
    const part = await page.evaluate(() => document.querySelector('.dock').offsetHeight / innerHeight);
    assert.ok(part < .2, `${viewport.width}: ${part}`);
    const over = await page.evaluate(() => {
      const dock = document.querySelector('.dock').getBoundingClientRect();
      return [...document.querySelectorAll('.dock button, .dock select, .track')].filter(e => e.checkVisibility())
        .map(e => e.getBoundingClientRect()).filter(b => b.right > dock.right + 1 || b.left < dock.left - 1 || b.width < 24).length;
    });
    assert.equal(over, 0, `${viewport.width}`);
    await page.done();
  }
});

test('the buttons fit on every phone', async () => {
  for (const width of [320, 360, 390, 430]) {
    const page = await open({ ...phone, viewport: { width, height: 740 } });
    const boxes = await page.evaluate(() => [...document.querySelectorAll('.buttons button, .buttons select')]
      .filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect()).map(b => [b.left, b.right, b.height]));
    for (const [n, [left, right, height]] of boxes.entries()) {
      assert.ok(right - left >= 24 && height >= 24 && right <= width && left >= (boxes[n - 1]?.[1] ?? 0) - 1, `${width}: ${boxes}`);
    }
    await page.done();
  }
});

test('keys are listed for people who have keys', async () => {
  const page = await open(phone);
  await page.click('[data-do=settings]');
  assert.ok(await page.locator('.keys').isHidden());
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  assert.ok(await page.locator('.keys').isVisible());
  await page.done();
  const desk = await open();
  await desk.keyboard.press('?');
  assert.ok(await desk.locator('.keys').isVisible());
  const listed = await desk.locator('.keys kbd').allTextContents();
  for (const key of ['Space', 'm', 's', '/']) assert.ok(listed.includes(key), key);
  await desk.done();
});

test('forced colours keep Play and what is pressed', async () => {
  const page = await open({ forcedColors: 'active' });
  const colour = (selector, property) => page.evaluate(([s, p]) => getComputedStyle(document.querySelector(s))[p], [selector, property]);
  const around = await colour('.dock', 'backgroundColor');
  assert.notEqual(await colour('.play', 'backgroundColor'), around);
  assert.notEqual(await colour('.play svg', 'fill'), await colour('.play', 'backgroundColor'));
  assert.equal(await page.getAttribute('[data-do=follow]', 'aria-pressed'), 'true');
  assert.notEqual(await colour('[data-do=follow]', 'backgroundColor'), await colour('[data-do=find]', 'backgroundColor'));
  await page.locator('.only').first().click();
  assert.notEqual(await colour('.only', 'backgroundColor'), await colour('.only[aria-pressed=false]', 'backgroundColor'));
  await page.done();
});

for (const [path, language, dir] of [['/german/', 'de', 'ltr'], ['/hebrew/', 'he', 'rtl']]) {
  test(`a page in ${language} is whole, and axe finds nothing`, async () => {
    const page = await open(path === '/german/' ? {} : phone, path);
    assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [language, dir]);
    if (language === 'de') {
      assert.equal(await page.textContent('#voices-h'), 'Wer spricht');
      assert.equal(await page.getAttribute('.play', 'aria-label'), 'Abspielen');
      await page.click('.play');
      await until(page, () => document.querySelector('.play').ariaLabel === 'Anhalten');
      assert.equal(await page.locator('.speed option').nth(3).textContent(), '1,5×');
      assert.match(await page.textContent('.facts'), /15\. September 2020/);
    } else {
      assert.equal(await page.getAttribute('.dock', 'lang'), 'en');
      // the timeline runs as its slider does
      const [line, slider] = await page.evaluate(() => [getComputedStyle(document.querySelector('.track')).direction, getComputedStyle(document.querySelector('.track input')).direction]);
      assert.deepEqual([line, slider], ['ltr', 'ltr']);
    }
    assert.deepEqual(await axe(page), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${wide} px too wide`);
    await page.done();
  });
}
