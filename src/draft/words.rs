//! The words by which drafts are made. English; in other languages what they find is missing, and the
//! rest holds.

/// What is said where an episode is introduced.
pub(super) const WELCOMES: &[&str] = &[
    "welcome to",
    "you're listening to",
    "this is the",
    "hello and welcome",
    "i'm your host",
    "from the studios",
    "hi, i'm",
];

/// What is said in credits.
pub(super) const CREDITS: &[&str] = &[
    "produced by",
    "is made by",
    "was made by",
    "edited by",
    "music by",
    "music is by",
    "music for the show",
    "thanks for listening",
    "thank you for listening",
    "that's our show",
];

/// What is said where a conversation ends.
pub(super) const GOODBYES: &[&str] = &[
    "thanks for coming",
    "thank you for coming",
    "thanks for joining",
    "thank you for joining",
    "thanks for being",
    "thank you for being",
    "thank you so much",
    "thanks so much",
    "thanks a lot",
    "before we go",
    "wrap up",
    "wrap it up",
    "wrapping up",
    "see you next",
];

/// Words with which a question begins.
pub(super) const INTERROGATIVES: &[&str] = &[
    "what", "what's", "why", "how", "how's", "who", "who's", "when", "where", "which", "is", "are",
    "was", "were", "do", "does", "did", "can", "could", "should", "would", "will", "have", "has",
];

/// Words behind which a thing is named.
pub(super) const BEFORE_A_THING: &[&str] = &[
    "the", "a", "an", "this", "these", "those", "my", "your", "our", "his", "her", "their", "its",
    "of", "about", "for", "with", "in", "on", "from", "by", "into", "some", "any", "every", "each",
    "no", "between", "against", "called", "as", "than", "or", "and", "that", "more", "other",
];

/// Small words that may stand inside the name of a thing.
pub(super) const JOINTS: &[&str] = &["of", "the"];

/// First words of sentences that lean on the one before.
pub(super) const LEANING: &[&str] = &[
    "is",
    "are",
    "was",
    "were",
    "do",
    "does",
    "did",
    "can",
    "could",
    "would",
    "have",
    "how",
    "obviously",
    "again",
    "and",
    "but",
    "so",
    "or",
    "because",
    "it",
    "it's",
    "it'll",
    "that",
    "that's",
    "this",
    "these",
    "those",
    "they",
    "they're",
    "he",
    "he's",
    "she",
    "she's",
    "them",
    "which",
    "yeah",
    "yes",
    "no",
    "well",
    "oh",
    "okay",
    "ok",
    "right",
    "then",
    "there",
    "here",
    "here's",
    "also",
    "like",
    "such",
    "um",
    "uh",
    "exactly",
    "sure",
    "now",
    "thanks",
    "thank",
    "plus",
];

/// What is said in greetings, credits and notices.
pub(super) const NOTICES: &[&str] = &[
    "our theme",
    "theme music",
    "mixed by",
    "show notes",
    "subscribe",
    "sponsor",
    "produced by",
    "edited by",
    "music is by",
    "email us",
    "e-mail us",
    "voicemail",
    "sign up",
    "promo code",
    "welcome to",
    "welcome back",
    "my name is",
    "follow us",
    "leave a review",
    "rate and review",
    "brought to you",
    "our website",
    "listening to",
    "thanks for",
    "thank you for",
    "next week",
    "next month",
    "this podcast",
    "you can find",
    "made by",
    "a podcast",
];

/// What is said where an episode says what it is about.
pub(super) const ANNOUNCES: &[&str] = &[
    "today we",
    "today i",
    "today on",
    "on today's",
    "in this episode",
    "on this episode",
    "this episode is about",
    "this week we",
    "this month we",
    "on the show",
    "we talk about",
    "we talked about",
    "we're talking about",
    "going to talk about",
    "the story of",
    "joins us",
    "sat down with",
];

/// Words with which people say what holds beyond the moment.
pub(super) const GENERAL: &[&str] = &[
    "never",
    "always",
    "every",
    "everyone",
    "everybody",
    "nobody",
    "nothing",
    "only",
    "most",
    "best",
    "worst",
    "than",
    "instead",
    "matters",
    "important",
    "hard",
    "love",
    "hate",
    "afraid",
    "trust",
    "truth",
    "honest",
    "wrong",
    "human",
];

/// Verbs before “by”, and what those are who do it.
pub(super) const DONE: [(&str, &str); 18] = [
    ("produced", "producer"),
    ("co-produced", "co-producer"),
    ("hosted", "host"),
    ("co-hosted", "co-host"),
    ("presented", "host"),
    ("edited", "editor"),
    ("mixed", "audio engineer"),
    ("mastered", "audio engineer"),
    ("engineered", "audio engineer"),
    ("written", "writer"),
    ("reported", "reporter"),
    ("recorded", "audio engineer"),
    ("composed", "composer"),
    ("researched", "researcher"),
    ("illustrated", "cover art designer"),
    ("created", "creator"),
    ("made", "producer"),
    ("scored", "composer"),
];

/// Things that are by somebody.
pub(super) const WORKS: [(&str, &str); 14] = [
    ("music", "Music"),
    ("theme", "Theme"),
    ("song", "Music"),
    ("soundtrack", "Music"),
    ("score", "Music"),
    ("artwork", "Artwork"),
    ("art", "Artwork"),
    ("logo", "Artwork"),
    ("design", "Sound design"),
    ("engineering", "Engineering"),
    ("mixing", "Mixing"),
    ("editing", "Editing"),
    ("production", "Production"),
    ("transcript", "Transcript"),
];

/// Those who do it: “our producer is …”.
pub(super) const ROLES: &[&str] = &[
    "producer",
    "producers",
    "editor",
    "editors",
    "engineer",
    "engineers",
    "composer",
    "host",
    "hosts",
    "director",
];

/// Words that hold sentences together, without apostrophes.
pub(super) const STOP: &str = "a about above actually after again ago all almost already also although always \
    am an and another any anybody anyone anything are around as ask at away back basically be \
    because been before began being below best better between big both but by call came can cant \
    certain certainly come comes coming could couldnt course cuz day definitely did didnt different \
    do does doesnt doing done dont down during each either else end enough especially even ever \
    every everybody everyone everything exactly far feel few find fine first for found from gave \
    get gets getting give given go goes going gone gonna good got gotta great guess guy guys had \
    happen happened happening hard has hasnt have havent having he hed hell hello her here heres \
    hers herself hes hey hi him himself his how however i id if ill im in instead into is isnt it \
    itd itll its ive just keep kept kind kinda knew know knows last later least left less let lets \
    like likely little ll long look looked looking lot lots made make makes making many may maybe \
    me mean means might mine more most mostly much must my myself need needed needs neither never \
    new next nice no nobody none nor not nothing now of off often oh ok okay old on once one ones \
    only onto or other others our ours out over own part people perhaps place point pretty probably \
    put question quite rather re ready real really right said same saw say saying says see seem \
    seemed seems seen sense set shall she shed shes should shouldnt show side since small so some \
    somebody someone something sometimes somewhat soon sort start started still stuff such super \
    sure take taken takes taking talk talked talking tell thank thanks that thatll thats the their \
    theirs them themselves then there theres these they theyd theyll theyre theyve thing things \
    think thinking third this those though thought three through till time times to today together \
    told too took totally tried try trying turn two uh um under until up upon us use used using \
    usually ve very want wanted wants was wasnt way ways we wed week weeks well went were werent \
    weve what whatever whats when where whether which while who whole whos whose why will with \
    within without wont word words would wouldnt wow yeah year years yes yesterday yet you \
    youd youll young your youre yours yourself youve minute minutes hour hours month months";

/// Words that end with a full stop in the middle of a sentence.
pub(super) const ABBREVIATIONS: &[&str] = &[
    "mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "v.", "vs.", "jr.", "sr.", "e.g.", "i.e.", "no.",
    "mt.",
];

/// With these strong words begin or end.
pub(super) const STRONG: &[&str] = &[
    "fuck",
    "shit",
    "cunt",
    "bitch",
    "bastard",
    "asshole",
    "arsehole",
    "bollocks",
    "wanker",
    "dickhead",
    "goddamn",
    "motherfuck",
];

/// Where listeners are told that a link will be.
pub(super) const NOTES: &[&str] =
    &["show notes", "shownotes", "episode notes", "in the notes", "in our notes"];

/// Where they are told so as well, if the sentence speaks of a link.
pub(super) const DESCRIPTIONS: &[&str] =
    &["episode description", "in the description", "description below"];

/// How a link is promised, by somebody who promises.
pub(super) const LINKING: &[&str] =
    &["link to", "link up", "links to", "put a link", "leave a link", "drop a link"];

/// How somebody promises.
pub(super) const PROMISING: &[&str] =
    &["we'll", "i'll", "we will", "i will", "we're going to", "i'm going to", "we've"];

/// Words that send listeners somewhere.
pub(super) const SENDING: &[&str] =
    &["find", "visit", "go", "head", "at", "check", "listen", "read", "subscribe"];

/// How people call their own show.
pub(super) const OUR_SHOW: &[&str] =
    &["this show", "our show", "this episode", "the show", "this podcast", "our theme"];

/// What a question may follow at once: “so what”, “and why”, “know how”.
pub(super) const LEAD_INS: &[&str] =
    &["so", "and", "but", "okay", "well", "now", "then", "know", "me", "us", "about", "like"];
