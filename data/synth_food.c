/* Cooking, eating out and the kitchen shelf. */
#include "synth.h"

/* clang-format off */
const synth_intent synth_food[] = {
  {"recipe", "homedish",
   "How do I make {homedish}?|Recipe for {homedish}|teach me to cook {homedish}|"
   "give me a recipe for {homedish}|I want to cook {homedish} tonight.|What goes into {homedish}?|"
   "find a good recipe for {homedish}|walk me through making {homedish}",
   "Making {homedish} is easier than it looks.|Let's make {homedish} together.|"
   "Here's how I'd make {homedish}.|"
   "To make {homedish}, get everything chopped and measured before you turn on the heat.",
   "Read it through once before you begin.|"
   "Read me your ingredients and I'll guide you step by step.|Taste as you go.", NULL},
  {"recipe_time", "dish",
   "How long will {dish} take to make?|Can I make {dish} in {minutes}?|How long to cook {dish}?|"
   "tell me how much time to plan for {dish}|When should I start on {dish}?|"
   "Is it quick to make {dish}?|I have {minutes}, is that enough for {dish}?",
   "The time for {dish} depends on your kitchen.|For {dish}, give yourself some extra time.|"
   "Plan some calm time for {dish}.",
   "Most of the work is chopping.|Start early and nothing can go wrong.", NULL},
  {"recipe_serve", "homedish",
   "What goes well with {homedish}?|What should I serve with {homedish}?|"
   "suggest a side for {homedish}|Which drink goes with {homedish}?|"
   "I'm making {homedish}, what else do I need?|give me a side dish for {homedish}|"
   "What do people eat with {homedish}?",
   "With {homedish}, keep the sides simple.|Something fresh goes well with {homedish}.|"
   "Next to {homedish} I'd serve something crisp.|"
   "With {homedish}, something fresh and crisp on the side makes a good meal better.",
   "A green salad with lemon rarely fails.|Balance rich with light.", NULL},
  {"recipe_scale", "people",
   "make the {dish} recipe for {people}|How much {dish} do I need for {people}?|"
   "scale the recipe for {people}|I'm cooking for {people}.|adjust the amounts for {people}|"
   "Can you size this recipe for {people}?|We are {people} for dinner, adapt the recipe.",
   "Cooking for {people}, no problem.|Scaling everything for {people}.|"
   "The amounts for {people}, coming up.",
   "Add salt slowly, since it doesn't scale evenly.|Use a wider pan rather than a deeper one.", NULL},
  {"recipe_vegan", "dish",
   "How do I make vegan {dish}?|Can I make {dish} without meat?|Vegan version of {dish}|"
   "make {dish} gluten free|Is there a dairy-free way to make {dish}?|"
   "How can I make {dish} healthier?|give me a lighter version of {dish}",
   "A lighter take on {dish}, gladly.|You can adapt {dish} quite easily.|"
   "Yes, {dish} can be changed around.",
   "Swap one thing at a time and taste.|Beans or mushrooms bring back the depth.", NULL},
  {"recipe_fix", "dish",
   "My {dish} is too salty.|I burned the {dish}, what now?|save my {dish}, it's too watery|"
   "Why did my {dish} turn out dry?|My {dish} came out bland.|Help, the {dish} went wrong.|"
   "How do I rescue {dish} that is too spicy?|fix my {dish}",
   "Don't worry, {dish} can be saved.|Let's rescue that {dish} of yours.|"
   "All is not lost with {dish}.",
   "Tell me what it tastes like right now.|A squeeze of lemon or a splash of water often helps.", NULL},
  {"recipe_store", "dish",
   "How long can I keep {dish} in the fridge?|Can I freeze {dish}?|How do I reheat {dish}?|"
   "Can I still eat {dish} after {days}?|store leftover {dish}|What do I do with leftover {dish}?|"
   "How do I keep {dish} fresh?|Can I make {dish} the day before?",
   "For storing {dish}, think cold and airtight.|Leftover {dish} should be cooled quickly.|"
   "With {dish}, let your nose decide.|"
   "Once it's cool, keep {dish} in a closed box near the back of the fridge.",
   "Label the box with today's date.|When in doubt, throw it out.", NULL},
  {"boil_time", "boilable",
   "How long do I boil {boilable}?|Boiling time for {boilable}|How do I boil {boilable}?|"
   "tell me how to cook {boilable}|When do I take {boilable} out of the water?|"
   "How much water do I need for {boilable}?|I'm boiling {boilable}, when do I check?|"
   "What's the trick with boiling {boilable}?",
   "Boiling {boilable} takes a little patience.|For {boilable}, start testing early.|"
   "With {boilable}, size makes the difference.|"
   "When you boil {boilable}, salt the water first and start testing early.",
   "Keep the lid ajar and the bubbles gentle.|Take one out and try it, that's the surest test.", NULL},
  {"roast_time", "roastable",
   "How long do I roast {roastable}?|What temperature for {roastable}?|Oven time for {roastable}|"
   "How do I bake {roastable}?|I'm putting {roastable} in the oven.|"
   "tell me how to roast {roastable}|When will {roastable} be done in the oven?|"
   "How hot should the oven be for {roastable}?",
   "Roasting {roastable} needs a hot oven.|To roast {roastable}, heat the oven first.|"
   "In the oven, {roastable} should get golden edges.|"
   "When you roast {roastable}, leave some space in the pan so that it browns.",
   "Give everything space so it browns instead of steaming.|"
   "A thermometer in the thickest part tells the truth.", NULL},
  {"substitute", "ingredient",
   "What can I use instead of {ingredient}?|Substitute for {ingredient}|I'm out of {ingredient}.|"
   "I have no {ingredient}, what now?|find a replacement for {ingredient}|"
   "Can I leave out {ingredient}?|replace {ingredient} in this recipe|"
   "What's a good swap for {ingredient}?",
   "No {ingredient}? You have options.|Instead of {ingredient}, use something similar.|"
   "A good swap for {ingredient} depends on the dish.|"
   "Instead of {ingredient}, take something with a similar texture and adjust the salt.",
   "Match the texture first, then the taste.|Start with half the amount and adjust.", NULL},
  {"use_up", "ingredient",
   "What can I make with {ingredient}?|I have {ingredient} and {ingredient2}, any ideas?|"
   "use up my {ingredient}|Dinner ideas with {ingredient}|I bought too much {ingredient}.|"
   "suggest something with {ingredient}|What goes with {ingredient}?|"
   "How do I use leftover {ingredient}?",
   "Let's cook something with {ingredient}.|Plenty of meals begin with {ingredient}.|"
   "With {ingredient} you can do a lot.",
   "Think of a pan, some garlic and whatever is green.|Soup, pasta or a salad would all work.", NULL},
  {"food_keep", "produce",
   "How do I store {produce}?|How long can I keep {produce}?|keep {produce} fresh|"
   "Should I put {produce} in the fridge?|What's the best way to store {produce}?|"
   "Can I freeze {produce}?|I always end up throwing away {produce}.|"
   "tell me where to keep {produce}",
   "To keep {produce} longer, mind the moisture.|For {produce}, the right spot matters.|"
   "Storing {produce} well saves money.|"
   "If you keep {produce} in the right spot, you will throw away much less.",
   "Keep air out, and eat the ripest first.|Don't wash before storing.", NULL},
  {"ingredient_prep", "ingredient",
   "How do I cook {ingredient}?|How do I prepare {ingredient}?|Best way to cook {ingredient}|"
   "teach me to prepare {ingredient}|What do I do with {ingredient}?|"
   "I've never cooked {ingredient} before.|show me how to use {ingredient}",
   "Cooking with {ingredient} starts simply.|Let me show you {ingredient}.|"
   "For {ingredient}, simple is best.|"
   "The best thing about {ingredient} is how little you need to do with it.",
   "Start with good quality and don't rush it.|A little salt and a little fat bring out the taste.", NULL},
  {"calories", "dish",
   "How many calories are in {dish}?|Is it healthy to eat {dish}?|Calories in {dish}|"
   "log {dish} for lunch|How much protein is in {dish}?|tell me the calories of {dish}|"
   "I just had {dish}, log it.|Can I eat {dish} on a diet?",
   "The calories in {dish} depend on the portion.|Let me estimate a portion of {dish}.|"
   "Counting a serving of {dish}.",
   "Oil, cheese and sugar make the biggest difference.|I'll add it to today's log.", NULL},
  {"spice_about", "spice",
   "What does {spice} taste like?|How do I use {spice}?|What can I cook with {spice}?|"
   "tell me about {spice}|What's a substitute for {spice}?|Which dishes need {spice}?|"
   "How much {spice} is too much?|Does {spice} go bad?",
   "A pinch of {spice} goes a long way.|Cooking with {spice} is all about balance.|"
   "You can smell good {spice} right away.|"
   "The thing with {spice} is to add a little, taste, and add a little more.",
   "Toast it for a moment to wake it up.|Keep it dark and dry so it stays lively.", NULL},
  {"drink_make", "drink",
   "How do I make {drink}?|Recipe for {drink}|I'd love {drink} right now.|teach me to make {drink}|"
   "What's the secret of making {drink}?|make me {drink}|How do I prepare {drink} at home?|"
   "What do I need for {drink}?",
   "For {drink}, start with good basics.|Making {drink} at home is fun.|Let's get you {drink}.",
   "Cold glass, fresh ingredients, no hurry.|Sweeten at the end, after a first sip.", NULL},
  {"drink_log", "drink",
   "log {drink}|I just had {drink}.|add {drink} to my food diary|note that I drank {drink}|"
   "put {drink} in my log|I finished {drink}, write it down.",
   "Logged for today: {drink}, cheers.|Added {drink} to your diary.|Got it, {drink} is noted.",
   "A glass of water next would be nice.|That counts toward your day.", NULL},
  {"caffeine", "drink",
   "How much caffeine is in {drink}?|Will {drink} keep me awake?|Is it too late for {drink}?|"
   "How much sugar is in {drink}?|Can I drink {drink} before bed?|Is {drink} good for me?|"
   "tell me what's in {drink}",
   "About {drink}, it depends on the size.|Whether {drink} suits you varies.|"
   "With {drink}, timing is what counts.",
   "Many people sleep better without caffeine after lunch.|Check the label for the exact amount.", NULL},
  {"restaurant_find", "cuisine",
   "find {a cuisine} restaurant nearby|Where can I get good {cuisine} food?|"
   "I'm in the mood for {cuisine} food.|Best {cuisine} restaurant around|"
   "Any {cuisine} places open now?|show me {cuisine} restaurants|Let's eat {cuisine} tonight.|"
   "recommend {a cuisine} place",
   "Looking for {cuisine} food near you.|Some {cuisine} food, great choice!|"
   "Let me find {a cuisine} place.|"
   "For {cuisine} food, I'll list the places that are open and close to you.",
   "I'll sort them by how far you'd walk.|Want one with a free table?", NULL},
  {"restaurant_book", "cafe",
   "book a table at {cafe} for {people}|reserve a table at {cafe} {when}|"
   "I want to eat at {cafe} {day}.|get us a table at {cafe}|Table at {cafe} at {time}|"
   "Can we get into {cafe} {day}?|make a reservation at {cafe}|Is there a table free at {cafe}?",
   "Booking your table at {cafe}.|A table at {cafe}, coming up.|Let me ask {cafe} for a table.",
   "I'll mention that you like a quiet corner.|You'll get a note when it's confirmed.", NULL},
  {"restaurant_ask", "cafe",
   "Is {cafe} any good?|What's on the menu at {cafe}?|Does {cafe} have vegan food?|"
   "tell me about {cafe}|What should I order at {cafe}?|Is {cafe} expensive?|"
   "When does {cafe} open?|read me reviews of {cafe}",
   "Let me check {cafe} for you.|Looking up {cafe} right now.|Here's what people say about {cafe}.|"
   "People who went to {cafe} have left a few notes, so let me read them.",
   "I'll pick out what guests mention most.|Menus change, so ask for the special.", NULL},
  {"order_food", "dish",
   "order {dish} for dinner|I want {dish} delivered.|get me some {dish}|"
   "Where can I get {dish} around here?|have {dish} delivered at {time}|I'm craving {dish}.|"
   "order {dish} for {people}|Who delivers {dish}?",
   "Finding {dish} you can order.|Ordering {dish} is a fine idea.|Let's get you {dish} delivered.",
   "I'll check who can be there soonest.|Say yes when the order looks right.", NULL},
  {"menu_cuisine", "cuisine",
   "What's typical of {cuisine} cooking?|teach me a {cuisine} dish|"
   "What should I try in {a cuisine} restaurant?|tell me about {cuisine} food|"
   "I've never had {cuisine} food.|Is {cuisine} food spicy?|plan {a cuisine} dinner for {people}",
   "Exploring {cuisine} food is a treat.|For {cuisine} cooking, begin with the basics.|"
   "Welcome to {cuisine} food, let's begin.",
   "Order a few small plates and share.|Ask what the kitchen is proud of.", NULL},
  {"dinner_idea", "ingredient",
   "What's for dinner? I only have {ingredient}.|give me a quick dinner with {ingredient}|"
   "I need a lunch idea with {ingredient}.|Something fast with {ingredient}|"
   "Easy dinner using {ingredient}|What's a cheap meal with {ingredient}?|"
   "Surprise me with a meal of {ingredient}.",
   "A quick dinner with {ingredient}, sure.|Easy: build it around {ingredient}.|"
   "I'd warm up some {ingredient} first.",
   "Add an onion, a grain and something green.|Twenty minutes and one pan will do.", NULL},
  {"meal_plan", "day",
   "plan my meals for {day}|What should I cook {day}?|help me decide on dinner {day}|"
   "I have no idea what to eat {day}.|give me a meal plan for {day}|What could we eat {day}?|"
   "Dinner plans for {day}?",
   "Let's plan your meals for {day}.|Meals for {day}, let me think.|For {day}, keep it easy.",
   "One soup, one salad, one treat.|Use what is in the fridge first.", NULL},
  {"shopping_add", "grocery",
   "add {grocery} to the shopping list|put {grocery} on my list|We need {grocery}.|"
   "buy {grocery} next time|I'm running low on {grocery}.|Shopping list, {grocery}|"
   "Don't let me forget {grocery} at the store.|We're out of {grocery}.",
   "Adding {grocery} to your list.|Okay, {grocery} is on the list.|"
   "Your shopping list now has {grocery}.|"
   "I've put {grocery} on your list, and Your list is ready on your wrist.",
   "Anything else while I'm at it?|Your list is ready on your wrist.", NULL},
  {"shopping_add_two", "grocery",
   "add {grocery} and {grocery2} to the list|put {grocery} and {grocery2} on the shopping list|"
   "We need {grocery} and {grocery2}.|get {grocery} and also {grocery2}|"
   "write down {grocery} and {grocery2}|Shopping list, please, {grocery} and {grocery2}.",
   "Adding {grocery} and {grocery2} now.|Both {grocery} and {grocery2} are listed.|"
   "On the list: {grocery} and {grocery2}.",
   "Your list is sorted by aisle.|Say next when you've picked one up.", NULL},
  {"shopping_remove", "grocery",
   "take {grocery} off the list|remove {grocery} from my shopping list|I already have {grocery}.|"
   "cross off {grocery}|We don't need {grocery} anymore.|delete {grocery} from the list|"
   "I just grabbed {grocery}, check it off.",
   "Taking {grocery} off your list.|No more {grocery}, got it.|Crossed off: {grocery}, all done.",
   "The rest of the list stays.|Shall I read what's left?", NULL},
  {"shopping_check", "grocery",
   "Is {grocery} on my list?|Do we need {grocery}?|Did I put {grocery} on the list?|"
   "check the list for {grocery}|Where do I find {grocery} in the store?|"
   "Which aisle has {grocery}?|How much {grocery} did I write down?",
   "Checking your list for {grocery}.|Let me look for {grocery}.|Looking for {grocery} right now.",
   "If it's missing, I'll add it.|Stores keep like with like, so try the nearest shelf.", NULL},
  {"party_food", "people",
   "How much food do I need for {people}?|plan a dinner party for {people}|"
   "I'm hosting {people} {day}.|What can I cook for {people}?|Menu for {people}|"
   "How many pizzas for {people}?|help me feed {people} on a budget",
   "Feeding {people} is very doable.|Dinner for {people}, let's plan it.|"
   "For {people}, choose one big dish.|"
   "For {people}, one big dish, good bread and a salad will be plenty.",
   "A large pot and good bread go far.|Ask about allergies before you shop.", NULL},
  {"cook_amount", "cups",
   "How many grams is {cups} of flour?|convert {cups} of sugar to grams|"
   "How much is {cups} in milliliters?|turn {cups} into milliliters|"
   "I need {cups} of milk in milliliters.|What's {cups} of water in milliliters?",
   "Let me convert {cups} for you.|That's {cups}, in metric units.|Converting {cups} right away.",
   "In liquid that's about {cups*237} milliliters; dry goods vary with how they're packed.|"
   "About {cups*237} milliliters of liquid.", NULL},
  {"oven_temp", "fahrenheit",
   "What's {fahrenheit} in Celsius for the oven?|convert {fahrenheit} to Celsius|"
   "How hot is {fahrenheit} in Celsius?|The recipe says {fahrenheit}, what's that in Celsius?|"
   "turn {fahrenheit} into Celsius|I need {fahrenheit} in Celsius.",
   "Converting {fahrenheit} to Celsius.|So {fahrenheit} in Celsius, one moment.|"
   "You asked about {fahrenheit}, easy.",
   "That's about {fahrenheit*0.55556-17.778} degrees Celsius.|"
   "It comes to roughly {fahrenheit*0.55556-17.778} Celsius.", NULL},
  {0}};
