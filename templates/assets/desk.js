// The desk on top of a page: what a person does here becomes a correction at once, and the page shows it.
// `linernotes review` puts this onto the page on the way to the browser; no published page has it.
(() => {
'use strict';
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const body = $('.body'), dock = $('.dock'), audio = $('audio');
let state = JSON.parse($('#desk').textContent), revision = state.revision;
const WORD = '.body p[data-w] > span';

// Small things.
const make = (html, place = document.body) => {
  const box = document.createElement('template');
  box.innerHTML = html;
  return place.appendChild(box.content.firstElementChild);
};
const safe = text => String(text).replace(/[&<>"]/g, c => `&#${c.charCodeAt()};`);
const two = n => String(n).padStart(2, '0');
const clock = ms => [ms / 3600000, ms / 60000 % 60, ms / 1000 % 60].map(n => two(Math.floor(n))).join(':');
let sayTimer;
const say = (text, long) => {
  $('.toast').textContent = text;
  clearTimeout(sayTimer);
  sayTimer = setTimeout(() => { $('.toast').textContent = ''; }, long ? 8000 : 2500);
};

// Paragraphs and words as the server counts them.
const paragraphs = () => $$('p[data-w]', body);
const wordsOf = p => $$(':scope > span', p);
const nth = p => paragraphs().indexOf(p);
const startOf = word => {
  const p = word.closest('p');
  return (+p.dataset.t + +p.dataset.w.split(',')[wordsOf(p).indexOf(word)]) / 100;
};
const spot = word => { const p = word.closest('p'); return [nth(p), wordsOf(p).indexOf(word)]; };
const isGlued = word => word.previousSibling && word.previousSibling.nodeType !== 3;
const textOf = p => [...p.childNodes]
  .map(node => node.nodeType === 1 && node.matches('.lead') ? '' : node.textContent).join('').replace(/\s+/g, ' ').trim();
// The words whose start lies between two times, in milliseconds.
const wordsWithin = (from, to) => {
  const found = [];
  for (const p of paragraphs()) {
    const start = +p.dataset.t * 10;
    const times = p.dataset.w.split(',');
    if (start > to || start + 10 * times[times.length - 1] < from) continue;
    wordsOf(p).forEach((word, n) => { const at = start + 10 * times[n]; if (at >= from - 10 && at < to) found.push(word); });
  }
  return found;
};

// Where the person is: the selected words, else the word that plays, else the one that was chosen last.
let chosen = null;
const here = () => {
  const lit = $('.on', body);
  const focused = document.activeElement?.closest?.(WORD);
  const word = focused || (audio && !audio.paused && lit) || (chosen?.isConnected ? chosen : null) || lit || $(WORD);
  return word && { word, p: word.closest('p') };
};
const selection = () => {
  const chosenRange = getSelection();
  if (!chosenRange.rangeCount || chosenRange.isCollapsed) return null;
  const range = chosenRange.getRangeAt(0);
  if (!range.intersectsNode(body)) return null;
  const { startContainer: first, startOffset, endContainer: last, endOffset } = range;
  const inside = word => range.intersectsNode(word)
    && !(first.nodeType === 3 && startOffset === first.length && word.contains(first))
    && !(last.nodeType === 3 && endOffset === 0 && word.contains(last));
  const words = paragraphs().filter(p => range.intersectsNode(p)).flatMap(wordsOf).filter(inside);
  return words.length ? { first: words[0], last: words[words.length - 1] } : null;
};
const stretch = () => {
  const part = selection();
  if (part) return part;
  const at = here();
  const words = at ? wordsOf(at.p) : [];
  return words.length ? { first: words[0], last: words[words.length - 1], whole: true } : null;
};
const choose = (word, quietly) => {
  if (!word) return;
  chosen = word;
  const { top, bottom } = word.getBoundingClientRect();
  if (top < 60 || bottom > innerHeight - dock.offsetHeight) word.scrollIntoView({ block: 'center' });
  if (!quietly && audio && audio.paused) audio.currentTime = startOf(word);
  mark();
};
const mark = () => {
  const p = here()?.p;
  for (const other of $$('.desk-here', body)) if (other !== p) other.classList.remove('desk-here');
  p?.classList.add('desk-here');
};

// Commands, one after the other. A command is built when its turn comes, of the page as it is then.
let queue = Promise.resolve(), waiting = 0, connected = true;
const news = { since: 0, wake: [] };
const reached = wanted => revision >= wanted ? Promise.resolve() : new Promise(done => {
  news.wake.push(done);
  setTimeout(done, 3000);
});
const post = async (path, value) => {
  const answer = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) });
  const text = await answer.text();
  let said;
  try { said = JSON.parse(text); } catch { said = { said: text.trim() }; }
  return { status: answer.status, said };
};
const carryOut = async (build, again = true) => {
  const command = build();
  if (!command) { say('The text there was changed meanwhile: look, and do it again', true); return false; }
  let answer;
  try {
    answer = await post('/.desk/do', { revision, command });
  } catch {
    lost();
    return false;
  }
  if (answer.status === 200) { take(answer.said); return true; }
  if (answer.status === 409) {
    await reached(answer.said.revision);
    if (again && revision >= answer.said.revision) return carryOut(build, false);
  }
  if (answer.status === 403) lost();
  say(answer.said.said || 'It could not be done', true);
  return false;
};
const act = build => {
  waiting += 1;
  bar();
  const done = queue.then(() => carryOut(build)).catch(fault => { say(String(fault), true); return false; })
    .finally(() => { waiting -= 1; bar(); });
  queue = done;
  return done;
};
const lost = () => { connected = false; bar(); };

// News of the text: of our own commands, and of others'.
const take = change => {
  if (change.revision <= revision) return;
  if (change.revision !== revision + 1) { location.reload(); return; }
  const typing = typed && { ...typed, text: textOf(typed.p), caret: caretOf(typed.p), t: typed.p.dataset.t, n: nth(typed.p) };
  const { at, remove, insert, beside } = change.page;
  const parts = [...body.children], behind = parts[at + remove] || null;
  const box = document.createElement('template');
  box.innerHTML = insert.join('\n');
  for (const part of parts.slice(at, at + remove)) part.remove();
  body.insertBefore(box.content, behind);
  for (const [place, html] of beside) {
    const old = $(place), fresh = document.createElement('template');
    fresh.innerHTML = html || '';
    if (old) old.replaceWith(fresh.content);
    else if (place === '.rail') $('.head').after(fresh.content);
    else if (place === '.label') $('#transcript > h2').after(fresh.content);
  }
  revision = change.revision;
  state = change.state;
  document.dispatchEvent(new Event('linernotes:changed'));
  if (typing && !typing.p.isConnected) goOnTyping(typing);
  for (const wake of news.wake.splice(0)) wake();
  bar();
  mark();
  if (change.what && !typing) say(change.what[0].toUpperCase() + change.what.slice(1));
  if (!panel.hidden) show(panel.dataset.shows);
};
let source;
const listen = () => {
  source?.close();
  source = new EventSource('/.desk/news?since=' + revision);
  source.onopen = () => { connected = true; bar(); };
  source.onmessage = event => {
    const said = JSON.parse(event.data);
    if (said.reload) { if (!waiting) location.reload(); }
    else if ('fault' in said) { fault = said.fault; bar(); }
    else take(said);
  };
  source.onerror = () => { source.close(); lost(); setTimeout(listen, 1500); };
};
let fault = null;

// Typing in a paragraph.
let typed = null, typedTimer;
// What is typed and not taken over yet outlives the page, and the browser.
const KEPT = 'linernotes typed ' + document.title;
const keep = value => {
  try {
    if (value) localStorage.setItem(KEPT, JSON.stringify(value)); else localStorage.removeItem(KEPT);
  } catch { /* a browser may have no storage */ }
};
const keepTyped = () => typed && keep(textOf(typed.p) === typed.before ? null : { t: typed.p.dataset.t, before: typed.before, text: textOf(typed.p) });
const restoreTyped = () => {
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(KEPT)); } catch { /* as above */ }
  if (!kept) return;
  const p = paragraphs().find(one => one.dataset.t === kept.t && textOf(one) === kept.before);
  keep(null);
  if (!p) { if (!paragraphs().some(one => textOf(one) === kept.text)) say(`What was typed last was not taken over, and its place is another one now: “${kept.text}”`, true); return; }
  chosen = $(':scope > span', p);
  act(() => p.isConnected ? { stroke: { retype: [nth(p), kept.text] } } : null).then(done => done && say('What was typed last is taken over'));
};
const caretOf = p => {
  const range = getSelection().rangeCount ? getSelection().getRangeAt(0) : null;
  if (!range || !p.contains(range.startContainer)) return 0;
  const before = document.createRange();
  before.selectNodeContents(p);
  before.setEnd(range.startContainer, range.startOffset);
  const lead = $('.lead', p);
  return before.toString().slice(lead ? lead.textContent.length : 0).replace(/^\s+/, '').replace(/\s+/g, ' ').length;
};
const putCaret = (p, offset) => {
  const walker = document.createTreeWalker(p, NodeFilter.SHOW_TEXT, {
    acceptNode: node => node.parentElement.closest('.lead') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  });
  let left = offset, last = null, begun = false;
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!begun && !node.data.trim()) continue;
    begun = true;
    last = node;
    if (left <= node.length) { getSelection().collapse(node, left); return; }
    left -= node.length;
  }
  if (last) getSelection().collapse(last, last.length);
};
const beginTyping = (p, word) => {
  if (typed?.p === p) return;
  endTyping();
  const lead = $('.lead', p);
  if (lead) lead.contentEditable = 'false';
  try { p.contentEditable = 'plaintext-only'; } catch { p.contentEditable = 'true'; }
  p.classList.add('desk-typed');
  typed = { p, before: textOf(p) };
  p.focus({ preventScroll: true });
  if (word) getSelection().selectAllChildren(word);
  bar();
};
const goOnTyping = was => {
  const all = paragraphs();
  const p = all[was.n]?.dataset.t === was.t ? all[was.n] : all.find(one => one.dataset.t === was.t) || all[was.n];
  typed = null;
  if (!p) return;
  const now = textOf(p);
  beginTyping(p);
  if (now !== was.text && was.text !== was.before) {
    // What was typed since goes on where it stood.
    for (const node of [...p.childNodes]) if (!(node.nodeType === 1 && node.matches('.lead'))) node.remove();
    p.append(' ' + was.text);
  }
  putCaret(p, was.caret);
};
const commit = () => {
  clearTimeout(typedTimer);
  if (!typed) return Promise.resolve(true);
  const { p } = typed, text = textOf(p);
  if (text === typed.before) return Promise.resolve(true);
  const place = nth(p), was = typed;
  was.before = text;
  return act(() => {
    const now = was.p.isConnected ? nth(was.p) : place;
    return now < 0 ? null : { stroke: { retype: [now, text] } };
  }).then(done => {
    if (done && typed) keepTyped(); else if (done) keep(null);
    else if (typed?.p === p) typed.before = '';
    return done;
  });
};
const endTyping = () => {
  if (!typed) return Promise.resolve(true);
  const { p } = typed, done = commit();
  typed = null;
  p.removeAttribute('contenteditable');
  p.classList.remove('desk-typed');
  getSelection().removeAllRanges();
  bar();
  return done;
};
// The word of a paragraph that stands behind so many words.
const wordBehind = (p, count) => {
  let seen = 0;
  for (const word of wordsOf(p)) {
    if (!isGlued(word) || seen === 0) seen += 1;
    if (seen > count) return word;
  }
  return null;
};
const splitAtCaret = async () => {
  const { p } = typed, before = textOf(p).slice(0, caretOf(p)), after = textOf(p).slice(caretOf(p));
  let count = before.split(' ').filter(Boolean).length;
  if (before && !before.endsWith(' ') && after && !after.startsWith(' ')) count -= 1;
  const place = nth(p);
  if (count <= 0 || !after.trim()) return;
  if (!await endTyping()) return;
  const done = await act(() => {
    const word = wordBehind(paragraphs()[place], count);
    return word && { stroke: { split: spot(word) } };
  });
  if (done && paragraphs()[place + 1]) { beginTyping(paragraphs()[place + 1]); putCaret(paragraphs()[place + 1], 0); }
};
const joinAtCaret = async () => {
  const place = nth(typed.p);
  if (place < 1) return;
  const length = textOf(paragraphs()[place - 1]).length;
  if (!await endTyping()) return;
  const done = await act(() => ({ stroke: { join: place } }));
  const p = paragraphs()[done ? place - 1 : place];
  beginTyping(p);
  putCaret(p, done ? length + 1 : 0);
};
body.addEventListener('input', () => {
  clearTimeout(typedTimer);
  typedTimer = setTimeout(commit, 700);
  keepTyped();
  bar();
});
body.addEventListener('focusout', event => {
  if (typed && event.target === typed.p && typed.p.isConnected && !typed.p.contains(event.relatedTarget)) endTyping();
});
// A click in the text that is typed sets the caret; any other click plays, as on the page.
document.addEventListener('click', event => {
  if (typed?.p.contains(event.target) && !event.target.closest('.lead')) { event.stopPropagation(); return; }
  const who = event.target.closest?.('.body .who');
  if (who) { event.stopPropagation(); event.preventDefault(); chosen = $(':scope > span', who.closest('p')); mark(); askWho(); return; }
  const word = event.target.closest?.(WORD);
  if (word) { chosen = word; mark(); }
}, true);
body.addEventListener('dblclick', event => {
  const word = event.target.closest(WORD);
  if (word) { event.preventDefault(); beginTyping(word.closest('p'), word); }
});

// What can be done where the person is.
const next = step => {
  const all = paragraphs(), at = here();
  const p = at && all[nth(at.p) + step];
  if (p) choose($(':scope > span', p));
};
const nextTurn = step => {
  const turns = $$('.turn', body), at = here();
  const turn = at && turns[turns.indexOf(at.p.closest('.turn')) + step];
  if (turn) choose($('p[data-w] > span', turn));
};
const check = async right => {
  const p = here()?.p;
  if (!p) return;
  const place = nth(p);
  const done = await act(() => ({ check: [p.isConnected ? nth(p) : place, right] }));
  if (done && right) choose($(':scope > span', paragraphs()[place + 1] || paragraphs()[place]));
};
const split = () => {
  const { word } = here() || {};
  if (word) act(() => word.isConnected ? { stroke: { split: spot(word) } } : null);
};
const join = () => {
  const { p } = here() || {};
  if (p && nth(p) > 0) act(() => p.isConnected ? { stroke: { join: nth(p) } } : null);
};
const cut = () => {
  const part = stretch();
  if (part) act(() => part.first.isConnected && part.last.isConnected ? { stroke: { cut: [spot(part.first), spot(part.last)] } } : null);
};
// Presses that follow each other quickly are one move.
let edge = null;
const nudge = by => {
  const at = here();
  const p = at && $('p[data-w]', at.p.closest('.turn'));
  if (!p || nth(p) < 1) return;
  if (!edge || edge.p !== p) edge = { p, by: 0 };
  edge.by += by;
  for (const word of $$('.desk-move', body)) word.classList.remove('desk-move');
  const moved = edge.by > 0 ? wordsOf(p).slice(0, edge.by) : edge.by < 0 ? wordsOf(paragraphs()[nth(p) - 1]).slice(edge.by) : [];
  for (const word of moved) word.classList.add('desk-move');
  clearTimeout(edge.timer);
  edge.timer = setTimeout(() => {
    const { p, by } = edge;
    edge = null;
    if (by) act(() => p.isConnected ? { stroke: { edge: [nth(p), by] } } : null);
  }, 600);
};
const undo = () => act(() => 'undo');
const redo = () => act(() => 'redo');

// Listening.
let until = 0;
const start = () => audio.play().catch(cause => cause.name === 'AbortError' || say('The audio cannot be played', true));
const hear = (from, to) => {
  if (!audio) return;
  audio.currentTime = Math.max(from, 0) / 1000;
  until = to ? to / 1000 : 0;
  start();
};
audio?.addEventListener('timeupdate', () => {
  if (until && audio.currentTime >= until) { audio.pause(); until = 0; }
  mark();
});
const toggle = () => { if (!audio) return; until = 0; if (audio.paused) start(); else audio.pause(); };
const back = () => { if (audio) audio.currentTime = Math.max(audio.currentTime - 2, 0); };
let doubted = -1;
const left = () => state.doubts.filter(doubt => !doubt.done);
const toDoubt = doubt => {
  doubted = state.doubts.indexOf(doubt);
  for (const word of $$('.desk-doubt', body)) word.classList.remove('desk-doubt');
  const words = wordsWithin(doubt.from_ms, doubt.to_ms);
  for (const word of words) word.classList.add('desk-doubt');
  if (words[0]) choose(words[0], true);
  hear(doubt.from_ms - 700, doubt.to_ms + 700);
  say(`${clock(doubt.from_ms)}: ${doubt.why}`);
};
const nextDoubt = step => {
  const open = left();
  if (!open.length) { say(state.doubts.length ? 'No doubt is left' : 'There are no doubts of this transcript'); return; }
  const ahead = step > 0 ? open.find(doubt => state.doubts.indexOf(doubt) > doubted) : open.findLast(doubt => state.doubts.indexOf(doubt) < doubted);
  toDoubt(ahead || open.at(step > 0 ? 0 : -1));
};

// Who speaks.
const who = make(`<dialog class="desk-ask" aria-labelledby="who-h"><form method="dialog">
<h2 id="who-h">Who says this?</h2><p class="desk-about"></p><ol class="desk-voices"></ol>
<label class="desk-name">Somebody else <input list="desk-people" autocomplete="off" spellcheck="false"></label><datalist id="desk-people"></datalist>
<fieldset><legend>How far</legend><label data-for="words"><input type="radio" name="reach" value="words"> These words</label>
<label><input type="radio" name="reach" value="turn"> This turn</label> <label><input type="radio" name="reach" value="onwards"> From here on</label>
<label><input type="radio" name="reach" value="everywhere"> Everywhere</label></fieldset>
<p class="desk-row"><button value="apply">Take the name</button> <button value="" class="desk-plain">Leave it</button></p></form></dialog>`);
const nameOf = p => {
  const label = $('.who', p.closest('.turn') || p);
  return label ? label.textContent.replace(/:$/, '') : '';
};
let asked = null, from = null;
const askWho = () => {
  endTyping();
  const part = selection(), at = part ? { word: part.first, p: part.first.closest('p') } : here();
  if (!at) return;
  asked = { ...at, part };
  from = audio?.paused ? audio.currentTime : null;
  const name = nameOf(at.p);
  $('.desk-about', who).textContent = part
    ? `“${part.first.textContent} … ${part.last.textContent}” is now ${name}.` : `Now it is ${name}, at ${$('.at', at.p)?.textContent || ''}.`;
  $('.desk-voices', who).innerHTML = state.voices.map((voice, n) => `<li><button type="button" data-voice="${n}"${voice.name === name ? ' aria-current="true"' : ''}>
${n < 9 ? `<kbd>${n + 1}</kbd> ` : ''}${safe(voice.name)}</button>${audio && voice.samples.length ? ` <button type="button" class="desk-plain" data-hear="${n}" aria-label="Hear ${safe(voice.name)}">▶</button>` : ''}</li>`).join('');
  $('#desk-people').innerHTML = state.people.map(name => `<option value="${safe(name)}">`).join('');
  $('input[list]', who).value = '';
  $('[data-for=words]', who).hidden = !part;
  const reach = part ? 'words' : /^Speaker \d+$/.test(name) ? 'everywhere' : 'turn';
  $(`[value=${reach}]`, who).checked = true;
  who.returnValue = '';
  who.showModal();
};
const giveName = name => {
  const reach = $('[name=reach]:checked', who).value, { p, part } = asked;
  who.close('');
  if (!name.trim()) return;
  act(() => {
    if (!p.isConnected) return null;
    if (reach === 'words' && part) return { stroke: { give: [spot(part.first), spot(part.last), name] } };
    return { stroke: { name: [nth(p), name, reach] } };
  });
};
const samples = {};
who.addEventListener('click', event => {
  const voice = event.target.closest('[data-voice]'), heard = event.target.closest('[data-hear]');
  if (voice) giveName(state.voices[voice.dataset.voice].name);
  if (heard) {
    // each time another place of the same voice
    const { name, samples: places } = state.voices[heard.dataset.hear];
    const place = places[(samples[name] = (samples[name] ?? -1) + 1) % places.length];
    hear(place[0], Math.min(place[1], place[0] + 5000));
  }
});
who.addEventListener('close', () => {
  if (from !== null && audio) { audio.pause(); audio.currentTime = from; }
  if (who.returnValue === 'apply') { who.returnValue = ''; giveName($('input[list]', who).value); }
});

// Marks on a stretch.
const marks = make(`<dialog class="desk-ask" aria-labelledby="mark-h"><form method="dialog">
<h2 id="mark-h">Mark this</h2><p class="desk-about"></p>
<fieldset><legend>It is</legend><label><input type="radio" name="mark" value="quotation" checked> read aloud</label> <label><input type="radio" name="mark" value="soundbite"> to be shared</label></fieldset>
<div data-mark="quotation"><label>Who wrote it <input name="author" autocomplete="off"></label><label>Where it stands <input name="source" autocomplete="off"></label><label>Its address <input name="url" type="url" autocomplete="off"></label></div>
<div data-mark="soundbite" hidden><label>Its title <input name="title" maxlength="128" autocomplete="off"></label></div>
<p class="desk-row"><button value="apply">Mark it</button> <button value="" class="desk-plain" formnovalidate>Leave it</button></p></form></dialog>`);
let marked = null;
const askMark = () => {
  marked = stretch();
  if (!marked) return;
  $('.desk-about', marks).textContent = `“${marked.first.textContent} … ${marked.last.textContent}”`;
  for (const input of $$('div input', marks)) input.value = '';
  marks.returnValue = '';
  marks.showModal();
};
marks.addEventListener('change', () => {
  const kind = $('[name=mark]:checked', marks).value;
  for (const part of $$('[data-mark]', marks)) part.hidden = part.dataset.mark !== kind;
});
marks.addEventListener('close', () => {
  if (marks.returnValue !== 'apply' || !marked) return;
  const { first, last } = marked, value = name => $(`[name=${name}]`, marks).value.trim();
  const kind = $('[name=mark]:checked', marks).value;
  const what = kind === 'quotation' ? { author: value('author'), source: value('source'), url: value('url') } : value('title');
  act(() => first.isConnected && last.isConnected ? { [kind]: [spot(first), spot(last), what] } : null);
});

// The lists beside the text.
const panel = make('<aside class="desk-panel" tabindex="-1" hidden></aside>');
const minutes = ms => ms < 60000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60000)} min`;
const shows = {
  doubts: () => `<h2>Doubts</h2><p>${left().length ? `${minutes(left().reduce((sum, d) => sum + d.to_ms - d.from_ms, 0))} to listen to, the most worth first.` : state.doubts.length ? 'All are listened to.' : 'Of an imported transcript nobody knows what is doubtful.'}</p>
<ol>${state.doubts.map((doubt, n) => `<li${doubt.done ? ' class="desk-done"' : ''}><button type="button" data-doubt="${n}"><time>${clock(doubt.from_ms)}</time> ${safe(doubt.why)}</button></li>`).join('')}</ol>`,
  drafts: () => `<h2>Proposed</h2>${state.drafts.chapters.length ? `<form data-draft="chapters"><h3>Chapters</h3>${state.drafts.chapters.map(([start, title]) => `<p class="desk-chapter"><button type="button" class="desk-plain" data-at="${start}">${clock(start)}</button><input value="${safe(title)}" data-start="${start}" aria-label="Title at ${clock(start)}"><button type="button" class="desk-plain" data-drop aria-label="Without it">×</button></p>`).join('')}
<p class="desk-row"><button>Take them</button> <button type="button" class="desk-plain" data-dismiss="chapters">Throw away</button></p></form>` : ''}
${state.drafts.summary ? `<h3>Summary</h3><p>${safe(state.drafts.summary)}</p><p class="desk-row"><button type="button" class="desk-plain" data-copy>Copy it for <code>summary</code> in episode.toml</button> <button type="button" class="desk-plain" data-dismiss="summary">Throw away</button></p>` : ''}
${state.drafts.chapters.length || state.drafts.summary ? '' : '<p>Nothing is proposed that is not taken or thrown away.</p>'}`,
  warnings: () => `<h2>To look at</h2><ul>${state.warnings.map(text => `<li>${safe(text)}</li>`).join('') || '<li>Every correction is in its place.</li>'}</ul>`,
};
const show = what => {
  panel.dataset.shows = what;
  panel.innerHTML = `<button type="button" class="desk-plain desk-close" data-close aria-label="Close">×</button>${shows[what]()}`;
  panel.hidden = false;
};
const toggleShown = what => { if (!panel.hidden && panel.dataset.shows === what) panel.hidden = true; else show(what); };
panel.addEventListener('click', event => {
  const button = event.target.closest('button');
  if (!button) return;
  const { doubt, at, dismiss } = button.dataset;
  if ('close' in button.dataset) panel.hidden = true;
  if (doubt !== undefined) toDoubt(state.doubts[doubt]);
  if (at !== undefined) hear(+at, +at + 6000);
  if ('drop' in button.dataset) button.parentElement.remove();
  if (dismiss) act(() => ({ dismiss: [dismiss, true] }));
  if ('copy' in button.dataset) navigator.clipboard.writeText(state.drafts.summary).then(() => say('Copied'), () => say('The browser does not allow copying', true));
});
panel.addEventListener('submit', event => {
  event.preventDefault();
  const list = $$('[data-start]', event.target).map(input => [+input.dataset.start, input.value]);
  act(() => ({ chapters: list }));
});

// The bar above, and the row with what can be done.
const bars = make(`<header class="desk" aria-label="Desk"><span class="desk-state" role="status"></span>
<span class="desk-buttons"><button type="button" data-desk="undo" aria-label="Take back">↶</button><button type="button" data-desk="redo" aria-label="Do again">↷</button>
<button type="button" data-desk="doubts">Doubts</button><button type="button" data-desk="drafts">Proposed</button><button type="button" data-desk="warnings">To look at</button>
<button type="button" data-desk="publish">Publish</button><button type="button" data-desk="keys" aria-label="Keys">?</button></span></header>`);
const row = make(`<div class="desk-do" role="toolbar" aria-label="What can be done here">
${audio ? '<button type="button" data-desk="back">−2 s</button>' : ''}<button type="button" data-desk="right" class="desk-right">✓ Right</button><button type="button" data-desk="doubt">Next doubt</button>
<button type="button" data-desk="who">Who</button><button type="button" data-desk="type">Type</button><button type="button" data-desk="split">Split</button><button type="button" data-desk="join">Join</button>
<button type="button" data-desk="earlier" aria-label="The turn begins a word earlier">⇤</button><button type="button" data-desk="later" aria-label="The turn begins a word later">⇥</button>
<button type="button" data-desk="mark">Mark</button><button type="button" data-desk="cut">Cut</button></div>`, dock);
const bar = () => {
  const part = state.spoken_ms ? Math.floor(state.checked_ms / state.spoken_ms * 100) : 0;
  const open = left(), listening = minutes(open.reduce((sum, doubt) => sum + doubt.to_ms - doubt.from_ms, 0));
  const saved = !connected ? 'Not connected: nothing is taken over. Start it again, and open its new address'
    : fault ? `Nothing is taken over: ${fault}`
    : waiting || typed && textOf(typed.p) !== typed.before ? 'Saving …' : 'Saved';
  $('.desk-state').textContent = `${saved} · ${part} % checked${open.length ? ` · ${open.length} doubts, ${listening}` : ''}`;
  bars.classList.toggle('desk-fault', !connected || !!fault);
  for (const way of ['undo', 'redo']) {
    const button = $(`[data-desk=${way}]`);
    button.disabled = !state[way];
    button.title = state[way] ? `${way === 'undo' ? 'Take back' : 'Do again'}: ${state[way]}` : '';
  }
  $('[data-desk=doubts]').hidden = !state.doubts.length;
  $('[data-desk=doubt]').hidden = !state.doubts.length;
  $('[data-desk=drafts]').hidden = !state.drafts.chapters.length && !state.drafts.summary;
  $('[data-desk=warnings]').hidden = !state.warnings.length;
  $('[data-desk=warnings]').textContent = `${state.warnings.length} to look at`;
  $('[data-desk=type]').setAttribute('aria-pressed', !!typed);
};
const publish = async () => {
  await endTyping();
  await queue;
  say('Publishing …', true);
  const { status, said } = await post('/.desk/publish', {}).catch(() => ({ said: { said: 'Not connected' } }));
  say(status === 200 ? `Published: ${said.page}` : said.said, true);
};
const typeHere = () => {
  if (typed) { endTyping(); return; }
  const at = here();
  if (at) beginTyping(at.p, at.word);
};
const deeds = {
  undo, redo, back, right: () => check(true), doubt: () => nextDoubt(1), who: askWho, type: typeHere, split, join, cut, publish, mark: askMark,
  earlier: () => nudge(-1), later: () => nudge(1), doubts: () => toggleShown('doubts'), drafts: () => toggleShown('drafts'),
  warnings: () => toggleShown('warnings'), keys: () => keys.showModal(),
};
// The words that are selected, or typed in, stay so while a button is pressed.
for (const place of [bars, row]) place.addEventListener('pointerdown', event => event.preventDefault());
document.addEventListener('click', event => {
  const button = event.target.closest('[data-desk]');
  if (button) deeds[button.dataset.desk]();
});

// Keys.
const LIST = [
  ['Space k', 'play or pause'], ['b', 'back 2 seconds'], ['n N', 'next doubt, the one before'], ['t T', 'next speaker, the one before'],
  ['↓ ↑', 'next paragraph, the one before'], ['y', 'it is right: checked by ear, and on'], ['Y', 'not checked after all'],
  ['e', 'type here; a double click does it, too'], ['w', 'who says this, or the selected words'], ['Enter', 'a paragraph begins with this word'],
  ['Backspace', 'this paragraph joins the one before'], [', .', 'the turn begins a word earlier, later'], ['x', 'cut the selected words, or the paragraph'],
  ['m', 'mark the selected words: read aloud, or to be shared'], ['u Ctrl+Z', 'take back'], ['U Ctrl+Y', 'do again'], ['d', 'the doubts'], ['? h', 'these keys'],
];
const TYPING = [['Enter', 'a paragraph begins here'], ['Backspace', 'at the beginning: joins the paragraph before'], ['Tab', 'play or pause'], ['Shift+Tab', 'back 2 seconds'], ['Escape', 'done']];
const rows = list => list.map(([keys, what]) => `<div><dt>${keys.split(' ').map(key => `<kbd>${key}</kbd>`).join(' ')}</dt><dd>${what}</dd></div>`).join('');
const keys = make(`<dialog class="desk-ask desk-keys" aria-labelledby="keys-h"><form method="dialog"><h2 id="keys-h">Keys of the desk</h2><dl>${rows(LIST)}</dl>
<h2>While typing</h2><dl>${rows(TYPING)}</dl><p>All else is as on the page. Every change is in edits.toml at once.</p><button>Done</button></form></dialog>`);
const strokes = {
  ' ': toggle, k: toggle, b: back, n: () => nextDoubt(1), N: () => nextDoubt(-1), t: () => nextTurn(1), T: () => nextTurn(-1),
  ArrowDown: () => next(1), ArrowUp: () => next(-1), y: () => check(true), Y: () => check(false), e: typeHere, w: askWho, Enter: split, Backspace: join,
  ',': () => nudge(-1), '.': () => nudge(1), x: cut, m: askMark, u: undo, U: redo, d: deeds.doubts, '?': deeds.keys, h: deeds.keys,
};
const typing = event => {
  const { key } = event;
  if (key === 'Enter') splitAtCaret();
  else if (key === 'Escape') endTyping();
  else if (key === 'Tab') { if (event.shiftKey) back(); else toggle(); }
  else if (key === 'Backspace' && getSelection().isCollapsed && caretOf(typed.p) === 0) joinAtCaret();
  else return false;
  return true;
};
addEventListener('keydown', event => {
  const stop = () => { event.preventDefault(); event.stopImmediatePropagation(); };
  const open = $('dialog[open]');
  if (open) {
    const digit = open === who && !event.target.matches('input[list]') && /^[1-9]$/.test(event.key) && state.voices[event.key - 1];
    if (digit) { stop(); giveName(digit.name); } else if (open.matches('.desk-ask')) event.stopPropagation();
    return;
  }
  if ((event.ctrlKey || event.metaKey) && !event.altKey && /^[zy]$/i.test(event.key)) {
    // what was typed and not taken over yet is the browser's
    if (typed && textOf(typed.p) !== typed.before || event.target.closest?.('input')) return;
    stop();
    if (event.key.toLowerCase() === 'y' || event.shiftKey) redo(); else undo();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typed && event.target === typed.p) {
    if (typing(event)) stop(); else event.stopPropagation();
    return;
  }
  if (event.target.closest?.('input, select, textarea')) return;
  if ((event.key === 'Enter' || event.key === ' ') && event.target.closest?.('button, a, summary')) return;
  const stroke = strokes[event.key];
  if (!stroke) return;
  stop();
  stroke();
}, true);

// Ready. What is typed is sent before the page goes.
addEventListener('beforeunload', event => {
  if (typed && textOf(typed.p) !== typed.before || waiting) { commit(); event.preventDefault(); }
});
bar();
mark();
listen();
restoreTyped();
})();
