// Playing: where the player is, how fast, how loud and how long; the timeline; the spoken word.
const hears = !!audio;
let position = 0, wanted = null, ready = () => {};
const at = () => hears ? wanted ?? audio.currentTime : position;
const seek = t => {
  t = Math.min(Math.max(t, 0), length || t);
  position = t;
  if (hears) {
    if (audio.readyState) jump(t); else wanted = t;
  }
  sleepsAfter = lastUpTo(chapterTimes, t);
  show(t);
};
// A server that sends a file from its start only cannot be jumped in; the browser stays where it can.
let aimed = null;
const jump = t => { aimed = t; audio.currentTime = t; };
const landed = () => {
  if (aimed !== null) {
    const isShort = Math.min(aimed, audio.duration) - audio.currentTime > 3;
    complain(isShort ? fill(said.seeking_failed, { time: clock(audio.currentTime) }) : '');
  }
  aimed = null;
  show(audio.currentTime);
};
// What stands between a listener and the sound stays on the page until it is over.
const trouble = $('.trouble');
const complain = text => { trouble.textContent = text; trouble.hidden = !text; measure(); };
const failed = () => complain(said.loading_failed);
const play = () => hears && audio.play().catch(fault => {
  if (fault.name === 'NotSupportedError') failed();
  else if (fault.name !== 'AbortError') say(said.playing_failed);
});
const toggle = () => hears && (audio.paused ? play() : audio.pause());
const playFrom = t => { away = false; seek(t); play(); };
const speeds = hears ? $$('.speed option').map(option => +option.value) : [];
const speed = value => {
  audio.playbackRate = value;
  $('.speed').value = String(value);
  stored('speed', value);
};
const loudness = $('.volume input');
const volume = value => {
  audio.volume = value / 100;
  loudness.value = value;
  const percent = new Intl.NumberFormat(said.language, { style: 'percent' }).format(value / 100);
  loudness.setAttribute('aria-valuetext', percent);
  stored('volume', value);
};
const mute = value => {
  audio.muted = value;
  const button = $('[data-do=mute]');
  button.setAttribute('aria-pressed', value);
  $('use', button).setAttribute('href', value ? '#i-mute' : '#i-sound');
};

// The sleep timer: at a time of day, or after the chapter in which one is.
const sleep = $('#sleep');
let sleepsAt = null, sleepsAfter = -1;
const setSleep = value => {
  sleep.value = value;
  sleepsAt = +value ? Date.now() + value * 60000 : null;
  sleepsAfter = lastUpTo(chapterTimes, at());
  root.classList.toggle('sleepy', value !== '0');
};
const fallAsleep = () => {
  const over = sleepsAt !== null && Date.now() >= sleepsAt
    || sleep.value === 'chapter' && lastUpTo(chapterTimes, audio.currentTime) > sleepsAfter;
  if (!over) return;
  audio.pause();
  setSleep('0');
  say(said.slept);
};
const chapters = $$('.chapters a');
const chapterTimes = chapters.map(link => link.dataset.t / 100);
const chapter = step => {
  const now = lastUpTo(chapterTimes, at() - (step < 0 ? 3 : 0));
  const next = Math.max(step < 0 ? now : now + 1, 0);
  if (next < chapters.length) { away = false; seek(chapterTimes[next]); }
};

// The word that is spoken, and the page that follows it.
let lit = null, litLine = null, following = stored('follow') !== 'off', away = false, chapterNow = -2, drawn = -1, spokenSecond = '';
let onWord = () => {};
const show = t => {
  const word = words[lastUpTo(times, t + .05)];
  if (word !== lit) {
    lit?.classList.remove('on');
    word?.classList.add('on');
    lit = word;
    litLine = word?.closest('p');
    follow();
    onWord();
  }
  if (Math.abs(t - drawn) > length / 4000) {
    drawn = t;
    slider.value = t * 100;
    track.style.setProperty('--at', Math.min(t / (length || 1), 1) * 100 + '%');
  }
  const second = clock(t);
  if (spokenSecond !== second) {
    spokenSecond = second;
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
  say(value ? said.following : said.not_following);
  follow();
};
if (hears) {
  audio.controls = false;
  const state = () => {
    const button = $('.play');
    button.setAttribute('aria-label', audio.paused ? button.dataset.play : button.dataset.pause);
    $('use', button).setAttribute('href', audio.paused ? '#i-play' : '#i-pause');
    follow();
  };
  ready = () => {
    if (!audio.readyState) return;
    complain('');
    if (wanted !== null) { jump(wanted); wanted = null; }
  };
  const frame = () => {
    show(audio.currentTime);
    if (!audio.paused) requestAnimationFrame(frame);
  };
  let kept = 0;
  audio.addEventListener('play', () => {
    if (sleepsAt !== null && Date.now() >= sleepsAt) setSleep('0');
    state();
    frame();
  });
  for (const kind of ['pause', 'ended']) audio.addEventListener(kind, state);
  audio.addEventListener('loadedmetadata', ready);
  audio.addEventListener('seeked', landed);
  audio.addEventListener('timeupdate', () => {
    if (!audio.paused) fallAsleep();
    if (audio.paused || Math.abs(audio.currentTime - kept) < 5) return;
    kept = audio.currentTime;
    stored('at ' + location.pathname, audio.ended || length - kept < 15 ? 0 : kept.toFixed(1));
  });
  audio.addEventListener('error', failed);
  speed(speeds.includes(+stored('speed')) ? +stored('speed') : 1);
  $('.speed').addEventListener('change', event => speed(+event.target.value));
  // Some devices let no page change how loud they are.
  audio.volume = .5;
  $('.volume').hidden = audio.volume !== .5;
  volume(Math.min(Math.max(+(stored('volume') ?? 100) || 0, 0), 100));
  loudness.addEventListener('input', () => { mute(false); volume(+loudness.value); });
  sleep.addEventListener('change', () => {
    setSleep(sleep.value);
    const time = sleep.selectedOptions[0].textContent;
    say(sleepsAt !== null ? fill(said.sleep_set, { time }) : sleep.value === '0' ? said.sleep_off : said.sleep_chapter);
  });
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
