/* Music, stories, shows, games, sport and fun. */
#include "synth.h"

/* clang-format off */
const synth_intent synth_leisure[] = {
  {"play_song", "song",
   "play {song}|play the song {song}|put on {song}|I want to hear {song}.|start {song}|"
   "Can we listen to {song}?|queue up {song}|I'm in the mood for {song}.",
   "Playing {song} for you now.|Here comes {song}, enjoy.|Okay, {song} is up next.",
   "Turn it up if you like it.|Say next when you want a change.|I'll find similar songs afterward.", NULL},
  {"play_band", "band",
   "play something by {band}|put on some {band}|I want to listen to {band}.|"
   "play the new album by {band}|shuffle songs by {band}|What's the best song by {band}?|"
   "play {band}|Have you got anything by {band}?",
   "Playing songs by {band}.|Music by {band}, coming up.|Let's hear some {band} together.|"
   "I'm starting with the songs by {band} that people play most often.",
   "I'll mix old and new ones.|Say louder or softer at any time.", NULL},
  {"play_genre", "genre",
   "play some {genre}|I'm in the mood for {genre}.|put on {genre}|start a {genre} playlist|"
   "Let's hear {genre} in the {room}.|I feel like {genre}.|find me some good {genre}|"
   "How about some {genre}?",
   "Some {genre}, coming right up.|Playing {genre} for you now.|Here's a mix of {genre}.",
   "I'll keep it flowing until you say stop.|Like a track and I'll learn your taste.", NULL},
  {"play_mood", "scene",
   "play music for {scene}|I need a playlist for {scene}.|make a playlist for {scene}|"
   "What music fits {scene}?|put on something for {scene}|find songs for {scene}",
   "Music for {scene}, coming up.|A playlist for {scene}, let me mix.|"
   "Setting the tone for {scene}.",
   "I'll start gently and build from there.|Tell me if it should be livelier.", NULL},
  {"song_about", "song",
   "Who sings {song}?|What's the story behind {song}?|add {song} to my playlist|"
   "When did {song} come out?|find the lyrics of {song}|What album is {song} on?|"
   "save {song} for later|I love {song}, find more like it.",
   "Looking up {song} for you.|About {song}, one moment.|Let me find {song} in the library.",
   "I'll add it to your favorites too.|There may be several versions.", NULL},
  {"band_about", "band",
   "What do you know about {band}?|tell me about {band}|When is the next concert by {band}?|"
   "get me tickets for {band}|Is there a concert by {band} {day}?|"
   "What kind of music is {band} known for?|follow {band}|find concerts by {band}",
   "Catching up on {band} for you.|News about {band}, one moment.|Let me look up {band} for you.",
   "I'll look at dates close to home first.|I'll tell you when tickets go on sale.", NULL},
  {"podcast", "podcast",
   "play the podcast {podcast}|put on the latest episode of {podcast}|"
   "I want to listen to {podcast}.|resume {podcast}|subscribe to {podcast}|"
   "Is there a new episode of {podcast}?|play {podcast} from the start|What's {podcast} about?",
   "Playing {podcast} for you.|The latest from {podcast}, coming up.|"
   "Here's a fresh episode: {podcast}.",
   "I'll pick up where you left off.|Say skip to jump ahead.", NULL},
  {"movie_find", "movie",
   "Where can I watch {movie}?|play the movie {movie}|Is {movie} any good?|What's {movie} about?|"
   "When does {movie} start {day}?|get tickets for {movie}|I want to see {movie}.|"
   "Who plays in {movie}?",
   "Looking up {movie} for you.|Let me find {movie} tonight.|You want {movie}, popcorn ready?|"
   "Before you watch {movie}, let me see where it's showing and what it costs.",
   "I won't give away the ending.|I'll check the cinema and your streaming apps.", NULL},
  {"show", "show",
   "play the next episode of {show}|When is {show} on?|remind me when {show} starts|"
   "Is there a new season of {show}?|put on {show}|What happened last time on {show}?|"
   "I'd like to watch {show}.|Who is in {show}?",
   "Finding {show} for you.|The next episode of {show}, here we go.|"
   "Let me look for {show} right now.",
   "No spoilers from me.|I'll dim the lights if you like.", NULL},
  {"book_find", "book",
   "find the book {book}|Who wrote {book}?|Is {book} worth reading?|add {book} to my reading list|"
   "What's {book} about?|read me {book}|Does the library have {book}?|I just finished {book}.",
   "Looking for {book} right now.|Let me find {book} for you.|"
   "The book is called {book}, checking now.|"
   "I'm checking whether {book} is at the library or ready to listen to.",
   "I'll check the library and the audiobook.|Want a few pages first?", NULL},
  {"book_log", "book",
   "I'm reading {book}.|mark {book} as read|I'm halfway through {book}.|"
   "remind me to read {book} at {time}|log twenty pages of {book}|continue {book} where I stopped",
   "Enjoy reading {book}, no rush.|Reading log updated: {book}.|Keeping your place in {book}.",
   "I'll remember the page.|How do you like it so far?", NULL},
  {"joke_animal", "animal",
   "tell me a joke about {a animal}|Do you know a joke with {a animal}?|"
   "make me laugh with {a animal}|I need a joke about {a animal}.|give me a pun about {a animal}|"
   "What's a funny joke about {a animal}?|cheer me up with {a animal} joke",
   "A joke about {a animal}, here goes.|So {a animal} walks into a bar.|"
   "Okay, {a animal} joke, get ready.",
   "The bartender says: we don't get many of you in here. I'm not surprised, at these prices.|"
   "It's short, silly and safe for children.", NULL},
  {"story", "animal",
   "tell me a story about {a animal}|Bedtime story with {a animal}|make up a tale about {a animal}|"
   "My daughter wants a story about {a animal}.|I'd love a short story about {a animal}.|"
   "invent a story with {a animal} in it|Once upon a time there was {a animal}, go on.",
   "Once there lived {a animal} named Tilly.|A story about {a animal}, gather round.|"
   "Long ago, {a animal} set out alone.",
   "Every evening it climbed the hill to count the lights in the valley.|"
   "One night the wind brought a letter with no name on it.", NULL},
  {"poem", "hobby",
   "write me a poem about {hobby}|give me a short poem on {hobby}|I need a rhyme about {hobby}.|"
   "A haiku about {hobby} please|Can you rhyme something on {hobby}?|write two lines about {hobby}",
   "A few lines on {hobby}, with pleasure.|A poem about {hobby}, let me try.|"
   "For the love of {hobby}, listen.",
   "Slow hands, quiet light, and time that forgets to hurry.|"
   "I'll keep it short and let it breathe.", NULL},
  {"game_rules", "game",
   "How do you play {game}?|Rules of {game}|teach me {game}|How many people can play {game}?|"
   "explain {game} to me|What's the goal of {game}?|I've never played {game}.|"
   "settle a question about {game}",
   "Let me explain {game} quickly.|The rules of {game}, in short.|Playing {game} is easy to learn.|"
   "In {game}, the best way to learn is to play one open round together.",
   "We'll go through a practice round first.|House rules are fine if all agree.", NULL},
  {"game_play", "game",
   "Let's play {game}.|Want to play {game}?|I'm bored, let's play {game}.|start a game of {game}|"
   "challenge me to {game}|find someone for {game}|How do I win at {game}?|"
   "give me a tip for {game}",
   "A round of {game}, I'm in!|Let's play {game}, you begin.|At {game}, patience wins.",
   "No hints unless you ask for one.|Best of three?", NULL},
  {"trivia", "topic",
   "quiz me about {topic}|ask me a question on {topic}|Trivia about {topic}|"
   "I want a quiz on {topic}.|test what I know about {topic}|give me a riddle about {topic}|"
   "How much do I know about {topic}?",
   "A quiz about {topic}, let's go!|First question on {topic}, ready?|"
   "Testing you on {topic}, good luck.",
   "Three easy ones, then a hard one.|Say pass if you're stuck.", NULL},
  {"fun_fact", "topic",
   "tell me a fun fact about {topic}|surprise me with something about {topic}|"
   "Do you know anything odd about {topic}?|teach me something new about {topic}|"
   "What's interesting about {topic}?|Something I don't know about {topic} please",
   "Something fun about {topic}, sure.|Here's one about {topic}, listen.|"
   "People who love {topic} know this.",
   "I'll double-check it before I swear to it.|There's always more to find out.", NULL},
  {"sport_rules", "sport",
   "What are the rules of {sport}?|How does scoring work in {sport}?|explain {sport} to me|"
   "How long is a match in {sport}?|I don't understand {sport}.|teach me the basics of {sport}|"
   "How many players are there in {sport}?|What do I need to play {sport}?",
   "The basics of {sport} are simple.|Let me explain how {sport} works.|"
   "In {sport}, timing is everything.|"
   "The rules of {sport} make sense as soon as you watch a match with a fan.",
   "Watch one match with someone who loves it.|I'll start with how a point is won.", NULL},
  {"sport_watch", "sport",
   "Is there any {sport} on tonight?|When is the next {sport} match?|find {sport} on TV|"
   "Where can I watch {sport}?|show me {sport} highlights|Who won in {sport} yesterday?|"
   "Any {sport} news?|remind me when the {sport} starts",
   "Checking the {sport} program for you.|Let me find some {sport} to watch.|"
   "The latest in {sport}, one moment.",
   "I'll hide the scores if you prefer.|I'll set a reminder ten minutes ahead.", NULL},
  {"team_score", "team",
   "Did {team} win?|Score of {team}|What's the score for {team}?|How did {team} play?|"
   "tell me the result for {team}|When do {team} play next?|Are {team} playing {day}?|"
   "keep me posted on {team}",
   "Checking the score for {team}.|Let me see how {team} did.|News on {team}, one moment.",
   "I'll buzz when somebody scores.|Fingers crossed.", NULL},
  {"team_tickets", "team",
   "get me tickets for {team}|How much are tickets for {team}?|I want to see {team} play {day}.|"
   "book two seats for {team}|follow {team}|Where do {team} play?|"
   "When is the next home game of {team}?",
   "Looking for seats to see {team}.|Seeing {team} live, great idea!|"
   "Tickets for {team}, let me look.",
   "I'll compare a few spots in the stands.|The train is easier than parking.", NULL},
  {"instrument_learn", "instrument",
   "How do I learn the {instrument}?|Is the {instrument} hard to play?|"
   "find a teacher for the {instrument}|I want to play the {instrument}.|"
   "How do I tune {a instrument}?|What's a good {instrument} for beginners?|"
   "give me a practice plan for the {instrument}|How do I clean {a instrument}?",
   "Learning the {instrument} is a joy.|For the {instrument}, play a little daily.|"
   "Picking up the {instrument}, wonderful!|"
   "With the {instrument}, ten slow minutes a day will carry you a long way.",
   "Slow and clean beats fast and blurry.|Record yourself once a week.", NULL},
  {"instrument_sound", "instrument",
   "What does {a instrument} sound like?|play some {instrument} music|let me hear {a instrument}|"
   "tune my {instrument}|give me a note to tune the {instrument}|"
   "Who are famous {instrument} players?|find a song with {a instrument} solo",
   "The sound of {a instrument}, listen.|Some {instrument} music, coming up.|"
   "Let me find {a instrument} recording.",
   "Close your eyes for the first minute.|Headphones make it even better.", NULL},
  {"hobby_start", "hobby",
   "How do I get into {hobby}?|I'd like to try {hobby}.|What do I need for {hobby}?|"
   "Tips for {hobby}|Is {hobby} expensive?|find a club for {hobby} near me|"
   "I need ideas for {hobby}.|What's fun about {hobby}?",
   "Getting into {hobby} is easy.|Trying {hobby} sounds like fun.|"
   "For {hobby}, borrow before you buy.|"
   "The nice thing about {hobby} is that you can begin with very little.",
   "Join a local group and ask lots of questions.|Start with one small project this week.", NULL},
  {"photo", "animal",
   "take a picture of that {animal}|Is that {a animal}?|What animal is this, {a animal}?|"
   "identify this, I think it's {a animal}|zoom in on the {animal}|"
   "I want a photo of that {animal}.",
   "Zooming in on the {animal}.|Let me look at that {animal}.|"
   "That could be {a animal}, hold still.",
   "Keep your hand steady for a second.|I'll compare it with pictures I know.", NULL},
  {"event_near", "hobby",
   "Are there any events for {hobby} {day}?|find a class for {hobby}|"
   "Where do people meet for {hobby}?|show me groups for {hobby}|"
   "I want to meet people into {hobby}.|Is anything on for {hobby} this month?",
   "Looking for {hobby} events nearby.|People into {hobby} meet more than you'd think.|"
   "Finding others who enjoy {hobby}.",
   "I'll check the library and the community center.|First visits are often free.", NULL},
  {"costume", "animal",
   "How do I make {a animal} costume?|I want to go as {a animal}.|"
   "My son wants to dress up as {a animal}.|How do I draw {a animal}?|"
   "teach me to fold {a animal} from paper|paint my face like {a animal}",
   "Turning into {a animal} is fun.|Making {a animal} starts with the ears.|"
   "Let's create {a animal} together.",
   "Cardboard, tape and old clothes go far.|Start with simple shapes, then add details.", NULL},
  {0}};
