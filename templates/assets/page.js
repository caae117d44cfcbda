// The page reads and links without its script; with it, it plays, follows, searches and copies. The script
// is one function of several files, which stand in the order of src/render/templates.rs. This one has what
// all others use: the words with their times, and what the page says.
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const root = document.documentElement;
const body = $('.body'), dock = $('.dock');
if (!body || !dock) return;
const audio = $('audio'), slider = $('.track input'), track = $('.track'), find = $('.find');
const bar = $('.quote'), dialog = $('.settings'), sharing = $('dialog.share'), back = $('.return'), filtered = $('.filtered');
const still = matchMedia('(prefers-reduced-motion: reduce)');
const length = slider.max / 100;

// The page's own words, in its language.
const said = JSON.parse($('#words').textContent);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (blank, key) => values[key] ?? blank);
const count = (forms, n) => forms[said.singular.includes(n) ? 'one' : 'other'];
const number = n => new Intl.NumberFormat(said.language, { useGrouping: 'min2' }).format(n);

// Every word and every paragraph with its time in seconds, in order. A paragraph's `data-t` is its
// start, its `data-w` the start of each of its words after that, in hundredths of a second. Of words with one
// time, each later one is given a thousandth more, so that a link can name it.
const WORD = 'p[data-w] > span';
const lines = [], words = [], times = [];
const read = () => {
  lines.splice(0, lines.length, ...$$('p[data-t]', body));
  words.length = times.length = 0;
  let ticked = -1;
  for (const line of lines) {
    const offsets = (line.dataset.w || '').split(',');
    for (const [n, word] of $$(':scope > span', line).entries()) {
      word.i = words.length;
      words.push(word);
      ticked = Math.max((+line.dataset.t + +offsets[n]) * 10, ticked + 1);
      times.push(ticked / 1000);
    }
  }
};
read();
const lineTime = line => line.dataset.t / 100;
// The last entry that is not after `value`, or -1.
const lastUpTo = (list, value) => {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= value) low = middle + 1; else high = middle;
  }
  return low - 1;
};
const two = n => String(n).padStart(2, '0');
const clock = t => [t / 3600, t / 60 % 60, t % 60].map(n => two(Math.floor(n))).join(':');
const shown = element => element && element.checkVisibility !== undefined
  ? element.checkVisibility({ contentVisibilityAuto: false }) : !!element;
const stored = (key, value) => {
  try {
    if (value === undefined) return localStorage.getItem('linernotes ' + key);
    localStorage.setItem('linernotes ' + key, value);
  } catch { /* a page from disk may have no storage */ }
};
let toastTimer;
const say = text => {
  // a dialog covers what is not in it
  ($('dialog[open]') || document.body).append($('.toast'));
  $('.toast').textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $('.toast').textContent = ''; }, 3000);
};
