// Sharing the moment that is heard, and the page as a player within another page: `?embed`.
const isOnWeb = () => /^https?:/.test(address());
const moments = $('[name=from]', sharing);
const sharedLink = query => {
  const from = moments?.checked ? `#t=${clock(at())}` : '';
  return address() + (query ? (address().includes('?') ? '&' : '?') + query : '') + from;
};
const fillShare = () => {
  const link = $('#share-link', sharing), embed = $('#share-embed', sharing);
  link.value = sharedLink();
  if (!embed) return;
  const title = html([$('h1').textContent, $('.show')?.textContent].filter(Boolean).join(' – '));
  embed.value = `<iframe src="${html(sharedLink('embed'))}" title="${title}" width="100%" height="230" allow="autoplay" loading="lazy" style="border: 0"></iframe>`;
};
const share = () => {
  if (moments) {
    moments.checked = at() >= 1;
    $('.moment', sharing).textContent = clock(at());
  }
  for (const given of $$('.given', sharing)) given.hidden = !isOnWeb();
  $('.no-web', sharing).hidden = isOnWeb();
  $('[data-do=send]', sharing).hidden = !navigator.share || !isOnWeb();
  fillShare();
  sharing.showModal();
};
moments?.addEventListener('change', fillShare);
for (const field of $$('.given input, .given textarea', sharing)) field.addEventListener('focus', () => field.select());
const send = () => navigator.share({ title: $('h1').textContent, url: sharedLink() }).catch(() => {});

// In another page there is the player, the words that are spoken, and the way to the whole page.
const CAPTION_WORDS = 16;
const embedded = hears && new URLSearchParams(location.search).has('embed');
const captionOf = i => {
  const own = lit.parentNode;
  // The words of the paragraph in runs: a sentence, or so many words.
  let from = i, first = i;
  while (first > 0 && words[first - 1].parentNode === own) first--;
  let to = from = first;
  for (let n = first; words[n]?.parentNode === own; n++) {
    to = n;
    const isFull = n - from + 1 >= CAPTION_WORDS || /[.!?…。！？]["”’»)]*$/.test(words[n].textContent);
    if (isFull && n >= i) break;
    if (isFull) from = n + 1;
  }
  return [from, to];
};
const embed = () => {
  root.classList.add('embed');
  const make = (tag, className) => Object.assign(document.createElement(tag), { className });
  const head = make('header', 'embed-head'), caption = make('p', 'caption'), link = make('a', '');
  Object.assign(link, { target: '_blank', rel: 'noopener', title: said.whole_page, textContent: $('h1').textContent });
  head.append(link, ' ', $('.show')?.textContent || '');
  caption.lang = root.lang;
  caption.dir = root.dir;
  document.body.prepend(head, caption);
  const whole = location.href.replace(/[?&]embed\b[^&#]*/, '').split('#')[0];
  onWord = () => {
    link.href = `${whole}#t=${clock(at())}`;
    caption.textContent = '';
    if (!lit) return;
    const [from, to] = captionOf(lit.i);
    const who = make('b', lit.closest('.turn')?.className.replace('turn', 'who') || 'who');
    who.textContent = name(lit) + ':';
    caption.append(who);
    for (const word of words.slice(from, to + 1)) {
      const glued = word.previousSibling && word.previousSibling.nodeType !== 3;
      const copy = make('span', word === lit ? 'on' : '');
      copy.textContent = word.textContent;
      caption.append(glued ? '' : ' ', copy);
    }
  };
  onWord();
};
