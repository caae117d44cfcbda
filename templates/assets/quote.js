// Quotes and links out of the page: what is selected, and what is copied of it.
const address = () => ($('link[rel=canonical]')?.href || location.href).split('#')[0];
const moment = t => {
  const thousandths = Math.round(t * 1000) % 1000;
  return clock(t) + (thousandths ? '.' + String(thousandths).padStart(3, '0').replace(/0$/, '') : '');
};
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
// The people of the page by their places in the cast, with what they are.
const cast = $$('.voices li').map(item => ({
  name: $('.name', item).textContent, about: $('p.about', item)?.textContent || '',
}));
// The selected words as `linernotes quote` gives them: with speaker, show, episode, day, time and link.
const quoteOf = ({ from, to }) => {
  const turns = [];
  for (const word of words.slice(from, to + 1)) {
    if (!shown(word)) continue;
    const last = turns.at(-1), turn = word.closest('.turn');
    const space = word.previousSibling?.nodeType === 3 || word.i === from || !word.previousSibling ? ' ' : '';
    if (last && last.turn === turn) last.text += space + word.textContent;
    else turns.push({ turn, speaker: name(word), text: word.textContent });
  }
  const one = new Set(turns.map(turn => turn.speaker)).size < 2;
  const who = turn => cast[turn.turn?.dataset.s] || { name: turn.speaker, about: '' };
  const people = [...new Set(turns.map(turn => who(turn).name))];
  const first = turns.length ? who(turns[0]) : { name: '', about: '' };
  const day = $('.facts time')?.getAttribute('datetime');
  const end = Math.min(times[to + 1] ?? length, times[to] + 2);
  return {
    turns, one, day,
    speaker: one ? [first.name, first.about].filter(Boolean).join(', ')
      : new Intl.ListFormat(said.language).format(people),
    show: $('.show')?.textContent || '',
    title: $('h1').textContent,
    clock: clock(times[from]),
    link: `${address()}#t=${moment(times[from])},${moment(end)}`,
    // Where it is not certain who speaks, the quotation should be heard first.
    doubtful: words.slice(from, to + 1).some(isDoubtful) ? `${clock(times[from])}–${clock(Math.ceil(end))}` : '',
  };
};
const isDoubtful = word => {
  const line = word.parentNode;
  return !$('.st-checked', line) && (word.classList.contains('u') || !!$('.maybe', line));
};
// Speaker, show, episode and day, each set as a form wants it.
const sourceOf = (quote, set, show) => [
  set(quote.speaker), quote.show && show(quote.show), set(`“${quote.title}”`), quote.day && set(quote.day),
].filter(Boolean).join(', ');
const same = text => text;
const html = text => text.replace(/[&<>"]/g, c => `&#${c.charCodeAt()};`);
const marked = text => text.trim().split(/\s+/).join(' ').replace(/[\\`*_[\]<>#&|~]/g, '\\$&');
const plainQuote = quote => quote.turns.map(({ speaker, text }) => `${quote.one ? '' : speaker + ': '}“${text}”\n`).join('')
  + `— ${sourceOf(quote, same, same)}, [${quote.clock}]\n${quote.link}`;
const htmlQuote = quote => `<blockquote cite="${html(quote.link)}">\n`
  + quote.turns.map(({ speaker, text }) => `<p>${quote.one ? '' : `<b>${html(speaker)}:</b> `}${html(text)}</p>\n`).join('')
  + `<footer>— ${sourceOf(quote, html, show => `<cite>${html(show)}</cite>`)}, <a href="${html(quote.link)}">[${quote.clock}]</a></footer>\n</blockquote>`;
const markdownQuote = quote =>
  quote.turns.map(({ speaker, text }) => `> ${quote.one ? '' : `**${marked(speaker)}:** `}${marked(text)}\n>\n`).join('')
  + `> — ${sourceOf(quote, marked, show => `*${marked(show)}*`)}, [\\[${quote.clock}\\]](<${quote.link}>)\n`;
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
    const field = ($('dialog[open]') || document.body).appendChild(document.createElement('textarea'));
    const focus = document.activeElement;
    field.value = plain;
    field.select();
    const worked = document.execCommand('copy');
    field.remove();
    focus?.focus?.({ preventScroll: true });
    if (!worked) return say(said.no_copying);
  }
  say(done);
};
const copyQuote = form => {
  const part = selected();
  if (!part) return;
  const quote = quoteOf(part);
  const done = quote.doubtful ? `${said.quote_copied}. ${said.doubtful} ${quote.doubtful}` : said.quote_copied;
  if (form === 'markdown') copy(markdownQuote(quote), null, done);
  else copy(plainQuote(quote), htmlQuote(quote), done);
};
const copyLink = () => {
  const part = selected();
  if (!part) return;
  const first = words[part.from], line = first.closest('p');
  const whole = !part.range && line.id;
  copy(whole ? `${address()}#${line.id}` : `${address()}#t=${moment(times[part.from])}`, null, said.link_copied);
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
