// The page reads and links without this script; with it, it plays, follows, searches and copies.
(() => {
'use strict';
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const root = document.documentElement;
const body = $('.body'), dock = $('.dock');
if (!body || !dock) return;
const audio = $('audio'), slider = $('.track input'), track = $('.track'), find = $('.find');
const bar = $('.quote'), dialog = $('dialog'), back = $('.return'), filtered = $('.filtered');
const still = matchMedia('(prefers-reduced-motion: reduce)');
const length = slider.max / 100;

// Every word and every paragraph with its time in seconds, in order. A paragraph's `data-t` is its
// start, its `data-w` the start of each of its words after that, in hundredths of a second.
const WORD = 'p[data-w] > span';
const lines = [], words = [], times = [];
const read = () => {
  lines.splice(0, lines.length, ...$$('p[data-t]', body));
  words.length = times.length = 0;
  for (const line of lines) {
    const offsets = (line.dataset.w || '').split(',');
    for (const [n, word] of $$(':scope > span', line).entries()) {
      word.i = words.length;
      words.push(word);
      times.push(Math.max((+line.dataset.t + +offsets[n]) / 100, times.at(-1) || 0));
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
  $('.toast').textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $('.toast').textContent = ''; }, 3000);
};

// Playing.
const hears = !!audio;
const at = () => hears ? audio.currentTime : position;
let position = 0, wanted = null;
const seek = t => {
  t = Math.min(Math.max(t, 0), length || t);
  position = t;
  if (hears) {
    if (audio.readyState) audio.currentTime = t; else wanted = t;
  }
  show(t);
};
// Who pauses before it begins has changed their mind.
const play = () => hears && audio.play().catch(fault => fault.name === 'AbortError' || say('The audio cannot be played'));
const toggle = () => hears && (audio.paused ? play() : audio.pause());
const playFrom = t => { away = false; seek(t); play(); };
const speeds = hears ? $$('.dock option').map(option => +option.value) : [];
const speed = value => {
  audio.playbackRate = value;
  $('.dock select').value = String(value);
  stored('speed', value);
};
const chapters = $$('.chapters a');
const chapterTimes = chapters.map(link => link.dataset.t / 100);
const chapter = step => {
  const now = lastUpTo(chapterTimes, at() - (step < 0 ? 3 : 0));
  const next = Math.max(step < 0 ? now : now + 1, 0);
  if (next < chapters.length) { away = false; seek(chapterTimes[next]); }
};

// The word that is spoken, and the page that follows it.
let lit = null, litLine = null, following = stored('follow') !== 'off', away = false, chapterNow = -2, drawn = -1;
const show = t => {
  const word = words[lastUpTo(times, t + .05)];
  if (word !== lit) {
    lit?.classList.remove('on');
    word?.classList.add('on');
    lit = word;
    litLine = word?.closest('p');
    follow();
  }
  if (Math.abs(t - drawn) > length / 4000) {
    drawn = t;
    slider.value = t * 100;
    track.style.setProperty('--at', Math.min(t / (length || 1), 1) * 100 + '%');
  }
  const second = clock(t);
  if ($('.clock').textContent !== second) {
    $('.clock').textContent = second;
    slider.setAttribute('aria-valuetext', second + (who(t) ? ', ' + who(t) : ''));
  }
  const now = lastUpTo(chapterTimes, t + .05);
  if (now !== chapterNow) {
    chapters[chapterNow]?.removeAttribute('aria-current');
    chapters[now]?.setAttribute('aria-current', 'true');
    $('.chapter-now').textContent = chapters[now] ? $('span', chapters[now]).textContent : '';
    chapterNow = now;
  }
};
const name = line => {
  const label = $('.who', line.closest('.turn') || line);
  return label ? label.textContent.replace(/:$/, '') : '';
};
const who = t => {
  const word = words[lastUpTo(times, t)];
  return word ? name(word) : '';
};
const glide = () => still.matches ? 'auto' : 'smooth';
const reveal = (element, behavior = 'auto') => {
  element.scrollIntoView({ block: 'center', behavior });
  // What was never drawn had a guessed height; once drawn, the place is exact.
  if (behavior === 'auto') requestAnimationFrame(() => element.scrollIntoView({ block: 'center' }));
};
const place = element => {
  const box = element.getBoundingClientRect();
  return { top: box.top, seen: box.bottom > 0 && box.top < innerHeight - dock.offsetHeight };
};
const follow = () => {
  if (!lit || !hears || !shown(lit)) return;
  const { top, seen } = place(lit);
  if (away && seen) away = false;
  back.hidden = !following || !away || audio.paused;
  if (!following || away || audio.paused) return;
  const room = innerHeight - dock.offsetHeight;
  if (top < room * .12 || top > room * .72) {
    if (Math.abs(top) < room * 2) scrollTo({ top: scrollY + top - room * .3, behavior: glide() });
    else reveal(lit);
  }
};
const leave = () => {
  if (!hears || audio.paused || !following) return;
  away = true;
  setTimeout(() => { if (lit) follow(); }, 400);
};
for (const kind of ['wheel', 'touchmove']) {
  addEventListener(kind, event => event.target.closest?.('.dock, dialog, .rail') || leave(), { passive: true });
}
const setFollowing = value => {
  following = value;
  away = false;
  stored('follow', value ? 'on' : 'off');
  $('[data-do=follow]')?.setAttribute('aria-pressed', value);
  say(value ? 'Following the spoken word' : 'Not following');
  follow();
};
if (hears) {
  audio.controls = false;
  const state = () => {
    const button = $('.play');
    button.setAttribute('aria-label', audio.paused ? 'Play' : 'Pause');
    $('use', button).setAttribute('href', audio.paused ? '#i-play' : '#i-pause');
    follow();
  };
  const ready = () => {
    if (wanted !== null && audio.readyState) { audio.currentTime = wanted; wanted = null; }
  };
  const frame = () => {
    show(audio.currentTime);
    if (!audio.paused) requestAnimationFrame(frame);
  };
  let kept = 0;
  audio.addEventListener('play', () => { state(); frame(); });
  for (const kind of ['pause', 'ended']) audio.addEventListener(kind, state);
  audio.addEventListener('loadedmetadata', ready);
  audio.addEventListener('seeked', () => show(audio.currentTime));
  audio.addEventListener('timeupdate', () => {
    if (audio.paused || Math.abs(audio.currentTime - kept) < 5) return;
    kept = audio.currentTime;
    stored('at ' + location.pathname, audio.ended || length - kept < 15 ? 0 : kept.toFixed(1));
  });
  audio.addEventListener('error', () => say('The audio cannot be loaded'));
  ready();
  speed(speeds.includes(+stored('speed')) ? +stored('speed') : 1);
  $('.dock select').addEventListener('change', event => speed(+event.target.value));
  $('[data-do=follow]').setAttribute('aria-pressed', following);
  if ('mediaSession' in navigator) {
    const image = $('.mast img');
    navigator.mediaSession.metadata = new MediaMetadata({
      title: $('h1').textContent,
      artist: $('.show')?.textContent || '',
      artwork: image ? [{ src: image.src }] : [],
    });
    const actions = {
      play, pause: () => audio.pause(), seekbackward: () => seek(at() - 15), seekforward: () => seek(at() + 30),
      seekto: event => seek(event.seekTime), previoustrack: () => chapter(-1), nexttrack: () => chapter(1),
    };
    for (const [action, run] of Object.entries(actions)) {
      try { navigator.mediaSession.setActionHandler(action, run); } catch { /* not known here */ }
    }
  }
}

// The timeline.
slider.addEventListener('input', () => { away = false; seek(slider.value / 100); });
slider.addEventListener('keydown', event => {
  const step = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  away = false;
  seek(at() + step);
});
const bubble = $('.bubble');
track.addEventListener('pointermove', event => {
  const box = track.getBoundingClientRect();
  const part = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  bubble.hidden = event.pointerType === 'touch';
  bubble.style.setProperty('--over', part * 100 + '%');
  bubble.textContent = [clock(part * length), who(part * length)].filter(Boolean).join(' ');
});
track.addEventListener('pointerleave', () => { bubble.hidden = true; });
const marks = (list, shape) => list.map(t => `M${(t / (length || 1) * 1000).toFixed(1)} ${shape}`).join('');
$('.ticks').setAttribute('d', marks(chapterTimes.filter(t => t > 0), '-1v12'));
document.addEventListener('click', event => {
  const lane = event.target.closest('.lane');
  if (!lane) return;
  const box = lane.getBoundingClientRect();
  away = false;
  seek((event.clientX - box.left) / box.width * length);
  if (lit) reveal(lit);
});

// Links into the page: `#t=00:18:39`, `#t=1119.5,1124`, `#t-00-18-39`, `#c-00-18-17`.
const seconds = text => text.split(':').reduce((sum, part) => sum * 60 + +part, 0);
const target = () => {
  const hash = decodeURIComponent(location.hash.slice(1));
  let found = /^t=([\d:.]+)(?:,([\d:.]+))?$/.exec(hash);
  if (found) {
    const from = seconds(found[1]);
    return isFinite(from) ? { from, to: found[2] ? seconds(found[2]) : from } : null;
  }
  found = /^([tc])-(\d+)-(\d\d)-(\d\d)(?:-\d+)?$/.exec(hash);
  if (!found) return null;
  const element = document.getElementById(hash);
  const from = element?.dataset.t ? lineTime(element) : seconds(found.slice(2, 5).join(':'));
  return { from, element };
};
const cite = (from, to) => {
  for (const word of $$('.cited', body)) word.classList.remove('cited');
  for (let i = from; i <= to; i++) words[i].classList.add('cited');
};
const arrive = () => {
  const goal = target();
  if (!goal) return false;
  clearFilter();
  away = true;
  seek(goal.from);
  // A link of whole seconds means the first word of that second.
  const first = Math.max(lastUpTo(times, goal.from - .001) + 1, 0);
  const whole = Number.isInteger(goal.from) && times[first] < goal.from + 1;
  const index = whole ? first : Math.max(lastUpTo(times, goal.from + .005), 0);
  if (goal.to !== undefined && words.length) cite(index, Math.max(lastUpTo(times, goal.to - .001), index));
  const element = goal.element || words[index];
  if (element) reveal(element);
  return true;
};
addEventListener('hashchange', arrive);

// A click on a word or a time plays from there.
body.addEventListener('click', event => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest('a');
  if (link && !link.matches('.at')) return;
  if (link) {
    event.preventDefault();
    history.replaceState(null, '', link.hash);
    playFrom(lineTime(link.closest('p')));
    return;
  }
  const word = event.target.closest(WORD);
  if (word && hears && getSelection().isCollapsed) playFrom(times[word.i]);
});
for (const link of chapters) {
  link.addEventListener('click', () => { away = false; seek(link.dataset.t / 100); });
}

// By keyboard the transcript is one stop; arrows go through paragraphs and words.
const stops = $$('.at', body);
for (const stop of stops) stop.tabIndex = -1;
if (stops[0]) stops[0].tabIndex = 0;
let stop = stops[0];
const entry = line => $('.at', line) || $(':scope > span', line);
const put = element => {
  if (!element) return;
  if (element.matches('.at')) {
    if (stop) stop.tabIndex = -1;
    stop = element;
    stop.tabIndex = 0;
  } else {
    element.tabIndex = -1;
    element.setAttribute('role', 'button');
    element.addEventListener('blur', () => {
      element.removeAttribute('role');
      element.removeAttribute('tabindex');
    }, { once: true });
  }
  element.focus({ preventScroll: true });
  if (!place(element).seen || place(element).top < 40) element.scrollIntoView({ block: 'center' });
};
let anchor = null;
body.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const here = event.target, line = here.closest('p[data-t]');
  const isWord = here.matches(WORD);
  if (!line || !(isWord || here.matches('.at'))) return;
  const rtl = document.dir === 'rtl' ? -1 : 1;
  const sideways = { ArrowRight: rtl, ArrowLeft: -rtl }[event.key];
  const upright = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (sideways) {
    const own = $$(':scope > span', line).filter(shown);
    let next = isWord ? words[here.i + sideways] : own[sideways > 0 ? 0 : -1];
    while (next && !shown(next)) next = words[next.i + sideways];
    if (event.shiftKey && isWord && next) {
      anchor ??= here;
      select(Math.min(anchor.i, next.i), Math.max(anchor.i, next.i));
    } else {
      if (isWord) getSelection().removeAllRanges();
      anchor = null;
      if (isWord && sideways < 0 && own[0] === here && $('.at', line)) next = $('.at', line);
    }
    put(next);
  } else if (upright) {
    let i = lines.indexOf(line) + upright;
    while (lines[i] && !shown(entry(lines[i]))) i += upright;
    if (lines[i]) put(entry(lines[i]));
  } else if (event.key === 'Enter' || (event.key === ' ' && isWord)) {
    playFrom(isWord ? times[here.i] : lineTime(line));
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
});
const select = (from, to) => {
  getSelection().setBaseAndExtent(words[from], 0, words[to], words[to].childNodes.length);
};

// Quotes and links out of the page.
const address = () => ($('link[rel=canonical]')?.href || location.href).split('#')[0];
const moment = t => clock(t) + (Math.round(t * 100) % 100 ? '.' + two(Math.round(t * 100) % 100) : '');
const selected = () => {
  const selection = getSelection();
  if (selection.rangeCount && !selection.isCollapsed) {
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(body)) return null;
    // A word that the selection only touches at an edge is not in it.
    const { startContainer: first, startOffset, endContainer: last, endOffset } = range;
    const inside = word => range.intersectsNode(word)
      && !(first.nodeType === 3 && startOffset === first.length && word.contains(first))
      && !(last.nodeType === 3 && endOffset === 0 && word.contains(last));
    let from = words.findIndex(inside);
    if (from < 0) return null;
    let to = from;
    while (words[to + 1] && inside(words[to + 1])) to++;
    return { from, to, range };
  }
  const line = document.activeElement?.closest?.('.body p[data-t]') || litLine;
  const own = line ? $$(':scope > span', line) : [];
  return own.length ? { from: own[0].i, to: own.at(-1).i } : null;
};
const quoteOf = ({ from, to }) => {
  const turns = [];
  for (const word of words.slice(from, to + 1)) {
    if (!shown(word)) continue;
    const speaker = name(word), last = turns.at(-1);
    const space = word.previousSibling?.nodeType === 3 || word.i === from || !word.previousSibling ? ' ' : '';
    if (last && last.turn === word.closest('.turn')) last.text += space + word.textContent;
    else turns.push({ turn: word.closest('.turn'), speaker, text: word.textContent });
  }
  const full = turn => $('.who', turn.turn)?.title.split(',')[0] || turn.speaker;
  const end = times[to + 1] ?? length;
  const link = `${address()}#t=${moment(times[from])},${moment(Math.min(end, times[to] + 2))}`;
  const source = [$('.show')?.textContent, `“${$('h1').textContent}”`].filter(Boolean).join(', ');
  const time = clock(times[from]);
  const one = turns.length === 1;
  const people = [...new Set(turns.map(full))];
  const spoken = turns.map(turn => one ? `“${turn.text}”` : `${turn.speaker}: “${turn.text}”`);
  const plain = `${spoken.join('\n')}\n— ${one ? people[0] + ', ' : ''}${source}, ${time}\n${link}`;
  const safe = text => text.replace(/[&<>"]/g, c => `&#${c.charCodeAt()};`);
  const html = `<blockquote cite="${safe(link)}">${turns.map(turn => `<p>${one ? '' : `<b>${safe(turn.speaker)}:</b> `}${safe(turn.text)}</p>`).join('')}</blockquote><p>— ${one ? safe(people[0]) + ', ' : ''}${safe(source)}, <a href="${safe(link)}">${time}</a></p>`;
  return { plain, html };
};
const copy = async (plain, html, done) => {
  try {
    if (html && window.ClipboardItem) {
      const as = (text, type) => new Blob([text], { type });
      await navigator.clipboard.write([new ClipboardItem({ 'text/plain': as(plain, 'text/plain'), 'text/html': as(html, 'text/html') })]);
    } else {
      await navigator.clipboard.writeText(plain);
    }
  } catch {
    // Pages from disk or without https have no clipboard of their own.
    const field = document.body.appendChild(document.createElement('textarea'));
    const focus = document.activeElement;
    field.value = plain;
    field.select();
    const worked = document.execCommand('copy');
    field.remove();
    focus?.focus?.({ preventScroll: true });
    if (!worked) return say('The browser does not allow copying');
  }
  say(done);
};
const copyQuote = () => {
  const part = selected();
  if (!part) return;
  const { plain, html } = quoteOf(part);
  copy(plain, html, 'Quote copied');
};
const copyLink = () => {
  const part = selected();
  if (!part) return;
  const first = words[part.from], line = first.closest('p');
  const whole = !part.range && line.id;
  copy(whole ? `${address()}#${line.id}` : `${address()}#t=${moment(times[part.from])}`, null, 'Link copied');
};
let selectTimer;
document.addEventListener('selectionchange', () => {
  clearTimeout(selectTimer);
  selectTimer = setTimeout(() => {
    const part = getSelection().isCollapsed ? null : selected();
    bar.hidden = !part;
    if (!part) return;
    const boxes = part.range.getClientRects(), box = boxes[boxes.length - 1] || part.range.getBoundingClientRect();
    const half = bar.offsetWidth / 2 + 8;
    bar.style.left = Math.min(Math.max(box.left + box.width / 2, half), root.clientWidth - half) + scrollX + 'px';
    bar.style.top = Math.min(box.bottom + 10, innerHeight - dock.offsetHeight - bar.offsetHeight - 8) + scrollY + 'px';
  }, 120);
});
bar.addEventListener('pointerdown', event => event.preventDefault());

// Search.
let text = '', offsets = [], hits = [], hit = -1;
const fold = s => s.normalize('NFKD').toLowerCase().replace(/[^\p{L}\p{N}\p{S}]+/gu, '');
const index = () => {
  if (offsets.length) return;
  for (const word of words) {
    const glued = word.previousSibling && word.previousSibling.nodeType !== 3;
    const bare = fold(word.textContent);
    if (text && bare && !glued) text += ' ';
    offsets.push(text.length);
    text += bare;
  }
};
const search = () => {
  index();
  for (const word of $$('.hit', body)) word.classList.remove('hit', 'here');
  hits = [];
  hit = -1;
  const query = $('input', find).value.split(/\s+/).map(fold).filter(Boolean).join(' ');
  for (let from = query ? text.indexOf(query) : -1; from >= 0; from = text.indexOf(query, from + query.length)) {
    const first = lastUpTo(offsets, from), last = lastUpTo(offsets, from + query.length - 1);
    if (!shown(words[first])) continue;
    hits.push([first, last]);
    if (hits.length === 2000) break;
  }
  for (const [first, last] of hits) for (let i = first; i <= last; i++) words[i].classList.add('hit');
  $('.hits').setAttribute('d', marks(hits.map(([first]) => times[first]), '-4v5'));
  $('output', find).textContent = query ? (hits.length ? `${hits.length} found` : 'None') : '';
};
const go = step => {
  if (!hits.length) return;
  for (const word of $$('.here', body)) word.classList.remove('here');
  if (hit < 0) {
    // Begin with the first hit that is not above what is on screen.
    const first = hits.findIndex(([i]) => words[i].getBoundingClientRect().top >= 0);
    hit = step > 0 ? Math.max(first, 0) : (first < 0 ? hits.length : first) - 1;
    hit = (hit + hits.length) % hits.length;
  } else {
    hit = (hit + step + hits.length) % hits.length;
  }
  for (let i = hits[hit][0]; i <= hits[hit][1]; i++) words[i].classList.add('here');
  away = true;
  reveal(words[hits[hit][0]]);
  $('output', find).textContent = `${hit + 1} of ${hits.length}`;
};
const setFinding = open => {
  find.hidden = !open;
  $('[data-do=find]').setAttribute('aria-expanded', open);
  measure();
  if (open) {
    $('input', find).select();
    $('input', find).focus();
  } else {
    const word = hit >= 0 ? words[hits[hit][0]] : null;
    $('input', find).value = '';
    search();
    if (word) put(word); else $('[data-do=find]').focus();
  }
};
let findTimer;
$('input', find).addEventListener('input', () => { clearTimeout(findTimer); findTimer = setTimeout(search, 100); });
find.addEventListener('submit', event => {
  event.preventDefault();
  clearTimeout(findTimer);
  if (hit < 0) search();
  go(1);
});
find.addEventListener('keydown', event => {
  if (event.key === 'Escape') setFinding(false);
  else if (event.key === 'Enter' && event.shiftKey) { event.preventDefault(); if (hit < 0) search(); go(-1); }
});

// One speaker, or some.
const only = $$('.only');
const filter = () => {
  const chosen = only.filter(button => button.getAttribute('aria-pressed') === 'true').map(button => button.dataset.s);
  for (const turn of $$('.turn', body)) turn.hidden = chosen.length > 0 && !chosen.includes(turn.dataset.s);
  for (const rest of $$('.sound, h3', body)) rest.hidden = chosen.length > 0;
  filtered.hidden = !chosen.length;
  filtered.textContent = '';
  if (chosen.length) {
    const names = chosen.map(s => $('.vh', only.find(button => button.dataset.s === s)).textContent.trim());
    filtered.append(`Only ${names.join(' and ')} is shown. `.replace(/ is shown/, names.length > 1 ? ' are shown' : ' is shown'));
    const all = document.createElement('button');
    all.type = 'button';
    all.textContent = 'Show everybody';
    all.addEventListener('click', () => { clearFilter(); $('#transcript').focus({ preventScroll: true }); });
    filtered.append(all);
  }
  if ($('input', find).value) search();
};
const clearFilter = () => {
  if (filtered.hidden) return;
  for (const button of only) button.setAttribute('aria-pressed', 'false');
  filter();
};
for (const button of only) {
  button.hidden = false;
  button.addEventListener('click', () => {
    button.setAttribute('aria-pressed', button.getAttribute('aria-pressed') !== 'true');
    filter();
  });
}

// How the page looks.
const choose = (setting, fallback) => {
  const set = value => { root.dataset[setting] = value; };
  set(stored(setting) || fallback);
  for (const input of $$(`[name=${setting}]`, dialog)) {
    input.checked = input.value === root.dataset[setting];
    input.addEventListener('change', () => { set(input.value); stored(setting, input.value); });
  }
};
choose('theme', 'auto');
choose('size', 'medium');
const keys = $('[name=keys]', dialog);
keys.checked = stored('keys') !== 'off';
keys.addEventListener('change', () => stored('keys', keys.checked ? 'on' : 'off'));

// Buttons and keys.
const deeds = {
  toggle, back: () => seek(at() - 15), on: () => seek(at() + 30),
  follow: () => setFollowing(!following),
  find: () => setFinding(find.hidden), close: () => setFinding(false), previous: () => { if (hit < 0) search(); go(-1); },
  settings: () => dialog.showModal(),
  quote: copyQuote, link: copyLink,
  play: () => { const part = selected(); if (part) playFrom(times[part.from]); },
  return: () => { away = false; back.hidden = true; if (lit) reveal(lit, glide()); },
};
document.addEventListener('click', event => {
  const button = event.target.closest('[data-do]');
  if (button) deeds[button.dataset.do]();
});
const strokes = {
  ' ': toggle, k: toggle, j: deeds.back, l: deeds.on, '[': () => chapter(-1), ']': () => chapter(1),
  '-': () => hears && speed(speeds[Math.max(speeds.indexOf(audio.playbackRate) - 1, 0)]),
  '+': () => hears && speed(speeds[Math.min(speeds.indexOf(audio.playbackRate) + 1, speeds.length - 1)]),
  f: () => hears && deeds.follow(), '/': () => setFinding(true), q: copyQuote, c: copyLink, '?': deeds.settings,
};
strokes['='] = strokes['+'];
addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || dialog.open) return;
  const typing = event.target.closest?.('input:not([type=range]):not([type=checkbox]), select, textarea, [contenteditable]');
  if (typing) return;
  if (event.key === ' ' && event.target.closest?.('button, a, input, audio, summary')) return;
  if (['PageDown', 'PageUp', 'Home', 'End', 'ArrowDown', 'ArrowUp'].includes(event.key)) leave();
  const stroke = keys.checked && strokes[event.key];
  if (!stroke) return;
  event.preventDefault();
  stroke();
});
dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });

// Ready.
const measure = () => root.style.setProperty('--dock', dock.offsetHeight + 'px');
root.classList.add('js');
root.classList.toggle('hears', hears);
// Where the text is changed in place, its words are others.
document.addEventListener('linernotes:changed', () => {
  read();
  lit = stop = null;
  text = '';
  offsets = [];
  for (const link of $$('.at', body)) link.tabIndex = -1;
  $('.at', body)?.setAttribute('tabindex', 0);
  show(at());
});
if (!hears && !length) $('.scrub').hidden = true;
dock.hidden = false;
measure();
new ResizeObserver(measure).observe(dock);
if (!arrive()) {
  const last = hears ? +stored('at ' + location.pathname) : 0;
  if (last > 30) { away = true; seek(last); say('Goes on at ' + clock(last)); } else show(0);
}
})();
