// Links into the page: `#t=00:18:39`, `#t=1119.5,1124`, `#t-00-18-39`, `#c-00-18-17`.
const seconds = text => text.split(':').reduce((sum, part) => sum * 60 + +part, 0);
const target = () => {
  const hash = decodeURIComponent(location.hash.slice(1));
  let found = /^t=([\d:.]+)(?:,([\d:.]+))?$/.exec(hash);
  if (found) {
    const from = seconds(found[1]), [, digits = ''] = found[1].split('.');
    return isFinite(from) ? { from, to: found[2] ? seconds(found[2]) : from, grain: 10 ** -digits.length } : null;
  }
  found = /^([tc])-(\d+)-(\d\d)-(\d\d)(?:-\d+)?$/.exec(hash);
  if (!found) return null;
  const element = document.getElementById(hash);
  const from = element?.dataset.t ? lineTime(element) : seconds(found.slice(2, 5).join(':'));
  return { from, element, grain: 1 };
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
  // A link means the first word of the second, or of the part of one, that it names.
  const first = lastUpTo(times, goal.from - .0005) + 1;
  const inIt = times[first] < goal.from + goal.grain - .0005;
  const index = inIt ? first : Math.max(lastUpTo(times, goal.from), 0);
  if (goal.to !== undefined && words.length) cite(index, Math.max(lastUpTo(times, goal.to - .0005), index));
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
    const listed = new Intl.ListFormat(said.language).format(names);
    filtered.append(fill(count(said.only, names.length), { names: listed }), ' ');
    const all = document.createElement('button');
    all.type = 'button';
    all.textContent = said.everybody;
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
