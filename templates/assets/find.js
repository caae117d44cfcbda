// Search in the page. Every word may be the beginning of a longer one: “something broken” finds
// “Something's broken”.
let text = '', offsets = [], hits = [], hit = -1, origin = 0;
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
  const query = $('input', find).value.split(/\s+/).map(fold).filter(Boolean);
  const wanted = new RegExp(query.map(word => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('\\S* '), 'g');
  for (const found of query.length ? text.matchAll(wanted) : []) {
    const first = lastUpTo(offsets, found.index), last = lastUpTo(offsets, found.index + found[0].length - 1);
    if (!shown(words[first])) continue;
    hits.push([first, last]);
    if (hits.length === 2000) break;
  }
  for (const [first, last] of hits) for (let i = first; i <= last; i++) words[i].classList.add('hit');
  $('.hits').setAttribute('d', marks(hits.map(([first]) => times[first]), '-4v5'));
  const found = hits.length ? fill(count(said.hits, hits.length), { n: number(hits.length) }) : said.no_hits;
  $('output', find).textContent = query.length ? found : '';
};
// The first hit that does not stand above where the search began; the page goes there while one types.
const firstFrom = top => hits.findIndex(([i]) => words[i].getBoundingClientRect().top + scrollY >= top);
const typed = () => {
  search();
  if (hits.length) visit(Math.max(firstFrom(origin), 0));
  else if (!$('input', find).value) scrollTo({ top: origin });
};
const go = step => {
  if (!hits.length) return;
  if (hit >= 0) return visit((hit + step + hits.length) % hits.length);
  const first = firstFrom(origin);
  visit(step > 0 ? Math.max(first, 0) : ((first < 0 ? hits.length : first) - 1 + hits.length) % hits.length);
};
const visit = next => {
  for (const word of $$('.here', body)) word.classList.remove('here');
  hit = next;
  for (let i = hits[hit][0]; i <= hits[hit][1]; i++) words[i].classList.add('here');
  away = true;
  reveal(words[hits[hit][0]]);
  $('output', find).textContent = fill(said.hit, { n: number(hit + 1), all: number(hits.length) });
};
const setFinding = open => {
  if (open && find.hidden) origin = scrollY;
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
$('input', find).addEventListener('input', () => { clearTimeout(findTimer); findTimer = setTimeout(typed, 100); });
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
