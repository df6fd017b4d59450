/* Health, exercise, rest and how one feels. */
#include "synth.h"

/* clang-format off */
const synth_intent synth_body[] = {
  {"ache", "ache",
   "I have {ache}.|What helps with {ache}?|How do I treat {ache}?|Home remedy for {ache}|"
   "I woke up with {ache}.|What can I do about {ache}?|How long will it take to get over {ache}?|"
   "help me with {ache}",
   "Sorry to hear about {ache}.|Dealing with {ache} is no fun.|For {ache}, rest is a start.|"
   "With {ache}, most people do well with rest, water and a bit of patience.",
   "Drink some water and take it easy.|If it gets worse or won't go away, please see a doctor.|"
   "Tell me when it began.", NULL},
  {"pain", "bodypart",
   "My {bodypart} hurts.|Why does my {bodypart} hurt?|I have pain in my {bodypart}.|"
   "What helps a sore {bodypart}?|My {bodypart} is stiff.|I hurt my {bodypart} at the gym.|"
   "Stretches for my {bodypart}|What should I do about my {bodypart}?",
   "Sorry about your {bodypart}, that sounds unpleasant.|Let's be kind to your {bodypart}.|"
   "A sore {bodypart} needs gentle care.|"
   "When your {bodypart} hurts, rest it for a day and move only gently.",
   "A little warmth may feel good.|If it's swollen or numb, have a doctor look.", NULL},
  {"stretch", "bodypart",
   "give me a stretch for my {bodypart}|How do I stretch my {bodypart}?|loosen up my {bodypart}|"
   "I need a quick exercise for my {bodypart}.|Which yoga pose is good for the {bodypart}?|"
   "How do I strengthen my {bodypart}?|show me how to massage my {bodypart}",
   "Let's loosen your {bodypart} a little.|A stretch for your {bodypart}, slowly now.|"
   "Stretching the {bodypart} should feel good.",
   "Breathe out as you lean in and hold for a slow count of twenty.|Stop if anything pinches.", NULL},
  {"pill_reminder", "pill",
   "remind me to take {pill} at {time}|I need to take {pill} every morning.|"
   "set a reminder for {pill}|Did I take {pill} today?|It's time for {pill}, remind me daily.|"
   "Don't let me forget {pill}.|put {pill} on my medicine list",
   "I'll remind you about {pill}.|A reminder for {pill}, set.|Taking {pill} on time, good plan.",
   "I'll ask you to confirm each dose.|Keep it where you'll see it.", NULL},
  {"pill_log", "pill",
   "I just took {pill}.|log {pill}|note that I took {pill}|record a dose of {pill}|"
   "write down that I had {pill}|mark {pill} as taken",
   "Logged your {pill} for today.|Noted: {pill}, taken just now.|Your {pill} is on record.",
   "I won't remind you again until tomorrow.|Your list for today looks good.", NULL},
  {"pill_about", "pill",
   "What do people take {pill} for?|Should I take {pill} with food?|Can I take {pill} with coffee?|"
   "When is the best time to take {pill}?|Are there side effects of {pill}?|tell me about {pill}|"
   "What if I miss a dose of {pill}?|How much {pill} should I take?",
   "About {pill}, ask your pharmacist too.|For {pill}, follow the label first.|"
   "Questions about {pill} are worth asking.|"
   "For questions about {pill}, the label and your pharmacist know best.",
   "Doses differ from person to person.|Tell them what else you take.", NULL},
  {"doctor_book", "doctor",
   "book an appointment with {doctor}|I need to see {doctor}.|Can I see {doctor} {day}?|"
   "make an appointment with {doctor} {when}|call the office of {doctor}|"
   "When is my appointment with {doctor}?|Does {doctor} have time {day}?",
   "Contacting {doctor} for you now.|An appointment with {doctor}, on it.|"
   "Let me reach {doctor} for you.",
   "Write down your questions before you go.|Bring your list of medicines.", NULL},
  {"workout_start", "exercise",
   "start a workout with {exercise}|I'm going to do {exercise}.|track my {exercise}|"
   "begin {exercise} for {minutes}|Let's do some {exercise}.|log {exercise}, I'm starting now|"
   "count my {exercise}|Time for {exercise}.",
   "Starting your {exercise} session now.|Let's go, {exercise} it is!|"
   "Tracking {exercise} from right now.",
   "Warm up first and keep breathing.|I'll count and keep the time.", NULL},
  {"workout_how", "exercise",
   "How do I do {exercise} properly?|teach me {exercise}|What muscles will {exercise} work?|"
   "Am I doing {exercise} right?|Tips for {exercise}|How often should I do {exercise}?|"
   "Can beginners do {exercise}?|show me the right form for {exercise}",
   "Good form makes {exercise} safer.|To do {exercise} well, start slowly.|"
   "With {exercise}, quality beats quantity.|"
   "When you do {exercise}, think about form first and numbers later.",
   "Keep your back long and your breath steady.|Stop a little before you're worn out.", NULL},
  {"workout_plan", "sport",
   "make me a training plan for {sport}|How do I get fit for {sport}?|"
   "I want to get better at {sport}.|Workout plan for {sport}|How should I train for {sport}?|"
   "What exercises help with {sport}?|prepare me for the {sport} season",
   "Training for {sport}, great goal!|A plan for {sport}, step by step.|"
   "Getting better at {sport} takes rhythm.|"
   "If you train for {sport}, plan two hard days and plenty of rest.",
   "Sleep and good food count as training too.|Add a little each week, never a lot.", NULL},
  {"run_track", "distance",
   "track a run of {distance}|I'm going to run {distance}.|start a {distance} run|"
   "I ran {distance} today.|log a walk of {distance}|I want to run {distance}, keep the pace.|"
   "set a goal of {distance}|How long does it take to run {distance}?",
   "Tracking your {distance}, off you go!|Your goal is {distance}, have fun.|"
   "A nice {distance}, I've got it.",
   "I'll call out your pace now and then.|Start slower than you think.", NULL},
  {"steps_goal", "steps",
   "set my goal to {steps}|I want to walk {steps} a day.|change my daily goal to {steps}|"
   "bump my goal up to {steps}|My new target is {steps}.|make it {steps} per day|"
   "aim for {steps} from now on",
   "Your goal: {steps} a day.|Aiming for {steps} every day, nice.|Okay, {steps} is the number.",
   "A walk after lunch gets you a good part of the way.|I'll cheer when you're close.", NULL},
  {"weight_log", "bodyweight",
   "log my weight, {bodyweight}|I weigh {bodyweight} today.|record {bodyweight}|"
   "put my weight down as {bodyweight}|The scale says {bodyweight}.|"
   "write down that I weigh {bodyweight}",
   "Logged your weight at {bodyweight}.|Today's entry says {bodyweight}, thanks.|"
   "Noted, {bodyweight} as of today.",
   "One day says little, so look at the trend.|Same time of day gives the best picture.", NULL},
  {"weight_lift", "weight",
   "I lifted {weight} today.|log a lift of {weight}|My new record is {weight}.|"
   "How do I get from {weight} to more?|note that I did {exercise} with {weight}|"
   "Can I lift {weight} safely?|Next time I want to lift {weight}.",
   "Lifting {weight} is strong work.|Your lift of {weight} is noted.|"
   "With {weight}, mind your form.",
   "Add small plates and rest well between sets.|Sleep is where the strength grows.", NULL},
  {"water_log", "ounces",
   "I drank {ounces} of water.|log {ounces} of water|add {ounces} to my water intake|"
   "record that I had {ounces} of water|put down {ounces} of water|"
   "Another {ounces} of water for me",
   "Logged {ounces} of water, nice.|Added {ounces} to today's total.|"
   "That's {ounces} more, well done.",
   "Keep a glass within reach.|You're getting there, sip by sip.", NULL},
  {"sleep_plan", "time",
   "When should I go to bed to wake at {time}?|I need to be rested by {time}.|"
   "If I get up at {time}, when do I sleep?|plan my sleep for {time}|Bedtime for a {time} start|"
   "I have to leave at {time}, when should I sleep?",
   "To be fresh at {time}, wind down early.|For a start at {time}, count backward.|"
   "Waking at {time}, let me plan.",
   "Most adults feel best with seven to nine hours.|Put screens away an hour before.", NULL},
  {"meditate", "minutes",
   "guide me through {minutes} of meditation|let me breathe for {minutes}|"
   "start a meditation for {minutes}|I want to meditate for {minutes}.|"
   "Breathing exercise, {minutes}|give me {minutes} of calm|I have {minutes} to relax.",
   "Let's take {minutes} for ourselves.|A calm {minutes} starts now.|"
   "Settle in for {minutes} of quiet.",
   "Sit tall, soften your shoulders, and breathe out slowly.|Follow the gentle taps on your wrist.", NULL},
  {"mood", "mood",
   "I'm feeling {mood}.|I feel {mood} today.|I'm so {mood} right now.|Why am I so {mood}?|"
   "What can I do when I'm {mood}?|I've been {mood} all week.|I woke up {mood}.|"
   "Everyone says I seem {mood}.",
   "Feeling {mood} happens to all of us.|Thanks for telling me you're {mood}.|"
   "Being {mood} is okay, you know.|"
   "When you feel {mood}, it can help to say it out loud to someone.",
   "Take one slow breath, then tell me what is behind it.|"
   "A short walk or a friend may do you good.", NULL},
  {"mood_friend", "name",
   "I think {name} feels {mood}.|What do I say when {name} is {mood}?|"
   "My friend {name} seems {mood}.|help me cheer up {name}|How can I be there for {name}?|"
   "I'm worried about {name}.|What can I do for {name} after a hard day?",
   "It's kind to think of {name}.|Being there for {name} helps already.|"
   "Ask {name} how the day was.",
   "Listen more than you talk, and skip the advice at first.|A walk or a warm meal says a lot.", NULL},
  {"mood_log", "mood",
   "log my mood as {mood}|put me down as {mood} today|Mood diary, {mood}|note that I'm {mood}|"
   "write in my journal that I felt {mood}|Today's mood is {mood}.",
   "Your mood for today: {mood}, saved.|I've noted that you feel {mood}.|"
   "Logged: you're {mood} right now.",
   "Would you like to add a word about why?|Over time we may see a pattern.", NULL},
  {"habit_help", "habit",
   "How do I get used to {habit}?|I can't keep up with {habit}.|What's the trick to {habit}?|"
   "help me stick with {habit}|Is {habit} worth it?|give me motivation for {habit}|"
   "I want to start {habit}, any tips?",
   "Sticking with {habit} gets easier.|To make {habit} last, start small.|"
   "For {habit}, tie it to a routine.|"
   "The trick with {habit} is to make it so small that you can't say no.",
   "Missing once is fine, just don't miss twice.|Put it right after something you do anyway.", NULL},
  {"habit_log", "habit",
   "I managed {habit} today.|log {habit} for today|mark {habit} as done|"
   "Did I do well with {habit} this week?|How's my streak for {habit}?|check off {habit}|"
   "count today for {habit}",
   "Well done, {habit} is logged.|Your streak for {habit} looks alive.|"
   "Keeping track of {habit}, nice going.",
   "Every tick makes the next one easier.|Shall I show the whole week?", NULL},
  {"heart_after", "exercise",
   "What was my heart rate during {exercise}?|How many calories did I burn with {exercise}?|"
   "How did my {exercise} go?|compare my {exercise} with last week|show my {exercise} stats|"
   "Did my {exercise} get better since last time?|How long did I do {exercise}?",
   "Looking at your {exercise} numbers.|Your {exercise} stats, one moment.|"
   "Let me pull up your {exercise}.",
   "I'll compare them with your last few sessions.|Effort matters more than any single number.", NULL},
  {"food_allergy", "ingredient",
   "I'm allergic to {ingredient}.|remember that I can't eat {ingredient}|"
   "Does this contain {ingredient}?|avoid {ingredient} in recipes|I don't eat {ingredient}.|"
   "note my allergy to {ingredient}|keep {ingredient} out of my meal plan|"
   "warn me if there's {ingredient} in a dish",
   "I'll keep {ingredient} off your plate.|Noted, no {ingredient} for you.|"
   "Watching out for {ingredient} from now on.",
   "Always ask the kitchen as well.|I'll flag it whenever I see it on a menu.", NULL},
  {0}};
