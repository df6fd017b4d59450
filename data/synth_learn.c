/* Words, ideas, history, nature, school, sums and units. */
#include "synth.h"

/* clang-format off */
const synth_intent synth_learn[] = {
  {"define", "word",
   "What does {word} mean?|define {word}|What's the definition of {word}?|Meaning of {word}|"
   "I don't know the word {word}.|tell me what {word} means|explain the word {word}|"
   "Someone said {word}, what's that?",
   "The word {word} is worth knowing.|Let me explain the word {word}.|"
   "Here's what {word} means in plain words.|"
   "In plain words, {word} is easier to grasp with a good example.",
   "I'll give you the meaning and then an example.|Try using it once today.", NULL},
  {"spell", "word",
   "How do you spell {word}?|spell {word}|Spelling of {word}|"
   "Is {word} spelled with a double letter?|I can't remember how to write {word}.|"
   "spell out {word} slowly|How is {word} written?",
   "Spelling {word} for you now.|The spelling of {word}, letter by letter.|"
   "Let me spell {word} slowly.",
   "It's on your screen as well.|I'll repeat it if you like.", NULL},
  {"pronounce", "word",
   "How do I pronounce {word}?|say {word} for me|pronounce {word}|Am I saying {word} right?|"
   "What's the right way to say {word}?|Which syllable is stressed in {word}?|let me hear {word}",
   "Listen while I say {word} slowly.|Saying {word} is easier in pieces.|"
   "Here's how {word} sounds out loud.",
   "Repeat after me, one syllable at a time.|Stress falls where your voice rises.", NULL},
  {"synonym", "word",
   "What's another word for {word}?|Synonym for {word}|give me a synonym of {word}|"
   "What can I say instead of {word}?|find a better word than {word}|"
   "What's the opposite of {word}?|I need a word similar to {word}.",
   "Another word for {word}, let me think.|Words close to {word}, coming up.|"
   "Instead of {word}, you have choices.",
   "Tell me the sentence and I'll find the best fit.|Shades of meaning matter here.", NULL},
  {"use_word", "word",
   "use {word} in a sentence|give me an example with {word}|How do I use {word}?|"
   "make a sentence with {word}|Can you show me {word} in context?|"
   "I want to use {word} in a letter.",
   "A sentence with {word}, gladly.|Using {word} takes a little care.|Here's {word} in a sentence.|"
   "You can use {word} in a letter, in a talk or over dinner.",
   "I'll keep it short and natural.|Then it's your turn.", NULL},
  {"origin_word", "word",
   "Where does the word {word} come from?|Origin of {word}|What's the history of the word {word}?|"
   "Which language gave us {word}?|tell me the etymology of {word}|"
   "Who came up with the word {word}?",
   "The word {word} has a history.|Where {word} comes from, good question.|"
   "Tracing the word {word} back in time.",
   "Many English words traveled through French or Latin.|"
   "I'll start with the oldest form on record.", NULL},
  {"explain", "concept",
   "explain {concept}|Can you tell me about {concept}?|I don't understand {concept}.|"
   "help me understand {concept}|What should I know about {concept}?|"
   "give me a simple explanation of {concept}|explain {concept} like I'm five|"
   "I've always wondered about {concept}.",
   "Let me explain {concept} simply.|Here's the idea behind {concept}.|"
   "Understanding {concept} starts with a picture.|"
   "The idea behind {concept} is simpler than it sounds, so let's take it slowly.",
   "Start with an everyday example and build from there.|Stop me whenever something is unclear.", NULL},
  {"explain_quick", "concept",
   "give me one sentence on {concept}|sum up {concept}|The short version of {concept} please|"
   "In a nutshell, what's the deal with {concept}?|I have a minute, teach me {concept}|"
   "Quick summary of {concept}|What's the main idea of {concept}?",
   "The short version of {concept}, coming up.|Here's {concept} in a nutshell.|"
   "Summing up {concept} for you.",
   "Ask for more when you want the details.|One idea at a time.", NULL},
  {"why_matters", "concept",
   "Why should I learn about {concept}?|Why should I care about {concept}?|"
   "What's so important about {concept}?|Who discovered {concept}?|"
   "give me a fun fact about {concept}|What would the world be without {concept}?|"
   "Why do people talk about {concept}?",
   "It's worth asking about {concept}.|Learning about {concept} pays off.|"
   "Why {concept} should matter, good question.|"
   "People talk about {concept} because it touches more of daily life than one expects.",
   "It shows up in more places than one would think.|I'll give you one example from daily life.", NULL},
  {"person_who", "figure",
   "Who was {figure}?|tell me about {figure}|What is {figure} known for?|"
   "I'd like to know more about {figure}.|give me a short biography of {figure}|"
   "Why is {figure} famous?|When did {figure} live?|What should I know about {figure}?",
   "Let me tell you about {figure}.|The life of {figure} makes a good story.|"
   "A few words on {figure}, gladly.|"
   "The life of {figure} is best told through the times and the work together.",
   "I'll begin with the early years and then the work.|The times they lived in explain a lot.", NULL},
  {"person_quote", "figure",
   "give me a quote by {figure}|What did {figure} say about life?|quote {figure}|"
   "Which book should I read about {figure}?|Where was {figure} born?|recommend a book on {figure}|"
   "What was {figure} like as a person?",
   "Something by or about {figure}, sure.|Looking up {figure} for you.|"
   "Let me find a source on {figure}.",
   "Many famous quotes are made up, so I'll check the source.|"
   "Letters often tell more than speeches.", NULL},
  {"event", "event",
   "What happened in {event}?|tell me about {event}|explain {event}|When did {event} take place?|"
   "What made {event} important?|What caused {event}?|I'm reading about {event}.|"
   "give me a summary of {event}",
   "The story of {event} has many sides.|Let me walk you through {event}.|"
   "To understand {event}, look at what came before.|"
   "To understand {event}, it helps to look at what came before and who was involved.",
   "I'll keep to the main people and turning points.|Dates first, reasons after.", NULL},
  {"invention", "invention",
   "Who invented the {invention}?|When was the {invention} invented?|How does {a invention} work?|"
   "tell me the history of the {invention}|How was the {invention} invented?|"
   "What did people use before the {invention}?|Where does the {invention} come from?|"
   "explain how {a invention} works",
   "The story of the {invention} is fun.|Let's look inside {a invention}.|"
   "Behind the {invention} stand many clever people.|"
   "Like most inventions, the {invention} grew out of many small steps by different people.",
   "Few inventions come from a single person.|I'll start with the problem it solved.", NULL},
  {"animal_about", "animal",
   "tell me about the {animal}|What does {a animal} eat?|How long does {a animal} live?|"
   "Where does the {animal} live?|How big is {a animal}?|What's special about the {animal}?|"
   "I saw {a animal} today!|Is {a animal} dangerous?",
   "Let's talk about the {animal}.|The {animal} is a remarkable creature.|"
   "Few people really know the {animal}.|"
   "If you want to know the {animal}, start with where it lives and what it eats.",
   "There is more to it than meets the eye.|Watch from a distance and you'll see more.", NULL},
  {"animal_sound", "animal",
   "What sound does {a animal} make?|play the sound of {a animal}|"
   "How fast can {a animal} run or swim?|What do you call a baby {animal}?|"
   "How many babies does {a animal} have?|Do kids like the {animal}?|Can {a animal} swim?|"
   "Does {a animal} sleep in winter?",
   "A question about the {animal}, lovely.|Let me look up the {animal}.|"
   "The {animal}, good choice of animal!",
   "Nature is full of surprises.|I'll play you a short clip too.", NULL},
  {"animal_garden", "animal",
   "There's {a animal} in my yard.|I found {a animal} by the road.|"
   "What do I do if I meet {a animal}?|Oh no, {a animal} got into the house!|"
   "I think I heard {a animal} outside.|Help, {a animal} is in the garage.",
   "Stay calm, {a animal} wants peace too.|Give the {animal} some space.|"
   "Meeting {a animal} can be startling.",
   "Back away slowly and keep pets inside.|If it looks hurt, call a wildlife rescue.", NULL},
  {"plant_about", "plant",
   "What should I know about {plant}?|tell me about {plant}|Where do {plant} come from?|"
   "I saw some {plant} on my walk.|How do I recognize {plant}?|When is the season for {plant}?|"
   "Can my cat safely be around {plant}?|Fun fact about {plant}",
   "Let me tell you about {plant}.|Something about {plant}, with pleasure.|"
   "You can spot {plant} by the leaves.",
   "Look at the leaves, the stem and where it grows.|Never eat a wild plant you aren't sure of.", NULL},
  {"subject_help", "subject",
   "help me with {subject}|I'm struggling with {subject}.|How do I study {subject}?|"
   "quiz me on {subject}|I have a test in {subject} {day}.|give me a tip for {subject}|"
   "Why do we have to learn {subject}?|I need a tutor for {subject}.",
   "Let's work on {subject} together.|Studying {subject} gets easier with practice.|"
   "For {subject}, begin with what you know.|"
   "With {subject}, a little practice every day does more than one long night.",
   "Explain it aloud as if you were the teacher.|Short sessions with breaks work best.", NULL},
  {"homework", "homework",
   "When is {homework} due?|remind me about {homework}|I haven't started {homework}.|"
   "help me with {homework}|put {homework} on my calendar for {day}|I finished {homework}!|"
   "How do I prepare for {homework}?|I'm worried about {homework}.",
   "Let's get {homework} under control.|Noted: {homework}, let's plan it.|"
   "Working on {homework}, one step at a time.|"
   "For {homework}, start with the part that worries you most and set a timer.",
   "Put your phone in another room.|Break it into pieces of half an hour.", NULL},
  {"teacher", "teacher",
   "email {teacher} that I'm sick|When does {teacher} have office hours?|"
   "ask {teacher} about {homework}|What did {teacher} say about the exam?|"
   "remind me to ask {teacher} a question|I have class with {teacher} {day}.|"
   "tell {teacher} I'll be late",
   "A note for {teacher}, coming up.|Let me check with {teacher}.|"
   "For {teacher}, keep it polite and short.",
   "Say your name, the class and what you need.|I'll remind you before the lesson.", NULL},
  {"skill_learn", "skill",
   "How do I learn {skill}?|I want to get into {skill}.|teach me {skill}|Tips for {skill}|"
   "How long does it take to learn {skill}?|Where can I take a class in {skill}?|"
   "I'm a beginner at {skill}.|give me a first lesson in {skill}",
   "Learning {skill} is a great idea.|For {skill}, practice a little daily.|"
   "Your first step in {skill} is small.|"
   "To get good at {skill}, practice a little every day and be patient.",
   "Be bad at it for a while, that's how everyone begins.|Find someone who enjoys it and join in.", NULL},
  {"how_become", "job",
   "How do I become {a job}?|What does {a job} do all day?|Is being {a job} a good career?|"
   "I want to be {a job}.|What do I need to study to be {a job}?|How much does {a job} earn?|"
   "tell me about working as {a job}|Should I become {a job}?",
   "Becoming {a job} takes time and practice.|The work of {a job} varies a lot.|"
   "To become {a job}, talk to one first.|"
   "To work as {a job}, talk to somebody who does it before you choose a course.",
   "Shadow somebody for a day before you decide.|Training and pay differ from place to place.", NULL},
  {"sum", "sum",
   "What's {sum}?|calculate {sum}|How much is {sum}?|work out {sum}|I need {sum}.|"
   "do the math, {sum}|Quick, what is {sum}?|tell me {sum}",
   "Working out {sum} now.|Let me calculate {sum}.|So, {sum}, one moment.|You asked for {sum}.",
   "That makes {sum=}.|The answer is {sum=}.|I get {sum=}.", NULL},
  {"tip", "cash",
   "What would be a good tip on {cash}?|Tip for a bill of {cash}|How much should I tip on {cash}?|"
   "calculate the tip on {cash}|The bill is {cash}, what's the tip?|"
   "I had dinner for {cash}, how much tip is fair?",
   "Let me figure the tip on {cash}.|On {cash}, a fair tip is easy.|"
   "Your bill was {cash}, let's see.",
   "At twenty percent that's {cash*0.2}, and at fifteen it's {cash*0.15}.|"
   "Twenty percent comes to {cash*0.2}.", NULL},
  {"split_bill", "people",
   "split the bill between {people}|share the check among {people}|"
   "How much does each of us pay if we're {people}?|divide the check for {people}|"
   "We are {people}, split it evenly.|share the cost among {people}",
   "Splitting the bill for {people}.|Okay, {people} share the check.|"
   "Dividing it among {people}, fair and square.",
   "Tell me the total and the tip.|I'll round up so that nobody owes a penny.", NULL},
  {"discount", "percent",
   "How much is {percent} off this price?|How much do I save with {percent} off?|"
   "calculate a discount of {percent}|The sign says {percent} off.|take {percent} off the price|"
   "Is {percent} off a good deal?|What's the price after {percent} off?",
   "Taking {percent} off the price.|With {percent} off, let's do the math.|"
   "A discount of {percent}, nice.",
   "Check the old price first, since some sales aren't.|Tell me the price on the tag.", NULL},
  {"random", "range",
   "pick a number between {range}|give me a random number between {range}|"
   "choose a number from between {range}|I need a random number between {range}.|"
   "Guess a number between {range}.|draw a number between {range}",
   "A number between {range}, here goes.|Picking one between {range} now.|"
   "Between {range}, let me draw.",
   "No peeking, the choice is fair.|Ask again for another one.", NULL},
  {"miles_km", "miles",
   "How many kilometers is {miles}?|convert {miles} to kilometers|What's {miles} in kilometers?|"
   "turn {miles} into kilometers|I ran {miles}, how much is that in kilometers?|"
   "tell me {miles} in kilometers",
   "Converting {miles} to kilometers.|So {miles} in kilometers, one moment.|"
   "Let me turn {miles} into kilometers.",
   "That's about {miles*1.60934} kilometers.|It comes to roughly {miles*1.60934} kilometers.", NULL},
  {"km_miles", "kilometers",
   "How many miles is {kilometers}?|convert {kilometers} to miles|What's {kilometers} in miles?|"
   "turn {kilometers} into miles|The sign says {kilometers}, how far is that in miles?|"
   "tell me {kilometers} in miles",
   "Converting {kilometers} to miles.|So {kilometers} in miles, one moment.|"
   "Let me turn {kilometers} into miles.",
   "That's about {kilometers*0.62137} miles.|It comes to roughly {kilometers*0.62137} miles.", NULL},
  {"feet_meters", "feet",
   "How many meters is {feet}?|convert {feet} to meters|What's {feet} in meters?|"
   "turn {feet} into meters|How tall is {feet} in meters?|"
   "The drop is {feet}, what's that in meters?",
   "Converting {feet} to meters now.|Let me measure {feet} in meters.|You want {feet} in meters.",
   "That's about {feet*0.3048} meters.|It's close to {feet*0.3048} meters.", NULL},
  {"meters_feet", "meters",
   "How many feet is {meters}?|convert {meters} to feet|What's {meters} in feet?|"
   "turn {meters} into feet|How high is {meters} in feet?|"
   "The pool is {meters}, what's that in feet?",
   "Converting {meters} to feet now.|Let me measure {meters} in feet.|You want {meters} in feet.",
   "That's about {meters*3.28084} feet.|It's close to {meters*3.28084} feet.", NULL},
  {"inch_cm", "inches",
   "How many centimeters is {inches}?|convert {inches} to centimeters|"
   "What's {inches} in centimeters?|turn {inches} into centimeters|"
   "The screen is {inches}, how much is that in centimeters?|give me {inches} in centimeters",
   "So {inches} in centimeters, let's see.|Changing {inches} to centimeters.|"
   "Let me convert {inches} for you.",
   "That's about {inches*2.54} centimeters.|You get {inches*2.54} centimeters.", NULL},
  {"cm_inch", "centimeters",
   "How many inches is {centimeters}?|convert {centimeters} to inches|"
   "What's {centimeters} in inches?|turn {centimeters} into inches|"
   "The shelf is {centimeters}, what's that in inches?|give me {centimeters} in inches",
   "So {centimeters} in inches, let's see.|Changing {centimeters} to inches.|"
   "Let me convert {centimeters} for you.",
   "That's about {centimeters*0.3937} inches.|You get {centimeters*0.3937} inches.", NULL},
  {"lb_kg", "pounds",
   "How many kilos is {pounds}?|convert {pounds} to kilos|What's {pounds} in kilos?|"
   "turn {pounds} into kilos|My suitcase weighs {pounds}, what's that in kilos?|"
   "tell me {pounds} in kilos",
   "Weighing {pounds} in kilos now.|Let me turn {pounds} into kilos.|"
   "So {pounds} in kilos, one second.",
   "That's about {pounds*0.45359} kilos.|It weighs in at {pounds*0.45359} kilos.", NULL},
  {"kg_lb", "kilos",
   "How many pounds is {kilos}?|convert {kilos} to pounds|What's {kilos} in pounds?|"
   "turn {kilos} into pounds|The dog weighs {kilos}, what's that in pounds?|"
   "tell me {kilos} in pounds",
   "Weighing {kilos} in pounds now.|Let me turn {kilos} into pounds.|"
   "So {kilos} in pounds, one second.",
   "That's about {kilos*2.20462} pounds.|It weighs in at {kilos*2.20462} pounds.", NULL},
  {"oz_g", "ounces",
   "How many grams is {ounces}?|convert {ounces} to grams|What's {ounces} in grams?|"
   "turn {ounces} into grams|The recipe needs {ounces}, how many grams is that?|"
   "tell me {ounces} in grams",
   "Turning {ounces} into grams for you.|Let me put {ounces} in grams.|"
   "So {ounces} in grams, right away.",
   "That's about {ounces*28.3495} grams.|You'll need {ounces*28.3495} grams.", NULL},
  {"g_oz", "grams",
   "How many ounces is {grams}?|convert {grams} to ounces|What's {grams} in ounces?|"
   "turn {grams} into ounces|I have {grams} of flour, how many ounces is that?|"
   "tell me {grams} in ounces",
   "Turning {grams} into ounces for you.|Let me put {grams} in ounces.|"
   "So {grams} in ounces, right away.",
   "That's about {grams*0.035274} ounces.|You'll need {grams*0.035274} ounces.", NULL},
  {"gal_l", "gallons",
   "How many liters is {gallons}?|convert {gallons} to liters|What's {gallons} in liters?|"
   "turn {gallons} into liters|The tank holds {gallons}, how many liters is that?|"
   "tell me {gallons} in liters",
   "Pouring {gallons} into liters now.|Let me change {gallons} to liters.|"
   "So {gallons} in liters, here goes.",
   "That's about {gallons*3.78541} liters.|It fills {gallons*3.78541} liters.", NULL},
  {"l_gal", "liters",
   "How many gallons is {liters}?|convert {liters} to gallons|What's {liters} in gallons?|"
   "turn {liters} into gallons|I filled up {liters}, how many gallons is that?|"
   "tell me {liters} in gallons",
   "Pouring {liters} into gallons now.|Let me change {liters} to gallons.|"
   "So {liters} in gallons, here goes.",
   "That's about {liters*0.264172} gallons.|It fills {liters*0.264172} gallons.", NULL},
  {"f_c", "fahrenheit",
   "How warm is {fahrenheit} in Celsius?|convert {fahrenheit} to Celsius for me|"
   "It's {fahrenheit} outside, what's that in Celsius?|Is {fahrenheit} hot?|"
   "tell me {fahrenheit} in Celsius|What does {fahrenheit} feel like in Celsius?",
   "Let me turn {fahrenheit} into Celsius.|So {fahrenheit}, on the Celsius scale.|"
   "Reading {fahrenheit} as Celsius.",
   "That's about {fahrenheit*0.55556-17.778} Celsius.|"
   "It comes to {fahrenheit*0.55556-17.778} degrees Celsius.", NULL},
  {"c_f", "celsius",
   "What's {celsius} in Fahrenheit?|convert {celsius} to Fahrenheit|"
   "How hot is {celsius} in Fahrenheit?|It's {celsius} here, what's that in Fahrenheit?|"
   "turn {celsius} into Fahrenheit|tell me {celsius} in Fahrenheit",
   "Let me turn {celsius} into Fahrenheit.|So {celsius}, on the Fahrenheit scale.|"
   "Reading {celsius} as Fahrenheit.",
   "That's about {celsius*1.8+32} Fahrenheit.|It comes to {celsius*1.8+32} degrees Fahrenheit.", NULL},
  {"duration_seconds", "minutes",
   "How many seconds are in {minutes}?|convert {minutes} to seconds|"
   "How long is {minutes} in hours?|What part of an hour is {minutes}?|turn {minutes} into seconds|"
   "Is {minutes} more than half an hour?",
   "Let me break {minutes} down.|Counting the seconds in {minutes}.|"
   "So {minutes}, measured another way.",
   "Each minute has sixty seconds.|Sixty of them make an hour.", NULL},
  {"year", "year",
   "What happened in {year}?|tell me about the year {year}|Who was famous in {year}?|"
   "How long ago was {year}?|Was {year} a leap year?|What was life like in {year}?|"
   "I was reading a book set in {year}.",
   "The year {year} is worth a look.|Going back to {year}, let me see.|"
   "About {year}, there's much to tell.|"
   "If you go back to {year}, daily life looked quite different from ours.",
   "I'll pick one story from each part of the world.|"
   "A leap year divides by four, with rare exceptions.", NULL},
  {0}};
