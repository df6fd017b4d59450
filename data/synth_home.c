/* The house: control, cleaning, repairs, shopping, garden, pets and the car. */
#include "synth.h"

/* clang-format off */
const synth_intent synth_home[] = {
  {"device_on", "device",
   "turn on the {device}|switch on the {device}|start the {device}|"
   "Is the {device} on? If not, turn it on.|power on the {device}|I want the {device} on.|"
   "turn the {device} on|Could the {device} be on when I get home?",
   "Turning on the {device} now.|Okay, the {device} is on.|Switching the {device} on for you.",
   "Say off when you've had enough.|It will stop by itself at night.", NULL},
  {"device_off", "device",
   "turn off the {device}|switch off the {device}|shut down the {device}|"
   "Did I leave the {device} on?|kill the {device}|I don't need the {device} anymore.|"
   "turn the {device} off|make sure the {device} is off",
   "Turning off the {device} now.|The {device} is going off.|Shutting the {device} down for you.|"
   "I'm turning the {device} off, and I'll check the other rooms as well.",
   "That saves a little power too.|Good night to the rest of the house too.", NULL},
  {"device_schedule", "device",
   "turn on the {device} at {time}|run the {device} at {time} every day|"
   "schedule the {device} for {time}|I want the {device} to start at {time}.|"
   "have the {device} switch off at {time}|put the {device} on a timer for {time}",
   "Scheduling the {device} for you.|The {device} now has a schedule.|"
   "I'll run the {device} on time.",
   "It's set for {time}, every day until you change it.|"
   "I noted {time} and will skip days you're away.", NULL},
  {"device_state", "device",
   "Is the {device} on?|check the {device}|What's the state of the {device}?|"
   "Is the {device} still running?|tell me if the {device} is on|When did the {device} last run?|"
   "How's the {device} doing?",
   "Checking the {device} right now.|Let me look at the {device}.|"
   "Asking the {device} for its state.",
   "I'll tell you at once if something looks odd.|It reports every few minutes.", NULL},
  {"open_close", "opening",
   "open the {opening}|close the {opening}|Did someone close the {opening}?|shut the {opening}|"
   "Did I close the {opening}?|make sure to shut the {opening}|check the {opening}|"
   "Could you see to the {opening}?",
   "Checking the {opening} for you.|Okay, moving the {opening} now.|"
   "On it, seeing to the {opening}.",
   "I'll tell you when it's done.|Mind your fingers and the cat.", NULL},
  {"lights_room", "room",
   "turn on the lights in the {room}|Lights on in the {room}|It's dark in the {room}.|"
   "make the {room} bright|switch off the lights in the {room}|Lights out in the {room}|"
   "I can't see a thing in the {room}.|take care of the lights in the {room}",
   "Switching the {room} lights now.|The lights in the {room}, done.|"
   "Setting the {room} lights for you.",
   "Say dimmer or brighter to fine-tune.|I'll remember this as your favorite.", NULL},
  {"lights_dim", "percent",
   "dim the {room} lights to {percent}|set the {room} lights to {percent}|"
   "Brightness {percent} in the {room}|I want the {room} lights at {percent}.|"
   "lower the {room} lights to {percent}|put the {room} lamps at {percent}|"
   "Make it {percent} in the {room}.",
   "Setting the lights to {percent}.|Okay, brightness at {percent} now.|"
   "Your lights are going to {percent}.",
   "The {room} feels cozier already.|I'll fade it over a few seconds.", NULL},
  {"lights_color", "color",
   "make the {room} lights {color}|change the {room} lights to {color}|"
   "I want {color} light in the {room}.|set the lights in the {room} to {color}|"
   "paint the {room} in {color} light|Could the {room} glow in {color}?|"
   "turn the {room} lamps {color}",
   "Turning the lights {color} now.|Okay, {color} light coming on.|A {color} glow for you.",
   "The {room} looks great like this.|Say warmer or cooler to adjust.", NULL},
  {"scene", "scene",
   "set the scene for {scene}|start the {scene} scene|make the house ready for {scene}|"
   "I'm in the mood for {scene}.|switch the lights to {scene}|activate {scene} mode|"
   "It's time for {scene}.",
   "Setting the scene for {scene}.|Your {scene} mode is on.|Getting everything ready for {scene}.",
   "Lights, sound and blinds will follow.|Say normal to go back.", NULL},
  {"thermostat", "degrees",
   "set the thermostat to {degrees}|make it {degrees} in here|heat the {room} to {degrees}|"
   "cool the {room} down to {degrees}|I'd like it at {degrees}.|"
   "change the temperature to {degrees}|Can we have {degrees} in the {room}?|"
   "keep the house at {degrees}",
   "Setting the temperature to {degrees}.|Okay, {degrees} it is.|"
   "Your thermostat goes to {degrees}.|"
   "I'm setting it to {degrees}, and it will take a little while to get there.",
   "Grab a sweater or open a window meanwhile.|I'll ease it back while you sleep.", NULL},
  {"stain", "stain",
   "How do I get {stain} out of {surface}?|remove {stain} from {surface}|"
   "I spilled, and now there's {stain} on {surface}.|help me clean {stain} off {surface}|"
   "What takes {stain} out of {surface}?|There's {stain} on {surface}, what now?|"
   "Best way to treat {stain} on {surface}",
   "To treat {stain}, be quick and gentle.|Dealing with {stain} starts with blotting.|"
   "Getting {stain} out takes patience.|"
   "With {stain}, act quickly, use cool water, and never rub it in.",
   "Blot from the edge to the middle with a clean cloth.|Test any cleaner on a hidden spot.", NULL},
  {"fabric_care", "fabric",
   "How do I wash {fabric}?|Can I machine wash {fabric}?|Care tips for {fabric}|"
   "How do I clean {fabric}?|What's the best way to dry {fabric}?|tell me how to care for {fabric}|"
   "I'm afraid of ruining {fabric}.",
   "Caring for {fabric} is mostly about gentleness.|To clean {fabric}, read the label first.|"
   "With {fabric}, go slow and cool.|"
   "Before you wash {fabric}, read the label and test a hidden corner.",
   "Use mild soap and skip the hot dryer.|Air and shade do half of the work.", NULL},
  {"appliance_broken", "appliance",
   "My {appliance} won't start.|The {appliance} is making a strange noise.|fix my {appliance}|"
   "Why did the {appliance} stop working?|The {appliance} broke again.|"
   "help me with the {appliance}|What's wrong with my {appliance}?|"
   "I think the {appliance} is dying.",
   "Let's check the {appliance} step by step.|A stubborn {appliance} can be annoying.|"
   "First, unplug the {appliance} for safety.|"
   "If your {appliance} acts up, unplug it first and check the simple things.",
   "Check the plug, the fuse and the filter.|Tell me about any noise, smell or light.", NULL},
  {"appliance_clean", "appliance",
   "How do I clean the {appliance}?|How often should I clean the {appliance}?|"
   "remind me how to clean the {appliance}|Tips for cleaning {a appliance}|"
   "The {appliance} smells bad.|What do I use to clean the {appliance}?|"
   "teach me to look after the {appliance}",
   "Cleaning the {appliance} takes a few minutes.|A clean {appliance} lasts much longer.|"
   "For the {appliance}, start when it's cool.|"
   "Your {appliance} stays clean longer if you wipe it down once a week.",
   "Switch it off first, then wipe with warm soapy water.|Do it once a month and it stays easy.", NULL},
  {"repair", "repair",
   "How do I fix {repair}?|I have {repair}, what do I do?|help me with {repair}|fix {repair}|"
   "What tools do I need for {repair}?|Can I repair {repair} myself?|There's {repair} in my house.|"
   "teach me to fix {repair}",
   "Fixing {repair} is often simple.|Let's look at {repair} together.|"
   "For {repair}, gather your tools first.|"
   "Most of the work with {repair} is finding the right tool and taking your time.",
   "Take a photo before you take anything apart.|Stop and call a professional if it feels unsafe.", NULL},
  {"tidy_room", "room",
   "help me clean the {room}|How do I tidy the {room}?|Cleaning plan for the {room}|"
   "The {room} is a mess.|Where do I start with the {room}?|give me a quick plan for the {room}|"
   "I have to clean the {room} {day}.",
   "Let's tackle the {room} together.|Cleaning the {room}, one corner at a time.|"
   "Start the {room} with a trash bag.",
   "Work from top to bottom, floors last.|Set a short timer and stop when it rings.", NULL},
  {"decorate", "room",
   "Ideas for the {room}|How can I make the {room} cozier?|What color should I paint the {room}?|"
   "help me decorate the {room}|I want to redo the {room}.|Where do I put the sofa in the {room}?|"
   "make my {room} feel bigger|suggest a rug for the {room}",
   "Ideas for the {room}, coming up.|A new look for the {room}, fun!|"
   "Your {room} could use warm light.|"
   "In the {room}, one warm lamp in a corner changes more than new furniture.",
   "Start with one thing you love and build around it.|Live with a color sample for a few days.", NULL},
  {"vacuum", "room",
   "vacuum the {room}|send the robot to the {room}|clean the floor in the {room}|"
   "The floor in the {room} is dusty.|have the robot do the {room} at {time}|"
   "let the vacuum start in the {room}|I'd like the {room} vacuumed {day}.",
   "Sending the robot to the {room}.|The robot starts in the {room}.|Vacuuming the {room} for you.",
   "Keep cables off the floor, please.|It'll go home to charge afterward.", NULL},
  {"product_find", "product",
   "find me {a product} under {money}|I'm looking for {a product}.|I need to buy {a product}.|"
   "Where can I buy {a product}?|shop for {a product}|show me {a product} with good reviews|"
   "recommend {a product}|What's a good {product}?",
   "Looking for {a product} for you.|Let's find {a product} you like.|"
   "Shopping for {a product}, fun!",
   "I'll compare price, reviews and how soon it can arrive.|"
   "Tell me your budget and favorite color.", NULL},
  {"product_choose", "product",
   "How do I choose {a product}?|What should I look for in {a product}?|"
   "What makes a good {product}?|help me pick {a product}|Is it worth paying more for {a product}?|"
   "How much should I spend on {a product}?|give me advice on buying {a product}",
   "Choosing {a product} comes down to use.|A good {product} should feel right.|"
   "Before buying {a product}, think about use.|"
   "The right {product} is the one that fits how often you'll really use it.",
   "Set a budget, read the worst reviews, and try it if you can.|"
   "The middle of the range is often the best value.", NULL},
  {"product_return", "product",
   "return the {product}|How do I return {a product}?|I want my money back for the {product}.|"
   "The {product} I bought is broken.|send back the {product}|"
   "exchange the {product} for another size|I changed my mind about the {product}.",
   "Returning the {product} should be easy.|Let's send the {product} back.|"
   "For the {product}, find the receipt first.",
   "Keep the box and the label together.|I'll check the last day for returns.", NULL},
  {"product_track", "product",
   "Where is my {product}?|track the {product} I ordered|When will the {product} arrive?|"
   "Has the {product} shipped yet?|check on my {product} order|Is the {product} coming {day}?|"
   "tell me when the {product} gets here",
   "Tracking your {product} right now.|Let me check on your {product}.|"
   "Your order, the {product}, one moment.",
   "I'll buzz when it's at the door.|Someone may need to sign for it.", NULL},
  {"order_from", "store",
   "order {a product} from {store}|Does {store} have {a product}?|buy {a product} at {store}|"
   "check if {store} sells {a product}|I want {a product} from {store}.|"
   "ask {store} about {a product}|call {store} about {a product}",
   "Checking with {store} for you.|Let me ask {store} right away.|Looking at what {store} has.",
   "I'll ask about the {product} and the price.|They may have one on the shelf.", NULL},
  {"clothing_size", "clothing",
   "What size do I wear in {clothing}?|How should {clothing} fit?|remember my size for {clothing}|"
   "What should I look for in {clothing}?|I need new {clothing}.|find {clothing} in my size|"
   "Where can I get {clothing}?",
   "For {clothing}, fit comes before fashion.|Finding {clothing} in your size.|"
   "New {clothing}, let's have a look.",
   "Try them on late in the day.|Move around before you decide.", NULL},
  {"outfit", "occasion",
   "What should I wear to {occasion}?|Outfit for {occasion}|help me dress for {occasion}|"
   "Is a suit too much for {occasion}?|I have nothing to wear for {occasion}.|"
   "What do people wear to {occasion}?|Can I wear jeans to {occasion}?",
   "Dressing for {occasion}, let's think.|For {occasion}, comfort comes first.|"
   "An outfit for {occasion}, how fun!|"
   "For {occasion}, wear one thing you love and keep everything else simple.",
   "Pick one piece you feel great in and keep the rest simple.|"
   "Check the weather and the floor before choosing shoes.", NULL},
  {"gift", "name",
   "What should I give {name} for a birthday?|Gift ideas for {name}|I need a present for {name}.|"
   "help me find a gift for {name}|What would {name} like?|suggest a gift under {money} for {name}|"
   "I forgot a present for {name}!",
   "A gift for {name}, let's think.|Finding something nice for {name}.|"
   "For {name}, choose something personal.|"
   "For {name}, think of something that came up in your last few talks.",
   "What do they talk about when they're happy?|A handwritten card makes any gift better.", NULL},
  {"gift_party", "party",
   "What's a good gift for {party}?|Present ideas for {party}|What do I bring to {party}?|"
   "I'm invited to {party}.|help me shop for {party}|"
   "How much should I spend on a gift for {party}?",
   "A gift for {party} can be small.|Something for {party}, let me think.|"
   "For {party}, bring something to share.",
   "Flowers, good chocolate or a useful tool rarely miss.|Ask the host what would help.", NULL},
  {"plant_water", "plant",
   "How often should I water {plant}?|Water schedule for {plant}|When do I water my {plant}?|"
   "Am I watering my {plant} too much?|remind me to water the {plant}|"
   "Should I give {plant} a lot of water?|tell me how much water to give {plant}",
   "Watering {plant} depends on the soil.|For {plant}, check the soil first.|"
   "Your {plant} will tell you when.|How often you water {plant} depends on light, pot and season.",
   "If the top inch is dry, it's time.|Mornings are best, and roots hate standing in water.", NULL},
  {"plant_grow", "plant",
   "How do I grow {plant}?|When should I plant {plant}?|Tips for growing {plant}|"
   "Can I grow {plant} indoors?|teach me to grow {plant}|Where do I plant {plant}?|"
   "I'd like to have {plant} in my garden.|How much sun for {plant}?",
   "Growing {plant} is a joy.|To grow {plant}, start with good soil.|"
   "For {plant}, pick the right spot.|"
   "If you want to grow {plant}, choose the spot with the right light first.",
   "Think of light first, then water, then food.|Start small and learn what your garden likes.", NULL},
  {"plant_sick", "plant",
   "Why did my {plant} turn yellow?|My {plant} could use some help.|What's eating my {plant}?|"
   "There are bugs on my {plant}.|save my {plant}|I think my {plant} got too much sun.|"
   "Help, my {plant} dropped all the leaves.|How do I get rid of aphids on {plant}?",
   "Let's find out about your {plant}.|Poor {plant}, let's find out why.|"
   "With unhappy {plant}, check the roots.",
   "Look under the leaves and feel the soil.|Cut off what is dead and wait a week.", NULL},
  {"plant_prune", "plant",
   "How do I prune {plant}?|When do I cut back {plant}?|How do I trim {plant} without harm?|"
   "Should I repot my {plant}?|What do I feed {plant}?|teach me to prune {plant}|"
   "How do I take cuttings from {plant}?|How do I get {plant} through the winter?",
   "Looking after {plant} needs clean tools.|With {plant}, less is often more.|"
   "When it comes to {plant}, watch the season.",
   "Cut just above a leaf, at an angle.|Never take more than a third at once.", NULL},
  {"pet_feed", "pet",
   "Did anyone feed {pet}?|remind me to feed {pet} at {time}|When should I feed {pet}?|"
   "log that I fed {pet}|How much should {pet} eat?|Is it dinner time for {pet}?|"
   "note that {pet} had breakfast|I just fed {pet}.",
   "Dinner for {pet}, let me see.|I'll keep track of {pet} for you.|Food for {pet}, noted.",
   "Same time and same amount every day works best.|Fresh water matters just as much.", NULL},
  {"pet_groom", "pet",
   "How do I wash {pet}?|When did I last brush {pet}?|remind me to brush {pet}|"
   "How do I cut the nails of {pet}?|book a groomer for {pet}|Does {pet} need a bath?|"
   "log a bath for {pet}|What toys would {pet} like?",
   "Looking after {pet} with care.|A little pampering for {pet}, sure.|"
   "Grooming {pet} goes best when calm.",
   "Go slowly and offer a treat after.|Make it short and end with play.", NULL},
  {"pet_vet", "pet",
   "book a vet visit for {pet}|When is the next vet appointment for {pet}?|I think {pet} is sick.|"
   "call the vet about {pet}|Why is {pet} not eating?|My poor {pet} is limping.|"
   "remind me that {pet} needs a vaccine|find a vet for {pet}",
   "Poor {pet}, let's call the vet.|Getting {pet} some help now.|A vet visit for {pet}, on it.",
   "Note when it began and what changed.|If breathing looks hard, go right away.", NULL},
  {"pet_walk", "pet",
   "I'm taking {pet} for a walk.|How long should I walk {pet}?|remind me to walk {pet} at {time}|"
   "track my walk with {pet}|Where can I walk {pet}?|start a walk with {pet}|"
   "Is it too hot to walk {pet}?",
   "Have a good walk with {pet}!|A walk with {pet}, lovely.|Out with {pet}, I'm tracking it.",
   "Take water and a bag along.|If the pavement hurts your hand, it's too hot for paws.", NULL},
  {"pet_train", "pet",
   "How do I teach {pet} to sit?|How do I stop {pet} from barking?|"
   "How do I keep {pet} off the sofa?|help me train {pet}|Why does {pet} chew my shoes?|"
   "teach {pet} to come when called|My {pet} pulls on the leash.|How can I calm {pet} down?",
   "Training {pet} takes small steps.|With {pet}, reward the good moments.|"
   "Teaching {pet} works best with treats.|"
   "Teach {pet} one small thing at a time, and end every lesson with a treat.",
   "Five minutes twice a day is plenty.|Stay calm and end on a success.", NULL},
  {"breed", "breed",
   "Is {a breed} a good pet?|What should I know before getting {a breed}?|"
   "How do I take care of {a breed}?|tell me about having {a breed}|"
   "I'm thinking of getting {a breed}.|How much space does {a breed} need?|"
   "What do I feed {a breed}?|How long does {a breed} live?",
   "Living with {a breed} is a commitment.|Getting {a breed}, how exciting!|"
   "Caring for {a breed} takes daily time.|"
   "Life with {a breed} takes time every day, so think it through before you decide.",
   "Visit a shelter and ask lots of questions.|Think about time, space and cost for years ahead.", NULL},
  {"car_problem", "carpart",
   "There's something wrong with my {carpart}.|What does it cost to fix the {carpart}?|"
   "My car has a problem with the {carpart}.|check my {carpart}|I hear a noise from the {carpart}.|"
   "When should I replace the {carpart}?|book a repair for the {carpart}|"
   "Is it safe to drive with bad {carpart}?",
   "About your {carpart}: let's be careful.|Trouble with the {carpart} deserves a look.|"
   "Let me help with the {carpart}.",
   "Drive gently and have a mechanic look soon.|Note when it happens, hot or cold, fast or slow.", NULL},
  {"car_service", "date",
   "book a car service on {date}|The car is due for service on {date}.|"
   "remind me to change the tires on {date}|My car inspection is on {date}.|"
   "schedule an oil change for {date}|put the car check down for {date}|"
   "The garage expects me on {date}.",
   "Your car visit on {date}, noted.|Putting the garage down for {date}.|"
   "I'll plan the service for {date}.",
   "I'll look for a slot that suits your calendar.|Bring the service book along.", NULL},
  {"car_range", "distance",
   "Can I make it {distance} on this charge?|Do I have enough gas for {distance}?|"
   "Range check for {distance}|How much fuel do I need for {distance}?|"
   "I have to drive {distance}, will the battery last?|tell me if the tank is good for {distance}",
   "Checking your range for {distance}.|Let me see if {distance} works.|"
   "You want to drive {distance}, one moment.",
   "Speed and cold weather take their share.|I'll find a stop on the way to be safe.", NULL},
  {0}};
