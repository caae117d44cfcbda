// The search over all episodes. It loads a list of the episodes, and of each part of the index those
// files that a search needs; docs/formats.md describes them.
(() => {
'use strict';
const form = document.querySelector('form.wide'), status = document.querySelector('.status[role]');
const results = document.querySelector('.results'), more = document.querySelector('.more');
if (!form || !results) return;
const field = name => form.elements[name];
const AT_ONCE = 6, PASSAGES = 3, TIMES_TRIED = 2, LONGER_FORMS = 400, FILES = 3, OPEN_FROM = 3, SCHEMA = 2;
const said = JSON.parse(document.querySelector('#words').textContent);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (blank, key) => values[key] ?? blank);

// Words as src/site/tokens.rs divides and folds them.
const DIVIDED = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}';
const TOKEN = new RegExp(`[${DIVIDED}]|(?:(?![${DIVIDED}])[\\p{L}\\p{N}])+`, 'gu');
const tokens = word =>
  word.normalize('NFKD').toLowerCase().replace(/[\p{M}'’ʼ]+/gu, '').match(TOKEN) || [];

// A query as clauses, each a run of tokens that stand side by side. Every word also finds its longer forms,
// in quotation marks too: `something broken` and `"something broken"` find “Something's broken”. A short word
// is only itself, and so is a character of Han and kana.
const isOpen = token => [...token].length >= OPEN_FROM;
const parse = query => {
  const clauses = [];
  const parts = [...query.replace(/[“”„«»]/g, '"').matchAll(/"([^"]*)"?|([^\s"]+)/g)];
  for (const [, phrase, word] of parts) {
    const run = phrase === undefined ? tokens(word) : phrase.split(/\s+/).flatMap(tokens);
    if (run.length) clauses.push(run);
  }
  return clauses;
};

// The files of the index.
let catalog;
const load = async (path, kind) => {
  for (let tried = 1; ; tried++) {
    try {
      const answer = await fetch(path);
      if (!answer.ok) throw new Error(`${answer.status}`);
      return await answer[kind]();
    } catch (fault) {
      if (tried === TIMES_TRIED) throw fault;
    }
  }
};
const versioned = path => `${path}?v=${catalog.version}`;
const once = make => {
  const kept = new Map();
  return key => {
    if (!kept.has(key)) {
      const value = make(key);
      value.catch(() => kept.delete(key));
      kept.set(key, value);
    }
    return kept.get(key);
  };
};
const reader = bytes => {
  let at = 0;
  return {
    more: () => at < bytes.length,
    number: () => {
      let value = 0, shift = 1, byte;
      do {
        byte = bytes[at++];
        value += (byte & 127) * shift;
        shift *= 128;
      } while (byte > 127);
      return value;
    },
    part: length => bytes.subarray(at, at += length),
  };
};

// Of a part: which passage begins at which position, who says it, and where each episode's passages begin.
const passagesIn = once(async number => {
  const part = catalog.parts[number];
  const episodes = catalog.episodes.slice(part.first, part.first + part.episodes);
  const count = episodes.reduce((sum, episode) => sum + episode.passages, 0);
  const starts = new Uint32Array(count + 1), speakers = new Uint16Array(count), firsts = [];
  const numbers = reader(new Uint8Array(await load(versioned(`passages-${number}.bin`), 'arrayBuffer')));
  let passage = 0;
  for (const episode of episodes) {
    firsts.push(passage);
    for (let n = 0; n < episode.passages; n++, passage++) {
      starts[passage + 1] = starts[passage] + numbers.number();
      speakers[passage] = numbers.number();
    }
  }
  return { starts, speakers, firsts, count };
});
const shard = once(async name => {
  const numbers = reader(new Uint8Array(await load(versioned(`tokens-${name}.bin`), 'arrayBuffer')));
  const utf8 = new TextDecoder(), found = new Map();
  while (numbers.more()) {
    const token = utf8.decode(numbers.part(numbers.number()));
    found.set(token, numbers.part(numbers.number()));
  }
  return found;
});
const text = once(episode => load(versioned(`text/${encodeURIComponent(catalog.episodes[episode].name)}.json`), 'json'));
const ready = once(async () => {
  catalog = await load('catalog.json', 'json');
  if (catalog.schema !== SCHEMA) throw new Error('the index has another form than this page');
  const { names, titles, days, passages } = catalog.episodes;
  catalog.episodes = names.map((name, n) => ({ name, title: titles[n], day: days[n], passages: passages[n] }));
  let first = 0;
  for (const part of catalog.parts) {
    part.first = first;
    first += part.episodes;
  }
});

// Code points, as the files are sorted by bytes.
const before = (a, b) => {
  const left = [...a], right = [...b];
  for (let n = 0; n < left.length && n < right.length; n++) {
    if (left[n] !== right[n]) return left[n].codePointAt() - right[n].codePointAt();
  }
  return left.length - right.length;
};
const lastUpTo = (list, value, compare) => {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(list[middle], value) <= 0) low = middle + 1; else high = middle;
  }
  return low - 1;
};
const shardOf = (part, token) => Math.max(lastUpTo(catalog.parts[part].shards, token, before), 0);

// Every position of a token, rising.
const unpack = bytes => {
  const numbers = reader(bytes), found = new Uint32Array(bytes.length);
  let count = 0;
  for (let at = 0; numbers.more(); found[count++] = at) at += numbers.number();
  return found.subarray(0, count);
};
const positions = async (part, token, open) => {
  const first = shardOf(part, token);
  const last = open ? shardOf(part, token + '\u{10ffff}') : first;
  const lists = [];
  for (let number = first; number < Math.min(last + 1, first + FILES); number++) {
    const known = await shard(`${part}-${number}`);
    if (!open) return unpack(known.get(token) || []);
    for (const [form, bytes] of known) {
      if (form.startsWith(token) && lists.length < LONGER_FORMS) lists.push(unpack(bytes));
    }
  }
  if (lists.length === 1) return lists[0];
  const all = new Uint32Array(lists.reduce((sum, list) => sum + list.length, 0));
  lists.reduce((at, list) => { all.set(list, at); return at + list.length; }, 0);
  return all.sort();
};

// Which numbers of a rising list also stand, so much further on, in another.
const both = (list, other, further) => {
  const found = new Uint32Array(list.length);
  let count = 0, n = 0;
  for (const at of list) {
    while (n < other.length && other[n] < at + further) n++;
    if (other[n] === at + further) found[count++] = at;
  }
  return found.subarray(0, count);
};

// The passages of a part in which a clause stands, rising.
const passagesOf = async (part, clause) => {
  const lists = await Promise.all(clause.map(token => positions(part, token, isOpen(token))));
  const starts = lists.reduce((found, list, n) => both(found, list, n));
  if (!starts.length) return starts;
  const index = await passagesIn(part);
  const found = new Uint32Array(Math.min(starts.length, index.count));
  let count = 0, passage = 0;
  for (const at of starts) {
    while (index.starts[passage + 1] <= at) passage++;
    const whole = at + clause.length <= index.starts[passage + 1];
    if (whole && found[count - 1] !== passage) found[count++] = passage;
  }
  return found.subarray(0, count);
};

// The episodes of a part that the filters leave.
const episodesOf = ({ first, episodes }, filters) => {
  const left = [];
  for (let episode = first; episode < first + episodes; episode++) {
    const { name, day } = catalog.episodes[episode];
    if (filters.in && name !== filters.in) continue;
    if (filters.from && day < filters.from || filters.to && (!day || day > filters.to)) continue;
    left.push(episode);
  }
  return left;
};
// What the form asks for in a part: episodes with their passages.
const searchPart = async (number, clauses, filters) => {
  const part = catalog.parts[number], left = episodesOf(part, filters);
  if (!left.length) return [];
  const lists = await Promise.all(clauses.map(clause => passagesOf(number, clause)));
  const found = lists.length ? lists.reduce((found, list) => both(found, list, 0)) : null;
  if (found && !found.length) return [];
  const index = await passagesIn(number);
  const who = filters.who ? catalog.people.indexOf(filters.who) + 1 || -1 : 0;
  const hits = [];
  for (const episode of left) {
    const first = index.firsts[episode - part.first], end = first + catalog.episodes[episode].passages;
    const passages = [];
    const take = passage => {
      if (!who || index.speakers[passage] === who) passages.push(passage - first);
    };
    if (found) {
      for (let n = lastUpTo(found, first - 1, (a, b) => a - b) + 1; found[n] < end; n++) take(found[n]);
    } else {
      for (let passage = first; passage < end; passage++) take(passage);
    }
    if (passages.length) hits.push({ episode, passages, speakers: index.speakers.subarray(first, end) });
  }
  return hits;
};
const search = async (clauses, filters) => {
  const hits = (await Promise.all(catalog.parts.map((_, part) => searchPart(part, clauses, filters)))).flat();
  if (filters.sort !== 'old') hits.reverse();
  if (!filters.sort && clauses.length) hits.sort((a, b) => b.passages.length - a.passages.length);
  return hits;
};

// What was found, as elements.
const make = (name, content, attributes = {}) => {
  const element = document.createElement(name);
  element.append(...[content].flat().filter(part => part !== null && part !== undefined));
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};
const two = n => String(n).padStart(2, '0');
const clock = seconds => [seconds / 3600, seconds / 60 % 60, seconds % 60].map(n => two(Math.floor(n))).join(':');

// The words of a passage that the clauses find, as `[first, after the last]`.
const marksIn = (words, clauses) => {
  const run = [], from = [];
  for (const [n, word] of words.entries()) for (const token of tokens(word)) { run.push(token); from.push(n); }
  const marks = [];
  for (const clause of clauses) {
    const last = clause.length - 1;
    for (let at = 0; at + last < run.length; at++) {
      const fits = clause.every((token, n) => isOpen(token) ? run[at + n].startsWith(token) : run[at + n] === token);
      if (fits) marks.push([from[at], from[at + last] + 1]);
    }
  }
  return marks.sort((a, b) => a[0] - b[0]);
};
const AROUND = 22;
const passageLine = ({ episode, speakers }, passage, passageText, clauses) => {
  const words = passageText.text.split(/[ \n]/), glues = [...passageText.text.matchAll(/[ \n]/g)].map(([mark]) => mark);
  const marks = marksIn(words, clauses);
  const times = [];
  passageText.steps.reduce((sum, step, n) => times[n] = sum + step, passageText.start);
  const [first, end] = marks[0] || [0, 0];
  const from = Math.max(first - AROUND, 0), to = Math.min(Math.max(end + AROUND, from + 2 * AROUND), words.length);
  const parts = [from > 0 ? '… ' : ''];
  for (let n = from; n < to; n++) {
    const marked = marks.some(([a, b]) => a <= n && n < b);
    parts.push(marked ? make('mark', words[n]) : words[n], n + 1 < to && glues[n] === ' ' ? ' ' : '');
  }
  if (to < words.length) parts.push(' …');
  const start = times[first] / 100;
  const range = marks.length ? `${start.toFixed(2)},${((times[end] ?? times[end - 1] + 100) / 100).toFixed(2)}` : clock(start);
  const speaker = catalog.people[speakers[passage] - 1];
  const href = `../${encodeURIComponent(catalog.episodes[episode].name)}/index.html#t=${range}`;
  return make('li', [
    make('a', `[${clock(start)}]`, { href, class: 'at' }), ' ',
    speaker ? make('b', speaker + ':') : null, speaker ? ' ' : null, ...parts,
  ]);
};
const episodeBlock = (hit, text, clauses) => {
  const about = catalog.episodes[hit.episode];
  const list = make('ol', []);
  const show = (from, to) => {
    for (const passage of hit.passages.slice(from, to)) {
      list.append(passageLine(hit, passage, text.passages[passage], clauses));
    }
  };
  show(0, PASSAGES);
  const title = make('a', about.title, { href: `../${encodeURIComponent(about.name)}/index.html` });
  const facts = [text.kind, text.date].filter(Boolean).map(fact => make('span', fact)).flatMap(span => [span, ' ']);
  const block = make('article', [make('p', facts, { class: 'facts' }), make('h2', title), list], { class: 'found' });
  if (hit.passages.length > PASSAGES) {
    const rest = make('button', fill(said.more_here, { n: number(hit.passages.length - PASSAGES) }), { type: 'button' });
    rest.addEventListener('click', () => {
      const next = list.children.length;
      show(PASSAGES);
      rest.remove();
      list.children[next].querySelector('a').focus();
    });
    block.append(rest);
  }
  return block;
};

let asked = 0, hits = [], clauses = [];
const number = n => new Intl.NumberFormat(said.language, { useGrouping: 'min2' }).format(n);
const count = (forms, n, values) =>
  fill(forms[said.singular.includes(n) ? 'one' : 'other'], { n: number(n), ...values });
const blocks = async from => {
  const next = hits.slice(from, from + AT_ONCE), asking = clauses;
  const texts = await Promise.all(next.map(hit => text(hit.episode)));
  return next.map((hit, n) => episodeBlock(hit, texts[n], asking));
};
const run = async () => {
  const ask = ++asked;
  const filters = Object.fromEntries(['who', 'in', 'from', 'to', 'sort'].map(name => [name, field(name).value]));
  clauses = parse(field('q').value);
  results.ariaBusy = 'true';
  try {
    await ready();
    const found = clauses.length || filters.who || filters.in ? await search(clauses, filters) : [];
    if (ask !== asked) return;
    hits = found;
    const shown = await blocks(0);
    if (ask !== asked) return;
    results.replaceChildren(...shown);
    more.hidden = shown.length >= hits.length;
    const passages = hits.reduce((sum, hit) => sum + hit.passages.length, 0);
    status.textContent = passages
      ? count(said.in_episodes, hits.length, { passages: count(said.passages, passages) })
      : clauses.length || filters.who || filters.in ? said.nothing : '';
  } catch (fault) {
    status.textContent = location.protocol === 'file:'
      ? said.needs_server
      : fill(said.failed, { reason: fault.message });
  }
  results.ariaBusy = 'false';
};

// The form and the address say the same.
const remember = () => {
  const asking = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  history.replaceState(null, '', `${location.pathname}${asking.size ? '?' + asking : ''}`);
};
const recall = () => {
  const asked = new URLSearchParams(location.search);
  for (const name of ['q', 'who', 'in', 'from', 'to', 'sort']) field(name).value = asked.get(name) || '';
};
let timer;
const changed = () => { clearTimeout(timer); try { remember(); } catch { /* a page from disk has no history */ } run(); };
form.addEventListener('submit', event => { event.preventDefault(); changed(); });
form.addEventListener('change', event => { if (event.target !== field('q')) changed(); });
field('q').addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(changed, 150); });
more.firstElementChild.addEventListener('click', async () => {
  const ask = asked, next = results.children.length;
  const shown = await blocks(next);
  if (ask !== asked || results.children.length !== next) return;
  results.append(...shown);
  more.hidden = results.children.length >= hits.length;
  shown[0]?.querySelector('a').focus();
});
addEventListener('popstate', () => { recall(); run(); });

ready().then(() => {
  const nameless = new Set(catalog.nameless);
  const people = catalog.people.filter((name, n) => !nameless.has(n)).sort((a, b) => a.localeCompare(b));
  for (const name of people) field('who').append(new Option(name));
  for (const episode of [...catalog.episodes].reverse()) field('in').append(new Option(episode.title, episode.name));
  recall();
  run();
}, run);
if (!new URLSearchParams(location.search).size) field('q').focus({ preventScroll: true });
})();
