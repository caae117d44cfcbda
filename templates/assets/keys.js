// Buttons and keys, and the start.
const deeds = {
  toggle, back: () => seek(at() - 15), on: () => seek(at() + 30),
  follow: () => setFollowing(!following),
  find: () => setFinding(find.hidden), close: () => setFinding(false), previous: () => { if (hit < 0) search(); go(-1); },
  settings: () => dialog.showModal(),
  quote: copyQuote, markdown: () => copyQuote('markdown'), link: copyLink,
  mute: () => mute(!audio.muted), share, send,
  'copy-link': () => copy($('#share-link').value, null, said.link_copied),
  'copy-embed': () => copy($('#share-embed').value, null, said.copied),
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
  f: () => hears && deeds.follow(), m: () => hears && deeds.mute(), s: share,
  '/': () => setFinding(true), q: () => copyQuote(), c: copyLink, '?': deeds.settings,
};
strokes['='] = strokes['+'];
addEventListener('keydown', event => {
  if (event.key !== 'Unidentified') root.classList.add('keyed');
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || dialog.open || sharing.open) return;
  const typing = event.target.closest?.('input:not([type=range]):not([type=checkbox]), select, textarea, [contenteditable]');
  if (typing) return;
  if (event.key === ' ' && event.target.closest?.('button, a, input, audio, summary')) return;
  if (['PageDown', 'PageUp', 'Home', 'End', 'ArrowDown', 'ArrowUp'].includes(event.key)) leave();
  const stroke = keys.checked && strokes[event.key];
  if (!stroke) return;
  event.preventDefault();
  stroke();
});
for (const box of [dialog, sharing]) box.addEventListener('click', event => { if (event.target === box) box.close(); });

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
for (const link of $$('.skip[hidden]')) {
  link.hidden = false;
  link.addEventListener('click', event => { event.preventDefault(); ($('.play') || dock).focus(); });
}
measure();
new ResizeObserver(measure).observe(dock);
if (embedded) embed();
if (hears) {
  // What went wrong, or was loaded, before this script ran is told by no event.
  if (audio.error || audio.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) failed();
  ready();
}
if (!arrive()) {
  const last = hears && !embedded ? +stored('at ' + location.pathname) : 0;
  if (last > 30) {
    history.scrollRestoration = 'manual';
    seek(last);
    if (lit) reveal(lit);
    say(fill(said.goes_on, { time: clock(last) }));
  } else {
    show(0);
  }
}
