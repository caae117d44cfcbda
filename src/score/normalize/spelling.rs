//! British spellings become American, by word families: a stem, and the endings that it takes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Stems of verbs in `-ise` whose American form has `-ize`.
const ISE: &str = "accessor agon americ anaesthet apolog author bapt brutal canon capital categor \
    central character civil collectiv colon commercial computer critic crystall custom decentral \
    deciv dehuman demilitar democrat demon demoral destabil digit disorgan dramat econom emphas \
    energ equal etern external factor familiar fantas fertil final formal fratern galvan general \
    glamor global harmon homogen hospital human hypnot ideal idol immobil immortal immun \
    individual industrial institutional internal international italic item jeopard legal \
    legitim liberal liquid local magnet marginal material maxim mechan memor mesmer milit militar \
    minim mobil modern monopol moral national natural neutral normal optim organ ostrac oxid \
    pasteur patron pedestrian penal personal plagiar polar polit popular pressur prior privat \
    proselyt public pulver radical random rational real recogn reorgan revital revolution \
    rhapsod roman rubber sanit satir scandal scrutin secular sensational sensit serial social \
    soliloqu special stabil standard steril stigmat subsid summar symbol sympath synchron \
    synthes systemat tantal temporar terror theor trivial tyrann urban util vandal vapor verbal \
    victim visual vital vocal vulcan western woman acclimat allegor amort antagon \
    atom author automat caramel cauter christian commun compartmental \
    contextual crimin criminal demobil denational deodor depersonal \
    deput desensit dynam editorial empath epitom equal evangel experimental fictional \
    fossil galvan ghetto hybrid hypothes initial ion \
    lion lobotom marginal mesmer metabol miniatur moistur monet motor \
    novel organ parenthes \
    particular pauper philosoph politic privat professional propagand \
    pulver rational reorgan revital romantic satir sermon \
    sexual social solemn special spiritual standard strateg \
    summar sympath tender traumat unionis union \
    urban verbal visual vocal priorit eulog vulgar cannibal conceptual appet bastard bowdler tempor";

/// Stems in `-our` whose American form has `-or`.
const OUR: &str = "arbour ardour armour behaviour candour clamour clangour colour demeanour \
    discolour dishonour disfavour enamour endeavour favour fervour flavour harbour honour humour \
    labour misbehaviour misdemeanour neighbour odour parlour rancour rigour rumour saviour \
    savour splendour succour technicolour tricolour tumour valour vapour vigour watercolour";

/// Verbs that double their last consonant in British spelling only.
const DOUBLED: &str = "apparel bevel cancel carol channel chisel counsel dial dishevel duel enamel \
    equal fuel funnel gambol grovel hovel imperil initial jewel kennel label laurel level \
    libel marshal marvel medal model panel pedal pencil peril pummel quarrel ravel refuel \
    remodel revel rival shovel shrivel signal snivel spiral stencil swivel total towel trammel \
    travel trowel tunnel unravel yodel bedevil backpedal snorkel tassel dowel parcel squirrel gruel";

/// Words with nothing in common but the sea between them; `cause` is the public tool's own, for
/// `'cause`, and is kept so that figures agree.
const SINGLE: &str = "aeroplane airplane|aeroplanes airplanes|aesthetic esthetic|aesthetics \
    esthetics|ageing aging|aluminium aluminum|anaemia anemia|anaemic anemic|\
    anaesthesia anesthesia|anaesthetic anesthetic|analogue analog|analogues analogs|analyse \
    analyze|analysed analyzed|analysing analyzing|annexe annex|archaeologist \
    archeologist|archaeology archeology|archaeological archeological|artefact artifact|artefacts \
    artifacts|axe ax|marvellous marvelous|marvellously marvelously|calibre caliber|callisthenics calisthenics|catalogue catalog|catalogued \
    cataloged|catalogues catalogs|cause because|catalyse catalyze|catalysed catalyzed|centimetre centimeter|\
    centimetres centimeters|centre center|centred centered|centrefold centerfold|centrepiece \
    centerpiece|centres centers|cheque check|chequebook checkbook|chequered checkered|cheques \
    checks|chilli chili|cosier cozier|cosily cozily|cosiness coziness|cosy cozy|defence defense|\
    defenceless defenseless|defences defenses|dialogue dialog|dialogues dialogs|diarrhoea \
    diarrhea|draught draft|draughts drafts|draughty drafty|encyclopaedia encyclopedia|enrol \
    enroll|enrolment enrollment|enrols enrolls|epilogue epilog|faeces feces|fibre fiber|\
    fibreglass fiberglass|fibres fibers|foetal fetal|foetus fetus|fulfil fulfill|fulfilment \
    fulfillment|fulfils fulfills|gaol jail|gaoler jailer|glycerine glycerin|goitre goiter|gramme \
    gram|grammes grams|grey gray|greyed grayed|greying graying|greyish grayish|greyness grayness|\
    greys grays|gynaecologist gynecologist|haematology hematology|haemoglobin hemoglobin|haemorrhage hemorrhage|\
    homoeopathy homeopathy|instil instill|jewellery jewelry|instils instills|judgement judgment|judgements \
    judgments|kerb curb|kilometre kilometer|kilometres kilometers|leukaemia leukemia|likeable likable|licence \
    license|licences licenses|litre liter|litres liters|louvre louver|lustre luster|manoeuvre \
    maneuver|manoeuvred maneuvered|manoeuvres maneuvers|manoeuvring maneuvering|meagre meager|\
    mediaeval medieval|metre meter|metres meters|millimetre millimeter|millimetres millimeters|\
    mould mold|moulded molded|moulding molding|moulds molds|mouldy moldy|moult molt|moustache \
    mustache|moustached mustached|moustaches mustaches|mum mom|mums moms|ochre \
    ocher|oesophagus esophagus|oestrogen estrogen|offence offense|offences offenses|omelette \
    omelet|omelettes omelets|orthopaedic orthopedic|paediatric pediatric|paediatrician \
    pediatrician|paedophile pedophile|palaeontology paleontology|paralyse paralyze|paralysed \
    paralyzed|paralysing paralyzing|plough plow|ploughed plowed|ploughing plowing|ploughman \
    plowman|ploughs plows|practise practice|practised practiced|practises practices|practising \
    practicing|pretence pretense|pretences pretenses|programme program|programmes programs|\
    prologue prolog|pyjamas pajamas|sabre saber|sabres sabers|sceptic skeptic|sceptical skeptical|\
    scepticism skepticism|sceptics skeptics|sceptre scepter|sepulchre sepulcher|skilful skillful|\
    skilfully skillfully|sombre somber|smoulder smolder|smouldered smoldered|smouldering \
    smoldering|snowplough snowplow|spectre specter|spectres specters|speciality specialty|\
    specialities specialties|storey story|storeys stories|sulphate sulfate|sulphur sulfur|\
    sulphuric sulfuric|tranquillise tranquilize|tranquilliser tranquilizer|tranquillity tranquility|theatre theater|theatres theaters|theatregoer theatergoer|titre titer|\
    tonne ton|tonnes tons|travelogue travelog|tyre tire|tyres tires|wilful willful|\
    wilfully willfully|woollen woolen|woollens woolens|yoghurt yogurt";

static AMERICAN: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let mut words = BTreeMap::new();
    let kept = |list: &'static str| list.split_whitespace();
    for stem in kept(ISE) {
        for ending in ["e", "ed", "er", "ers", "es", "ing", "ation", "ations", "able"] {
            words.insert(format!("{stem}is{ending}"), format!("{stem}iz{ending}"));
        }
    }
    for british in kept(OUR).flat_map(|word| [word.to_owned(), format!("un{word}")]) {
        let american = british.trim_end_matches("our").to_owned() + "or";
        for ending in [
            "", "s", "ed", "ing", "er", "ers", "able", "ably", "ful", "fully", "less", "ite",
            "ites", "al", "ally", "hood", "hoods", "ly", "y", "ings", "ism", "itism", "liness",
        ] {
            words.insert(format!("{british}{ending}"), format!("{american}{ending}"));
        }
    }
    for stem in kept(DOUBLED) {
        let last = stem.chars().next_back().unwrap_or('l');
        for ending in ["ed", "ing", "er", "ers", "ings", "or", "ors"] {
            words.insert(format!("{stem}{last}{ending}"), format!("{stem}{ending}"));
        }
    }
    for pair in SINGLE.split('|') {
        if let Some((british, american)) = pair.trim().split_once(char::is_whitespace) {
            words.insert(british.to_owned(), american.trim().to_owned());
        }
    }
    words
});

/// Rewrites lower-case words one by one.
pub(super) fn standardize(text: &str) -> String {
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| AMERICAN.get(word).map_or(word, String::as_str))
        .collect();
    words.join(" ")
}
