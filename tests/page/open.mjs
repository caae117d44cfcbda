// A page in a browser of its own; any error in it, and any request to elsewhere, fails the test.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const folder = process.env.PAGES;
export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
export let browser, base;
let server;

before(async () => {
  server = await serve(folder);
  base = `http://127.0.0.1:${server.address().port}`;
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--mute-audio'],
  });
});
after(async () => { await browser?.close(); server?.close(); });

export async function open(options = {}, path = '/episode/') {
  const { hash = '', script, ...rest } = options;
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 }, permissions: ['clipboard-read', 'clipboard-write'], ...rest,
  });
  if (script) await context.addInitScript(script);
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', error => faults.push(String(error)));
  page.on('console', message => message.type() === 'error' && !/favicon/.test(message.location().url) && faults.push(message.text()));
  page.on('request', request => new URL(request.url()).host !== new URL(base).host && faults.push('asks for ' + request.url()));
  await page.goto(base + path + hash);
  page.faults = faults;
  page.done = async () => { assert.deepEqual(faults, []); await context.close(); };
  return page;
}
export const until = (page, what, argument) => page.waitForFunction(what, argument, { timeout: 8000 });
export const clipboard = page => page.evaluate(() => navigator.clipboard.readText());
export const time = page => page.evaluate(() => document.querySelector('audio').currentTime);

export async function axe(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.failureSummary).join(' | ')}`);
}
