/* Second turns: a short exchange, then a change or a question that only makes sense after it. */
#include "synth.h"

/* clang-format off */
const synth_intent synth_follow[] = {
  {"then_timer", "duration",
   "make it {duration}|No, {duration} please.|change that to {duration}|Actually, {duration}.|"
   "I meant {duration}.|Better make that {duration}.|Sorry, it should be {duration}.|"
   "Let's say {duration}.",
   "Changed to {duration}, starting now.|Okay, {duration} it is then.|"
   "Your timer is now {duration}.",
   "The old time is gone.|I'll ring when it's up.",
   "set a timer for {duration2}|Setting a timer for {duration2}. I'll let you know when it's done.|"
   "start a timer for {duration2}|"
   "Timer set: {duration2}, starting now. Ask me any time how much is left."},
  {"then_alarm", "time",
   "make it {time}|No, {time} instead.|That's too early, {time} is better.|change it to {time}|"
   "Actually, wake me at {time}.|I'd rather have {time}.|Hmm, {time} would be enough.|"
   "Let's do {time}.",
   "Moved your alarm to {time}.|Okay, waking you at {time}.|It's {time} now, sleep well.",
   "Good night until then.|The earlier one is gone.",
   "wake me up at {time2}|Your alarm is set for {time2}. I'll start softly.|"
   "set an alarm for {time2}|Alarm on for {time2}, sleep well."},
  {"then_when", "when",
   "Better {when}.|make that {when}|Actually, {when} works better.|No, {when} please.|"
   "change it to {when}|Could it be {when} instead?|move it to {when}|I meant {when}.",
   "Changed to {when}, all set.|Okay, {when} it is.|I've moved it to {when}.",
   "Everyone invited gets an update.|Your calendar is tidy again.",
   "remind me {when2} to {task}|Your reminder is set for {when2}.|"
   "add {meeting} to my calendar {when2}|Adding {meeting} to your calendar. It's set for {when2}."},
  {"then_task", "task",
   "And also {task}.|add {task} too|And remind me to {task} as well.|Then I have to {task}.|"
   "put {task} on there too|One more, {task}.|Also {task}|And after that, {task}.",
   "Added as well: {task}, no problem.|Okay, {task} is on there too.|One more for you: {task}.",
   "That makes two things for today.|Anything else?",
   "remind me to {task2}|I'll remind you to {task2}. When would you like to hear about it?|"
   "add {task2} to my to-do list|Added to your list: {task2}."},
  {"then_weather_city", "city",
   "And in {city}?|How about {city}?|What about {city}?|And what's it like in {city}?|"
   "Now check {city}|Okay, and {city}?|compare that with {city}|Is it warmer in {city}?",
   "Now the weather in {city}.|Over to {city}, one moment.|In {city}, let me check.|"
   "In {city} it may look different, so let me put both next to each other.",
   "One glance will tell you which is nicer.|Two places, two jackets.",
   "What's the weather in {city2}?|"
   "Checking the weather in {city2} now. A light layer is never a bad idea.|"
   "Will it rain in {city2} {day}?|"
   "Checking the rain radar for {city2}. A small umbrella weighs next to nothing."},
  {"then_weather_day", "day",
   "And {day}?|What about {day}?|How about {day}?|And how will it be {day}?|"
   "Now tell me about {day}|Will it be better {day}?|Okay, and {day}?|check {day} as well",
   "Looking at {day} for you.|The outlook for {day}, one moment.|And for {day}, let me see.",
   "Forecasts further out are less certain.|I'll mention rain and wind.",
   "What's the weather in {city}?|"
   "Checking the weather in {city} now. I'll give you the sky and the wind.|"
   "How's the weather in {city} right now?|Here's the current weather in {city}."},
  {"then_call", "contact",
   "Then try {contact}.|What about {contact}?|call {contact} instead|Okay, then {contact}.|"
   "try {contact} then|Nobody there? Call {contact}.|No, I meant {contact}.|"
   "ring {contact} after that",
   "Okay, trying {contact} instead.|Calling {contact} this time.|Let's try {contact} then.",
   "I'll leave a note if nobody picks up.|It's ringing.",
   "call {contact2}|Calling {contact2} for you now.|phone {contact2}|"
   "Okay, ringing {contact2} right away."},
  {"then_recipient", "contact",
   "send it to {contact} too|And to {contact}.|copy {contact} as well|Also tell {contact}.|"
   "forward that to {contact}|Wait, it's for {contact}.|include {contact} on that|"
   "And let {contact} know.",
   "Sending it to {contact} too.|Okay, {contact} gets it as well.|Now {contact} will have it too.",
   "The same words, no changes.|I'll tell you who answers first.",
   "text {contact2} that {message}|Sending {contact2} your message now. It says: {message}.|"
   "tell {contact2} {message}|Texting {contact2} right away. It says: {message}."},
  {"then_dest", "dest",
   "Actually, go to {dest}.|No, {dest} first.|change that to {dest}|take me to {dest} instead|"
   "Stop by {dest} on the way.|I changed my mind, {dest} please.|Let's go to {dest} first.|"
   "And from there to {dest}",
   "New destination: {dest}, here we go.|Okay, heading for {dest} now.|"
   "Switching the route to {dest}.",
   "Take the next safe turn.|I'll work out the new time.",
   "take me to {dest2}|Okay, taking you to {dest2}. Go straight on until I tell you to turn.|"
   "directions to {dest2}|Starting directions to {dest2}. Traffic looks normal so far."},
  {"then_grocery", "grocery",
   "And {grocery}.|Also {grocery}.|add {grocery} too|And don't forget {grocery}.|Plus {grocery}|"
   "Oh, and {grocery}.|We need {grocery} as well.|put {grocery} on there too",
   "Adding {grocery} as well.|And {grocery}, it's on there.|Okay, {grocery} goes on too.",
   "Anything more?|Your list is getting long.",
   "add {grocery2} to the shopping list|"
   "Adding {grocery2} to your list. Anything else while I'm at it?|We need {grocery2}.|"
   "Okay, {grocery2} is on the list."},
  {"then_dish", "dish",
   "What about {dish}?|Something else, maybe {dish}.|Not that, how about {dish}?|"
   "I'd rather make {dish}.|And {dish}?|show me {dish} instead|Could we do {dish} instead?|"
   "switch to {dish}",
   "Sure, {dish} instead, good choice.|Switching over to {dish} now.|Let's cook {dish} then.|"
   "If you'd rather have {dish}, we can keep the shopping list almost the same.",
   "Same idea: chop first, then heat.|Tell me what you have at home.",
   "How do I make {dish2}?|Let's make {dish2} together. Read me your ingredients.|"
   "recipe for {dish2}|Here's how I'd make {dish2}. Taste as you go."},
  {"then_substitute", "ingredient",
   "I don't have {ingredient}.|Can I use {ingredient} instead?|What if I add {ingredient}?|"
   "And without {ingredient}?|I only have {ingredient}.|Does it need {ingredient}?|"
   "leave out the {ingredient}|Would {ingredient} work?",
   "About {ingredient}: that should be fine.|With or without {ingredient}, it works.|"
   "Yes, {ingredient} can be handled.",
   "Adjust the salt and the liquid a bit.|Taste it before you decide.",
   "How do I make {dish}?|Making {dish} is easier than it looks. Taste as you go.|"
   "recipe for {dish}|Let's make {dish} together."},
  {"then_people", "people",
   "We'll be {people}.|make it for {people}|Actually for {people}.|Now we are {people}.|"
   "change it to {people}|It's going to be {people} after all.|Could it be for {people}?",
   "Changed to {people}, no problem.|Okay, planning for {people} now.|Good, {people} then, noted.",
   "The more the merrier.|I'll adjust the rest.",
   "book a table at {cafe} for {people2}|"
   "Booking your table at {cafe}. You'll get a note when it's confirmed.|"
   "I'm cooking for {people2}.|Cooking for {people2}, no problem."},
  {"then_table_time", "time",
   "Is {time} possible?|make it {time}|Rather at {time}.|Could we come at {time}?|ask for {time}|"
   "What about {time}?|No, {time} suits us better.|try {time}",
   "Asking them for {time} now.|Okay, {time} for your table.|Let me try {time} instead.",
   "If it's full, I'll ask for the next slot.|I'll confirm in a moment.",
   "book a table at {cafe}|"
   "Booking your table at {cafe}. I'll mention that you like a quiet corner.|"
   "make a reservation at {cafe}|Let me ask {cafe} for a table."},
  {"then_cuisine", "cuisine",
   "Or maybe {cuisine}.|What about {cuisine}?|I'd rather have {cuisine}.|"
   "Not that, something {cuisine}.|find {cuisine} instead|Is there anything {cuisine}?|"
   "Hmm, {cuisine} sounds better.|show me {cuisine} ones",
   "Okay, looking for {cuisine} instead.|Something {cuisine}, let me look.|"
   "Switching to {cuisine}, good idea.",
   "I'll keep the distance short.|There may be a table free.",
   "find {a cuisine2} restaurant nearby|"
   "Looking for {cuisine2} food near you. Want one with a free table?|"
   "I'm in the mood for {cuisine2} food.|Some {cuisine2} food, great choice!"},
  {"then_song", "song",
   "Now play {song}.|Next, {song}.|I'd rather hear {song}.|skip this, play {song}|And then {song}.|"
   "add {song} to the queue|play {song} instead|What about {song}?",
   "Next up is {song}, enjoy.|Switching to {song} right now.|Okay, {song} comes next.",
   "Say stop when you've had enough.|Good taste, by the way.",
   "play {song2}|Playing {song2} for you now.|play something by {band}|"
   "Playing songs by {band}. I'll start with what people play most."},
  {"then_genre", "genre",
   "Something else, maybe {genre}.|No, {genre} please.|I'd prefer {genre}.|switch to {genre}|"
   "Rather {genre}.|How about {genre}?|play {genre} instead|Can we have {genre} now?",
   "Switching over to {genre} now.|Okay, {genre} it is then.|Changing the music to {genre}.",
   "Tell me when it's just right.|I'll blend it in slowly.",
   "play some {genre2}|Some {genre2}, coming right up.|I'm in the mood for {genre2}.|"
   "Playing {genre2} for you now."},
  {"then_language", "language",
   "And in {language}?|How about {language}?|Now in {language}|"
   "And how do you say it in {language}?|What about {language}?|translate it to {language} too|"
   "I need it in {language} as well.|Same thing in {language}?",
   "The same thing in {language}.|Now in {language}, listen closely.|"
   "And in {language}, it goes like this.",
   "Repeat after me, slowly.|I'll show it in writing too.",
   "How do you say {phrase} in {language2}?|"
   "In {language2} you could say this. Listen once, then repeat after me.|"
   "translate {phrase} into {language2}|Let me say that in {language2}."},
  {"then_word", "word",
   "And {word}?|What about {word}?|And what does {word} mean?|How is that different from {word}?|"
   "Now define {word}|compare it with {word}|Is it the same as {word}?|Okay, and {word}?",
   "Next, the word {word}, briefly.|Now about {word}, listen.|Let me compare that with {word}.",
   "They're easy to mix up.|I'll give you one example for each.",
   "What does {word2} mean?|The word {word2} is worth knowing. Try using it once today.|"
   "define {word2}|Let me explain the word {word2}."},
  {"then_figure", "figure",
   "And {figure}?|What about {figure}?|And who was {figure}?|How about {figure}?|"
   "Now tell me about {figure}|Did they know {figure}?|compare them with {figure}|"
   "I'd also like to hear about {figure}.",
   "Now on to {figure}, gladly.|Next, the story of {figure}.|Let me turn to {figure} then.",
   "Different times, different troubles.|I'll keep it short.",
   "Who was {figure2}?|Let me tell you about {figure2}. I'll begin with the early years.|"
   "tell me about {figure2}|A few words on {figure2}, gladly."},
  {"then_animal", "animal",
   "And {a animal}?|What about {a animal}?|How about {a animal}?|And the {animal}?|"
   "Now tell me about the {animal}|Is it bigger than {a animal}?|compare it with {a animal}|"
   "Could it beat {a animal} in a race?",
   "Now let's look at the {animal}.|Next to {a animal}, let me compare.|"
   "The {animal}, a good one to ask about.",
   "Both are fun to watch.|I'll stick to what is well known.",
   "tell me about the {animal2}|Let's talk about the {animal2}. I'll tell you where it lives.|"
   "How big is {a animal2}?|Few people really know the {animal2}."},
  {"then_country", "country",
   "And {country}?|What about {country}?|And for {country}?|How is it in {country}?|"
   "Now check {country}|Is it different in {country}?|compare that with {country}|"
   "Would {country} be better?",
   "Now let's look at {country}.|Over to {country} for a moment.|For {country}, let me check.|"
   "For {country} the picture is different, so let me compare the two.",
   "It's worth comparing the two.|I'll put them next to each other.",
   "Do I need a visa for {country2}?|"
   "Visa rules for {country2} do change. Always confirm on the official embassy page.|"
   "tell me something about {country2}|Let me tell you about {country2}."},
  {"then_product", "product",
   "Or maybe {a product}.|I'd rather get {a product}.|What about {a product}?|"
   "show me {a product} instead|And {a product}.|Also, I need {a product}.|add {a product} to that|"
   "Would {a product} be better?",
   "Let me look for {a product} too.|Sure, {a product} instead, one moment.|"
   "Okay, finding {a product} for you.",
   "I'll keep the same budget.|Good thing we're comparing.",
   "I'm looking for {a product2}.|Let's find {a product2} you like. Tell me your budget.|"
   "find me {a product2} under {money}|Looking for {a product2} for you."},
  {"then_money", "money",
   "Up to {money}.|I can spend {money}.|make it {money}|Not more than {money}.|"
   "My budget is {money}.|Something around {money}.|No, {money} at most.|keep it under {money}",
   "Got it, around {money} then.|Okay, keeping it near {money}.|With {money} we'll find something.",
   "I'll sort by best reviews.|Shipping is counted in.",
   "I need to buy {a product}.|Shopping for {a product}, fun! Tell me your budget.|"
   "gift ideas for {name}|A gift for {name}, let's think. How much do you want to spend?"},
  {"then_degrees", "degrees",
   "A bit different, {degrees}.|make it {degrees}|No, {degrees} please.|"
   "Still not right, {degrees}.|go to {degrees}|I'd prefer {degrees}.|change that to {degrees}|"
   "How about {degrees}?",
   "Going to {degrees} right now.|Okay, {degrees} from here on.|Changed the heat to {degrees}.",
   "Give it a few minutes.|I'll remember you like that.",
   "set the thermostat to {degrees2}|"
   "Setting the temperature to {degrees2}. It'll take a little while to get there.|"
   "I'd like it at {degrees2}.|Okay, {degrees2} it is."},
  {"then_room", "room",
   "And the {room}.|In the {room} too|Also in the {room}.|do the same in the {room}|"
   "And what about the {room}?|The {room} as well please|Now the {room}.|Then the {room}.",
   "The {room} comes next, okay.|Okay, the {room} as well.|Doing the {room} right now.",
   "That leaves only a few rooms.|Say all for the whole house.",
   "turn on the lights in the {room2}|Switching the {room2} lights now.|vacuum the {room2}|"
   "Sending the robot to the {room2}."},
  {"then_color", "color",
   "make it {color}|No, {color} please.|I'd like {color} better.|Could it be {color}?|"
   "change it to {color}|Hmm, try {color}.|Rather {color}.|Is there one in {color}?",
   "Trying it in {color} for you.|Okay, {color} it is then.|Changing that to {color} now.",
   "That's a good color on you.|Looks warm and friendly.",
   "turn the {room} lamps {color2}|"
   "Turning the lights {color2} now. Say warmer or cooler to adjust.|find me a {color2} scarf|"
   "Looking for a {color2} scarf for you."},
  {"then_sum", "sum",
   "And {sum}?|What about {sum}?|Now {sum}|And how much is {sum}?|Okay, and {sum}?|Next, {sum}|"
   "Then what is {sum}?|Also work out {sum}",
   "Next I'll do {sum} for you.|And now {sum}, one moment.|Okay, on to {sum}.",
   "That one makes {sum=}.|Here I get {sum=}.",
   "What's {sum2}?|Working out {sum2} now. That makes {sum2=}.|calculate {sum2}|"
   "Let me calculate {sum2}. I get {sum2=}."},
  {"then_exercise", "exercise",
   "Now {exercise}.|Next, {exercise}.|And then {exercise}.|switch to {exercise}|"
   "Can I do {exercise} instead?|I'd rather do {exercise}.|What about {exercise}?|"
   "Let's add {exercise}.",
   "Switching to {exercise}, here we go.|Okay, {exercise} comes next.|"
   "Good, {exercise} now, nice and steady.",
   "Shake it out for a moment first.|I'll keep counting.",
   "start a workout with {exercise2}|Starting your {exercise2} session now. Warm up first.|"
   "Let's do some {exercise2}.|Let's go, {exercise2} it is!"},
  {"then_name", "name",
   "And {name}?|What about {name}?|invite {name} too|Also {name}.|And bring {name}.|"
   "add {name} as well|Is {name} coming too?|ask {name} too",
   "Asking {name} as well, sure.|Okay, {name} is in too.|Adding {name} to that now.",
   "The more the merrier.|I'll tell you who says yes.",
   "invite {name2} to {meeting}|Inviting {name2} to join you.|"
   "start a group chat with {name2} and {name3}|"
   "Starting a group with {name2} and {name3}. What should the first message say?"},
  {0}};
