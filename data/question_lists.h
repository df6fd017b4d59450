/* The words that the rules of questions.c know. Private to it. */
#ifndef QUESTION_LISTS_H
#define QUESTION_LISTS_H

/* What a subject cannot begin with: it points back, or it is no noun phrase. */
static const char no_subject[] =
    "it its this that these whenever wherever whatever whoever wherein whereas those he his she "
    "her they their there here we our you your i my what "
    "who which when where "
    "why how if in on at as but and or so for from with by to of into although though while "
    "because after before during "
    "since until unless some many most another each every both all such other others not only then "
    "thus also among "
    "between first second third finally however therefore instead once next one two three several "
    "few more less much "
    "like unlike despite according under over through today now let note see use using given "
    "another either neither "
    "neither any no nor yet still even just perhaps maybe here's it's that's there's example "
    "examples answer figure "
    "table step part everyone everything nothing something someone anyone people inside outside "
    "within beneath behind beyond among along around across toward throughout via "
    "upon without depending based due according regardless";
/* What it cannot hold. */
static const char no_part[] =
    "that which who whom whose what when where how if because is are was were has have had will "
    "would can could should may might must do does did this these those its his her their our "
    "your he she it they we you i there to in from until since aka by at on with as into than not "
    "also out";
/* What a sentence outside a lead must not say: it would need what stands before it. */
static const char points_back[] = "this these those he she him his her we "
                                  "our us you your i above below following previous "
                                  "earlier figure table chapter section module unit here former "
                                  "latter another such example lesson";
static const char persons[] =
    "actor actress architect artist astronaut athlete author banker "
    "baseball basketball biologist bishop boxer "
    "businessman businesswoman cardinal chef chemist coach comedian "
    "composer conductor cricketer cyclist dancer designer "
    "diplomat director doctor driver economist editor engineer "
    "entrepreneur executive explorer farmer filmmaker footballer "
    "general geologist golfer governor guitarist historian hurler illustrator "
    "inventor investor journalist judge lawyer leader "
    "lecturer librarian linguist mathematician mayor merchant minister "
    "missionary model monk musician musicologist "
    "navigator nobleman noblewoman novelist nun nurse officer painter "
    "pastor philanthropist philosopher photographer "
    "physician physicist pianist pilot player playwright poet politician "
    "president priest prince princess producer "
    "professor programmer psychologist rapper researcher rower runner "
    "sailor scholar scientist screenwriter sculptor "
    "senator singer skater skier sociologist soldier songwriter "
    "statesman storyteller student surgeon swimmer teacher "
    "theologian theorist trader translator violinist wrestler writer "
    "activist critic king queen emperor footballer "
    "woman man girl boy descendant member chief partner manager owner founder official captain "
    "commander admiral colonel knight earl duke baron saint martyr host presenter personality "
    "celebrity drummer bassist vocalist keyboardist comic cartoonist animator columnist blogger "
    "publisher academic botanist zoologist astronomer geographer fighter gymnast jockey defender "
    "midfielder goalkeeper "
    "striker quarterback pitcher umpire referee "
    "attorney barrister solicitor clergyman servant organist trumpeter dramatist youtuber speaker "
    "advocate socialite "
    "courtier heiress dentist veterinarian naturalist aviator sprinter hurdler thrower triathlete "
    "biathlete judoka "
    "weightlifter bodybuilder fencer archer shooter equestrian snowboarder surfer curler "
    "linebacker cornerback lineman "
    "halfback fullback kicker punter catcher outfielder infielder shortstop baseman winger climber "
    "mountaineer justice "
    "puritan pioneer graduate alumnus scout trainer rower canoeist performer entertainer magician "
    "choreographer "
    "filmmaker cinematographer screenwriter songwriter lyricist potter weaver printer engraver "
    "gardener horticulturist "
    "trader broker banker executive consultant analyst adviser advisor ambassador secretary "
    "governor councillor "
    "councilman legislator parliamentarian candidate deputy chancellor rector provost dean "
    "professor "
    "abbot abbess friar rabbi imam cleric preacher evangelist archbishop patriarch pope deacon "
    "canon vicar "
    "rebel outlaw criminal murderer spy pirate hunter settler planter slave merchant adventurer "
    "traveller traveler "
    "son daughter brother sister wife widow father mother nephew niece";
/* Heads that end as of_persons says, and are none. */
static const char no_person[] =
    "list mist twist wrist fist median meridian human woman's assist playlist tracklist checklist "
    "caiman talisman ottoman median obsidian guardian pedestrian";
static const char *const of_persons[] = {"ist",  "ian",     "woman",  "sman",
                                         "yman", "grapher", "keeper", NULL};
/* What ends a noun phrase. */
static const char after_head[] =
    "of in from that which who where for with on by near at to active based located known born "
    "best whose serving representing competing playing specializing working currently living "
    "writing and or";
/* Of words that stand first in a subject, the ends of adjectives of names, and of common nouns. */
static const char *const of_names[] = {"ian", "can", "ean", "ish", "ese", "'s", NULL};
static const char *const of_nouns[] = {"tion", "sion", "ment", "ness",  "ity",    "ism",
                                       "sis",  "ics",  "ing",  "logy",  "ance",   "ence",
                                       "ship", "itis", "ure",  "phase", "graphy", NULL};
static const char names[] =
    "Greek Roman German French Dutch Czech Arab Arabic Islamic Nordic Celtic Slavic Catholic "
    "Jewish "
    "Christian Hindu Buddhist Facebook Google Lyme World Zone Title Type Class Phase";
/* What a name may hold in lower case. */
static const char particles[] = "of the and de von van da do dos das del della delle di du la le "
                                "les el al bin binti ibn y e af "
                                "ten der den zu zur am auf op te -";
static const char no_adverb[] = "family assembly anomaly supply reply butterfly monopoly oligopoly "
                                "jelly belly ally bully rally "
                                "folly lily fly assembly polly melancholy";
/* What says nothing alone. */
static const char general[] =
    "diagnosis treatment infection transmission prevention application station interval cells "
    "research results data method methods process production growth change";
static const char places[] = "airport area bay beach borough bridge building canton cape capital "
                             "castle cathedral cemetery center centre church "
                             "city college commune community congregation constituency country "
                             "county creek district estate farm forest fort gallery "
                             "garden glacier hamlet harbor harbour highway hill hospital hotel "
                             "house island islands lake library locality "
                             "lighthouse mall mansion market monastery monument mosque mountain "
                             "mountains municipality museum neighborhood "
                             "neighbourhood palace parish park peak peninsula plain plateau port "
                             "prison province railway ranch region reserve "
                             "reservoir resort restaurant ridge river road school settlement "
                             "shrine site skyscraper square stadium state station "
                             "street suburb synagogue temple territory theater theatre tower town "
                             "township trail university valley venue village "
                             "volcano ward waterfall winery zoo";
/* What says what the writer thinks of it rather than what it is. */
static const char vague[] = "important very major common good great significant key essential "
                            "critical crucial perfect serious issue problem "
                            "worldwide unsustainable far effort better best much particularly "
                            "popular powerful useful example element factor "
                            "challenge reason cause topic way question concern source goal matter "
                            "consideration aspect fact thing lot result "
                            "central vital necessary valuable helpful interesting difficult "
                            "complex different special new big huge worst fine "
                            "simple typical classic prime possible various";
/* Heads of "the ... of" that define. */
static const char defines[] =
    "study process use amount number rate ability act tendency value measure practice science "
    "state total degree "
    "condition movement branch field transfer loss removal difference ratio belief idea theory "
    "system set point area "
    "region level percentage capacity production formation breakdown distance force period stage "
    "place body group layer "
    "part unit name term sum quantity presence absence lack release flow passage exchange "
    "conversion development growth "
    "change increase decrease reduction scientific systematic art discipline method technique "
    "collection combination "
    "relationship property probability likelihood cost price money income maximum minimum extent "
    "product outermost "
    "largest smallest layer membrane structure region tissue organ muscle bone gland cavity nerve";
static const char adverbs[] =
    "originally first usually often commonly mainly officially typically primarily generally "
    "later initially previously formally frequently normally widely most sometimes";
static const char when_done[] = "founded established opened built released published created "
                                "introduced discovered invented completed formed launched "
                                "incorporated signed adopted constructed premiered ratified "
                                "organized installed abolished demolished destroyed elected "
                                "appointed inaugurated designed written recorded produced "
                                "developed erected dedicated named described";
static const char *const who_did[][2] = {
    {"founded", "founded"},       {"established", "established"},
    {"written", "wrote"},         {"directed", "directed"},
    {"designed", "designed"},     {"created", "created"},
    {"invented", "invented"},     {"discovered", "discovered"},
    {"composed", "composed"},     {"built", "built"},
    {"painted", "painted"},       {"produced", "produced"},
    {"developed", "developed"},   {"published", "published"},
    {"introduced", "introduced"}, {"first described", "first described"}};
static const char how_done[] =
    "made formed produced measured calculated created transmitted caused treated determined "
    "classified divided regulated controlled prevented diagnosed generated obtained organized "
    "synthesized transported absorbed released activated computed expressed financed spread";
static const char how_by[] = "by from when through using with as into in of via";
static const char pronouns[] = "he she it they";

#endif
