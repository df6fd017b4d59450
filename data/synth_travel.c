/* Weather, ways and transit, trips, hotels and other tongues. */
#include "synth.h"

/* clang-format off */
const synth_intent synth_travel[] = {
  {"weather_now", "place",
   "What's the weather in {place}?|Weather in {place}|How's the weather in {place} right now?|"
   "check the weather for {place}|What's it like outside in {place}?|"
   "tell me the weather in {place}|Is it nice in {place} at the moment?|How warm is it in {place}?",
   "Checking the weather in {place} now.|The weather in {place} right now, one moment.|"
   "Here's the current weather in {place}.|"
   "The weather in {place} looks different through the day, so here is the latest.",
   "I'll give you the sky, the wind and how warm it feels.|A light layer is never a bad idea.", NULL},
  {"weather_day", "city",
   "What's the weather in {city} {day}?|Forecast for {city} {day}|"
   "How will the weather be {day} in {city}?|give me the forecast for {city} {day}|"
   "What can I expect outside in {city} {day}?|Weather {day} in {city}, please.|"
   "Will {day} be nice in {city}?",
   "The forecast for {city}, coming right up.|Here's what {city} can expect {day}.|"
   "The weather in {city} {day} may still change a little, so here is the newest outlook.",
   "I'll start with the chance of rain.|Check again closer to the time to be sure.", NULL},
  {"weather_rain", "city",
   "Will it rain in {city} {day}?|Do I need an umbrella in {city} {day}?|Any rain {day} in {city}?|"
   "check if it rains in {city} {day}|Is rain likely in {city} {day}?|"
   "Should I expect showers in {city} {day}?|How wet will {city} get {day}?",
   "Checking the rain radar for {city}.|Rain in {city}? Let me look.|"
   "The chance of rain in {city}, one second.",
   "A small umbrella weighs next to nothing.|I'll warn you if showers come up.", NULL},
  {"weather_condition", "condition",
   "Will there be {condition} {day}?|Will we get {condition} {day}?|"
   "warn me about {condition} {day}|check for {condition} {day}|"
   "Should I worry about {condition} {day}?|tell me if we should expect {condition} {day}|"
   "What are the odds of {condition} {day}?|Any {condition} in the forecast {day}?",
   "Checking the forecast for {condition}.|Let me see about {condition} {day}.|"
   "I'm looking out for {condition}.",
   "I'll keep watching and tell you if that changes.|"
   "The next few hours are the surest part of any forecast.", NULL},
  {"weather_dress", "city",
   "What should I wear in {city} {day}?|How do I dress for {city} {day}?|"
   "Do I need a jacket in {city} {day}?|tell me what to wear in {city} {day}|"
   "help me dress for {city} weather|Is it T-shirt weather in {city} {day}?|"
   "Coat or no coat in {city} {day}?",
   "For {city}, layers are a safe bet.|Dressing for {city} is easy with layers.|"
   "In {city} I'd wear layers and comfortable shoes, because the day can turn.|"
   "Weather in {city} can turn quickly, so take a layer that you can carry.",
   "Add a light jacket for the evening.|I'll check wind and rain before you leave.", NULL},
  {"weather_trip", "country",
   "When is the best time to visit {country}?|Best season for {country}|"
   "Which month is good for a trip to {country}?|tell me when to go to {country}|"
   "What's the climate like in {country}?|How hot does {country} get in summer?|"
   "When should I travel to {country}?",
   "The best time for {country} depends on you.|"
   "The climate in {country} differs from region to region.|"
   "For {country}, spring and fall are often the calm seasons, with fewer crowds.",
   "Tell me whether you like beaches, cities or mountains.|Off season, prices tend to be kinder.", NULL},
  {"sunrise", "city",
   "When is sunrise in {city}?|Sunset time in {city}|What time does the sun set in {city}?|"
   "tell me when it gets dark in {city}|When does it get light in {city}?|"
   "check sunrise for {city} tomorrow|How long is the day in {city}?",
   "Looking up the sun times for {city}.|The sun over {city}, let me see.|"
   "Daylight in {city}, one moment.|"
   "The sun in {city} rises and sets a little differently every day of the year.",
   "The soft light lasts about an hour on either side.|"
   "Hills and buildings can hide it a little earlier.", NULL},
  {"air_quality", "city",
   "How's the air quality in {city}?|Air quality in {city}|Is the air in {city} safe for a run?|"
   "check the pollution in {city}|Is there smog in {city}?|tell me about the air in {city}|"
   "Can I open the windows in {city} today?",
   "Checking the air quality in {city}.|The air in {city}, one moment.|"
   "Let me read the sensors around {city}.",
   "Mornings are often the cleanest hours.|If it's poor, keep exercise light and indoors.", NULL},
  {"nav_to", "dest",
   "take me to {dest}|Directions to {dest}|navigate to {dest}|How do I get to {dest}?|"
   "show me the way to {dest}|I need to get to {dest}.|What's the fastest way to {dest}?|"
   "guide me to {dest}",
   "Starting directions to {dest}.|Okay, taking you to {dest}.|Finding the best way to {dest}.|"
   "The quickest way to {dest} depends on traffic, so I'm comparing a few routes.",
   "Go straight on until I tell you to turn.|I'll warn you well before each turn.|"
   "Traffic looks normal so far.", NULL},
  {"nav_walk", "dest",
   "walk me to {dest}|Walking directions to {dest}|Can I walk to {dest}?|"
   "How long is the walk to {dest}?|guide me to {dest} on foot|Is {dest} within walking distance?|"
   "I'd like to walk to {dest}.",
   "Walking to {dest}, let's go.|A walk to {dest} sounds good.|Let me plan the walk to {dest}.|"
   "The walk to {dest} is easy to follow if you watch for my taps.",
   "I'll buzz left or right so you can keep your eyes up.|I'll pick quiet streets where I can.", NULL},
  {"nav_bike", "dest",
   "Bike directions to {dest}|What's the best bike route to {dest}?|I want to cycle to {dest}.|"
   "plan a bike ride to {dest}|Can I cycle to {dest}?|find a safe cycling route to {dest}|"
   "take me to {dest} by bike",
   "Planning a bike route to {dest}.|Cycling to {dest}, nice choice.|"
   "A quiet bike ride to {dest}, coming up.",
   "I'll favor bike lanes and avoid the steep bits.|Don't forget your helmet.", NULL},
  {"nav_eta", "dest",
   "How long will it take to get to {dest}?|When will I arrive at {dest}?|How far is {dest}?|"
   "tell me my arrival time at {dest}|How far away is {dest} from here?|"
   "What's the traffic like to {dest}?|Will I make it to {dest} by {time}?",
   "Checking the trip to {dest}.|Let me time the way to {dest}.|"
   "The trip to {dest} depends on traffic, which I'm checking now.",
   "I'll add a few minutes for parking.|I'll tell you when it's time to leave.", NULL},
  {"nav_avoid", "street",
   "avoid {street} on the way|Is there a way around {street}?|find a route without {street}|"
   "I don't want to drive down {street}.|skip {street}|Is {street} closed?|"
   "route me around {street}|How's the traffic on {street}?",
   "Avoiding {street} from here on.|Let me route around {street}.|Looking for a way past {street}.|"
   "I'm looking for a way around {street}, even if it takes a bit longer.",
   "It may add a couple of minutes.|I'll keep an eye on both roads.", NULL},
  {"nav_stop", "shopkind",
   "add a stop at {a shopkind}|stop at {a shopkind} on the way|"
   "I need {a shopkind} along the route.|find {a shopkind} on my way|"
   "Is there {a shopkind} on the route?|Let's stop at {a shopkind} first.|"
   "take a detour to {a shopkind}",
   "Adding {a shopkind} to your route.|Looking for {a shopkind} on the way.|"
   "Let's stop at {a shopkind} first.",
   "The detour should be short.|Pick one from the list and I'll guide you.", NULL},
  {"nearby", "shopkind",
   "Where is the nearest {shopkind}?|find {a shopkind} near me|Is there {a shopkind} nearby?|"
   "Nearest {shopkind}|I'm looking for {a shopkind}.|show me {a shopkind} close by|"
   "How far is the closest {shopkind}?|Any good {shopkind} around here?",
   "Looking for the nearest {shopkind}.|Let me find {a shopkind} nearby.|"
   "Finding {a shopkind} close to you.|"
   "The nearest {shopkind} should be close, so let me sort them by distance.",
   "I'll list the closest three with opening hours.|Say go and I'll start directions.", NULL},
  {"open_hours", "store",
   "Is {store} open {day}?|When does {store} close?|Opening hours of {store}|"
   "What time does {store} open?|check if {store} is open now|Can I still make it to {store}?|"
   "How late is {store} open?|tell me the hours for {store}",
   "Checking the hours for {store}.|Let me see if {store} is open.|"
   "The hours of {store}, one moment.|"
   "The hours at {store} can change on holidays, so let me check today's.",
   "Holidays can change them, so I'll check that too.|I can call ahead for you.", NULL},
  {"parking", "dest",
   "Where can I park near {dest}?|find parking at {dest}|Is there parking by {dest}?|"
   "Parking near {dest}|look for a parking spot close to {dest}|"
   "I need somewhere to park around {dest}.|What does parking cost at {dest}?",
   "Finding parking near {dest}.|Let me look for parking by {dest}.|"
   "Parking around {dest}, coming up.",
   "I'll compare price and walking distance.|I'll remember where you left the car.", NULL},
  {"street_where", "street",
   "Where is {street}?|find {street} on the map|What's around {street}?|show me {street}|"
   "How do I find {street}?|Is {street} far from here?|Which bus goes to {street}?|"
   "I'm looking for {street}.",
   "Locating {street} on the map.|Let me show you {street}.|Finding {street} for you.",
   "I'll zoom in so you can see the cross streets.|Say take me there to start.", NULL},
  {"transit_next", "line",
   "When is the next departure of {line}?|When does {line} come?|check when {line} leaves|"
   "How long until {line} gets here?|Next {line}|Is {line} on time?|Did I miss {line}?|"
   "tell me when {line} departs",
   "Checking when {line} arrives.|The next departure of {line}, one moment.|"
   "Let me look up {line} for you.|"
   "The next departure of {line} should be soon, but let me check for delays.",
   "I'll buzz when it's time to walk to the stop.|If it's late, I'll find another way.", NULL},
  {"transit_route", "station",
   "How do I get to {station} by train?|Which train goes to {station}?|Public transit to {station}|"
   "plan a trip to {station} by bus|What's the quickest connection to {station}?|"
   "I need a train to {station}.|find me a bus to {station}|"
   "Do I have to change trains for {station}?",
   "Finding a connection to {station}.|Transit to {station}, let me see.|"
   "The way to {station} by public transit, coming up.",
   "I'll pick the one with the fewest changes.|Have your ticket ready before you board.", NULL},
  {"transit_stop", "station",
   "Does this train stop at {station}?|How many stops to {station}?|wake me before {station}|"
   "tell me when we reach {station}|Is {station} the next stop?|When do we get to {station}?|"
   "I have to get off at {station}.",
   "Watching out for {station} now.|I'll tell you before {station}.|"
   "Counting the stops to {station}.",
   "You'll feel two short buzzes.|Have a seat, there's time.", NULL},
  {"taxi", "dest",
   "get me a cab to {dest}|order a taxi to {dest}|I need a ride to {dest}.|call a car to {dest}|"
   "book a ride to {dest} at {time}|How much is a taxi to {dest}?|find me a ride to {dest}|"
   "Could you arrange a car to {dest}?",
   "Getting you a ride to {dest}.|A taxi to {dest}, on it.|Looking for a car to {dest}.|"
   "A car to {dest} is on its way as soon as you confirm the price.",
   "I'll read you the plate number when it's assigned.|Wait near the main entrance.", NULL},
  {"flight_status", "flight",
   "Is {flight} on time?|Status of {flight}|check {flight} for delays|When does {flight} land?|"
   "Has {flight} left yet?|tell me if {flight} is delayed|What's going on with {flight}?|"
   "track {flight}",
   "Checking the status of {flight}.|Let me look up {flight}.|Tracking {flight} for you.",
   "I'll tell you at once if anything changes.|Leave some time for security either way.", NULL},
  {"flight_gate", "gate",
   "How do I get to {gate}?|Where is {gate}?|Directions to {gate}|Is {gate} far from here?|"
   "walk me to {gate}|I have to be at {gate} soon.|How long is the walk to {gate}?",
   "Guiding you to {gate} now.|Okay, {gate} is your goal.|Let's head for {gate} together.",
   "Follow the overhead signs and I'll confirm each turn.|I'll warn you when boarding begins.", NULL},
  {"flight_find", "city",
   "find me a flight to {city}|Flights to {city} {when}|I want to fly to {city}.|"
   "How much is a flight to {city}?|look for cheap flights to {city}|"
   "Are there direct flights to {city}?|book a flight to {city}|When's the next plane to {city}?",
   "Searching flights to {city}.|Flying to {city}, how exciting!|Let me compare flights to {city}.|"
   "Flights to {city} are often cheaper in the middle of the week.",
   "Early mornings tend to be quieter too.|I'll show the direct ones first.", NULL},
  {"hotel_find", "city",
   "find a hotel in {city}|I need a place to stay in {city}.|Hotels in {city} for {days}|"
   "Where should I stay in {city}?|look for a cheap room in {city}|book me a room in {city}|"
   "Any nice guesthouses in {city}?",
   "Looking for places to stay in {city}.|Hotels in {city}, coming right up.|"
   "A good room in {city}, let me look.|In {city}, a room near a station saves you a lot of time.",
   "Read the newest reviews first.|I'll sort them by how guests liked the beds.", NULL},
  {"hotel_book", "hotel",
   "book a room at {hotel}|reserve {hotel} for {days}|Does {hotel} have a room {day}?|"
   "check rooms at {hotel}|I'd like to stay at {hotel}.|How much is a night at {hotel}?|"
   "get me a room at {hotel}",
   "Checking rooms at {hotel}.|A room at {hotel}, let me see.|Asking {hotel} for you now.",
   "I'll look for one with free cancellation.|Breakfast included, if possible.", NULL},
  {"hotel_ask", "hotel",
   "When is check-in at {hotel}?|Does {hotel} have breakfast?|Is there parking at {hotel}?|"
   "ask {hotel} for a late checkout|Does {hotel} allow dogs?|What time is checkout at {hotel}?|"
   "Is there a pool at {hotel}?",
   "Let me ask {hotel} about that.|Checking the details of {hotel}.|I'll find out from {hotel}.",
   "If it isn't listed, I can call the front desk.|One moment while I look at their page.", NULL},
  {"trip_plan", "city",
   "plan a weekend in {city}|What should I see in {city}?|Things to do in {city}|"
   "I'm going to {city} for {days}.|give me an itinerary for {city}|"
   "What's worth visiting in {city}?|I have one day in {city}, what now?|"
   "recommend something in {city}",
   "A visit to {city}, how nice!|Let's plan your time in {city}.|"
   "For {city}, start in the old streets near the center and follow your nose.",
   "Leave one afternoon free to wander.|Mix one big sight with one good meal a day.", NULL},
  {"trip_pack", "place",
   "What should I pack for {place}?|Packing list for {place}|help me pack for {days} in {place}|"
   "I'm flying to {place}, what do I bring?|make a packing list for {place}|"
   "What clothes do I need in {place}?|Do I need an adapter in {place}?",
   "Packing for {place} starts with layers.|Your packing list for {place}, let's see.|"
   "For {place}, take less than you think.|"
   "When you pack for {place}, lay everything out and leave a third of it home.",
   "Passport, charger, medicine, then clothes.|Roll your clothes and leave room for souvenirs.", NULL},
  {"visa", "country",
   "Do I need a visa for {country}?|Visa rules for {country}|"
   "What documents do I need for {country}?|check entry rules for {country}|"
   "Can I enter {country} with my passport?|How long can I stay in {country}?|"
   "tell me about visas for {country}",
   "Entry rules for {country} depend on your passport.|Visa rules for {country} do change.|"
   "Let me check the rules for {country}.|"
   "Rules for entering {country} change now and then, so check the official page.",
   "Always confirm on the official embassy page.|"
   "Your passport should be valid for a good while longer.", NULL},
  {"currency", "country",
   "What currency do they use in {country}?|Money in {country}|"
   "What's the exchange rate in {country}?|Can I pay by card in {country}?|"
   "How much do people tip in {country}?|tell me about cash in {country}|"
   "Should I bring cash to {country}?",
   "Money in {country}, let me look.|For paying in {country}, carry both.|"
   "The currency of {country}, one second.",
   "A card plus a little cash covers most days.|Ask your bank about fees before you go.", NULL},
  {"sight_about", "sight",
   "tell me about {sight}|What do people say about {sight}?|What made {sight} famous?|"
   "I'm standing in front of {sight}.|give me the story of {sight}|"
   "What should I know about {sight}?|What's the history of {sight}?|Should I visit {sight}?",
   "There's a lot to say about {sight}.|The story of {sight} is worth hearing.|"
   "Here's a little about {sight}.|"
   "Many people come to {sight} every year, and each one sees something different.",
   "Stand back first and take in the whole of it.|I'll start with how it came to be.", NULL},
  {"sight_visit", "sight",
   "How do I get to {sight}?|Tours of {sight}|When can I visit {sight}?|"
   "How much does it cost to see {sight}?|plan a visit to {sight}|"
   "When is the best time to see {sight}?|Do I need to book ahead for {sight}?|"
   "How long do I need for {sight}?",
   "A visit to {sight}, good choice.|Planning your visit to {sight}.|"
   "For {sight}, go early in the day.",
   "Crowds are thinnest just after opening.|Bring water and comfortable shoes.", NULL},
  {"park_hike", "park",
   "How long is the hike at {park}?|find a trail at {park}|Is {park} good for a hike?|"
   "plan a walk around {park}|What's the best trail at {park}?|Are dogs allowed at {park}?|"
   "I want to hike at {park} {day}.",
   "A hike at {park}, lovely idea.|Finding a trail at {park}.|"
   "Let me look at the trails near {park}.",
   "Start early and tell someone your route.|I'll show the length and the climb.", NULL},
  {"translate", "language",
   "How do you say {phrase} in {language}?|translate {phrase} into {language}|"
   "What is {phrase} in {language}?|say {phrase} in {language}|I need {phrase} in {language}.|"
   "put {phrase} into {language}|teach me to say {phrase} in {language}|"
   "What's the {language} for {phrase}?",
   "In {language} you could say this.|Here it is in {language}.|Let me say that in {language}.|"
   "In {language} it sounds like this, so listen once and then try it yourself.",
   "Listen once, then repeat after me.|I'll speak slowly so you can follow.", NULL},
  {"interpret", "language",
   "interpret between me and someone who speaks {language}|turn on {language} translation|"
   "I need an interpreter for {language}.|translate what he says from {language}|"
   "start a conversation in {language}|Do you understand {language}?|"
   "help me talk to a {language} speaker|switch on live translation for {language}",
   "Live translation for {language} is on.|Listening for {language} from now on.|"
   "I'll interpret from {language} for you.",
   "Speak in short sentences and pause between them.|Hold your wrist between the two of you.", NULL},
  {"language_learn", "language",
   "I want to learn {language}.|How hard is {language}?|teach me some {language}|"
   "Where do I start with {language}?|give me a tip for learning {language}|"
   "How long does it take to learn {language}?|practice {language} with me",
   "Learning {language} is a fine plan.|Let's start {language} with greetings.|"
   "With {language}, a little every day works.|"
   "With {language}, ten minutes every day will take you further than one long evening.",
   "Ten minutes a day beats an hour on Sunday.|Say every new word aloud three times.", NULL},
  {"country_about", "country",
   "tell me something about {country}|What is {country} like?|What should I know about {country}?|"
   "describe {country} in a few words|I'm curious about {country}.|What's {country} famous for?|"
   "give me a quick overview of {country}|Who lives in {country}?",
   "A few words about {country}, gladly.|There's much to like about {country}.|"
   "Let me tell you about {country}.|"
   "Where to begin with {country}, when there is so much to tell you.",
   "I'll cover the land, the people and the food.|Stop me when something catches your interest.", NULL},
  {"country_capital", "country",
   "What's the capital of {country}?|Capital of {country}|Which city is the capital of {country}?|"
   "name the capital of {country}|Do you know the capital of {country}?|"
   "tell me the capital city of {country}|Quiz question: capital of {country}?",
   "The capital of {country}, let me think.|Looking up the capital of {country}.|"
   "You want the capital of {country}.",
   "I'll show it on the map as well.|Good one for quiz night.", NULL},
  {"population", "place",
   "How many people live in {place}?|Population of {place}|What's the population of {place}?|"
   "How big is {place}?|tell me how many people {place} has|Is {place} crowded?|"
   "look up the population of {place}",
   "The population of {place} changes every year, so let me find the newest count.|"
   "How many people {place} has depends on where you draw the line.|"
   "Counting the people of {place}, one moment.",
   "City limits and the wider area give different figures.|I'll use the latest census I can find.", NULL},
  {"distance_city", "city",
   "How far is {city} from here?|Distance to {city}|How many hours is it to {city} by car?|"
   "tell me how far away {city} is|How long is the drive to {city}?|"
   "Is {city} a day trip from here?|How many miles to {city}?",
   "The distance to {city}, let me measure.|Checking how far {city} is.|"
   "From here to {city}, one moment.",
   "By road it's always longer than the crow flies.|I'll compare train and car.", NULL},
  {"landmark_photo", "sight",
   "take a photo of {sight}|What's the best spot to photograph {sight}?|"
   "help me take a good picture of {sight}|I want a picture of {sight}.|Photo tips for {sight}|"
   "Where do I stand for a photo of {sight}?",
   "A photo of {sight} deserves good light.|For a picture of {sight}, step back.|"
   "Framing {sight} for you now.",
   "Early light is soft and the crowds are small.|Hold still and I'll count to three.", NULL},
  {"road_trip", "city",
   "plan a road trip to {city}|I'm driving to {city} {day}.|What's a scenic way to {city}?|"
   "Where should we stop on the way to {city}?|plan the drive to {city} with breaks|"
   "How should we split the drive to {city}?",
   "A road trip to {city}, great idea!|Driving to {city}, let's plan it.|"
   "The scenic way to {city} takes longer.|"
   "On the way to {city}, plan a stop every two hours and one good lunch.",
   "Pack water and something to nibble.|I'll look for a good lunch halfway.", NULL},
  {0}};
