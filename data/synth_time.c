/* Timers, alarms, reminders, the calendar and the clock. */
#include "synth.h"

/* clang-format off */
const synth_intent synth_time[] = {
  {"timer_set", "duration",
   "set a timer for {duration}|start a timer for {duration}|I need a timer for {duration}.|"
   "put {duration} on the clock|count down {duration}|time {duration} for me|Timer for {duration}|"
   "Could I get a timer for {duration}?",
   "Setting a timer for {duration}.|Timer set: {duration}, starting now.|"
   "Your timer for {duration} is running.|"
   "With {duration} on the clock, I'll tell you the moment it runs out.",
   "I'll tap your wrist when it's done.|Ask me any time how much is left.|"
   "You'll hear a soft chime at the end.", NULL},
  {"timer_cook", "duration",
   "set a timer for {duration} for the {boilable}|time the {boilable} for {duration}|"
   "I need {duration} for the {boilable}.|remind me to check the {boilable} in {duration}|"
   "Timer for the {boilable}, {duration}|I just put the {boilable} on, give me {duration}.",
   "Counting down {duration} in the kitchen.|You've got {duration}, chef.|"
   "Kitchen timer: {duration} from now.",
   "I'll call you back to the stove when it rings.|Taste a little early, stoves differ.|"
   "Go relax, I'll keep an eye on it.", NULL},
  {"timer_add", "minutes",
   "add {minutes} to the timer|give the timer {minutes} more|extend the timer by {minutes}|"
   "I need {minutes} more on the timer.|make the timer longer by {minutes}|"
   "put another {minutes} on that timer|Timer needs another {minutes}.",
   "Adding {minutes} to your timer.|That's {minutes} more on the timer.|"
   "Timer extended by {minutes}.",
   "I'll let you know when the new time is up.|Say the word if you need even longer.", NULL},
  {"timer_named", "task",
   "start a timer called {task}|set a timer and name it {task}|label the timer {task}|"
   "I want a timer named {task}.|call this timer {task}|Name my next timer {task}.",
   "New timer named {task}.|New timer ready: {task}, all yours.|Timer named {task}, ready.",
   "How long should it run?|Tell me the length and I'll start it.", NULL},
  {"timer_nap", "minutes",
   "wake me from my nap in {minutes}|I'm taking a nap for {minutes}.|Nap timer for {minutes}|"
   "let me sleep {minutes}|I'm going to lie down for {minutes}, wake me up.|"
   "set a nap alarm in {minutes}",
   "Enjoy your nap for {minutes}.|Sleep well, {minutes} and counting.|Waking you in {minutes}.",
   "I'll keep everything quiet until then.|Notifications are off while you rest.|"
   "I'll wake you with a gentle buzz.", NULL},
  {"alarm_set", "time",
   "set an alarm for {time}|wake me up at {time}|I need to be up at {time}.|Alarm at {time}|"
   "get me up at {time}|Can I have an alarm at {time} please?|make sure I'm awake at {time}|"
   "I have to get up at {time} tomorrow.",
   "Your alarm is set for {time}.|Waking you up at {time}.|Alarm on for {time}, sleep well.|"
   "At {time} I'll wake you with a soft tone that slowly gets louder.",
   "I'll start softly and get louder if you sleep on.|Have a good night until then.|"
   "I can repeat it every weekday if you like.", NULL},
  {"alarm_day", "day",
   "wake me at {time} {day}|set an alarm {day} at {time}|I need an alarm at {time} {day}.|"
   "I have to be up {day} at {time}.|put an alarm on {day} at {time}|"
   "Is there room for an alarm at {time} {day}?",
   "Alarm set for {day} at {time}.|I'll wake you {day} at {time}.|For {day} I've set {time}.|"
   "Come {day}, your alarm will ring at the time you asked for.",
   "It rings once unless you ask me to repeat it.|You can snooze it with a double tap.", NULL},
  {"alarm_cancel", "time",
   "cancel the {time} alarm|turn off my alarm at {time}|delete the alarm for {time}|"
   "I don't need the {time} alarm anymore.|remove the {time} alarm|Skip the {time} alarm.|"
   "get rid of the alarm at {time}",
   "Canceling your {time} alarm.|The alarm at {time} is off.|Done, no alarm at {time}.",
   "Sleep as long as you like.|Your other alarms stay as they are.", NULL},
  {"alarm_move", "time",
   "move my alarm to {time}|change the alarm to {time}|push my alarm to {time}|"
   "Make my alarm {time} instead.|reset the alarm for {time}|I'd rather wake up at {time}.|"
   "shift the morning alarm to {time}",
   "Moving your alarm to {time}.|Your alarm now rings at {time}.|Changed: you wake at {time}.",
   "The old one is gone, so it rings only once.|Everything else in your morning stays put.", NULL},
  {"snooze", "minutes",
   "snooze for {minutes}|let me sleep {minutes} more|give me {minutes} more in bed|"
   "Not yet, {minutes} more please.|snooze the alarm {minutes}|I want to snooze for {minutes}.|"
   "Wake me again in {minutes}.",
   "Snoozing for {minutes}, sleep tight.|Okay, {minutes} more for you.|"
   "Back to sleep for {minutes}.",
   "I'll be back, a bit louder.|Your first event of the day is still a while away.", NULL},
  {"remind_task", "task",
   "remind me to {task}|I need to remember to {task}.|Don't let me forget to {task}.|"
   "make a note to {task}|set a reminder to {task}|Reminder to {task}.|"
   "I keep forgetting to {task}.|put {task} on my list",
   "I'll remind you to {task}.|Noted, {task}, it's on your list.|Saved for later: {task}.|"
   "I'll make sure you {task}, with a nudge at a quiet moment of the day.",
   "When would you like to hear about it?|It stays on your list until you say done.|"
   "Mark it done with a quick tap.", NULL},
  {"remind_time", "time",
   "remind me at {time} to {task}|set a reminder for {time} to {task}|At {time} tell me to {task}.|"
   "I have to {task} at {time}, remind me.|give me a nudge at {time} to {task}|"
   "Remind me to {task} at {time}.|ping me at {time} so I can {task}",
   "Reminder set for {time} today.|At {time} I'll give you a nudge.|You'll hear from me at {time}.",
   "I'll say: time to {task}.|It will stay on your list until you tick it off.", NULL},
  {"remind_when", "when",
   "remind me {when} to {task}|Please, {when}, remind me to {task}.|"
   "I want to {task} {when}, remind me.|set a reminder {when}: {task}|"
   "put a reminder on {when} to {task}|Don't let me forget to {task} {when}.|"
   "Reminder for {when}: {task}.",
   "Your reminder is set for {when}.|I'll remind you {when}.|Reminder for {when}, saved.|"
   "When it's {when}, you'll feel a short buzz with your note on the screen.",
   "The note says to {task}.|I'll nudge you a little ahead if traffic is bad.", NULL},
  {"remind_place", "dest",
   "remind me to {task} when I get to {dest}|When I'm at {dest}, remind me to {task}.|"
   "As soon as I reach {dest} tell me to {task}|set a reminder for {dest} to {task}|"
   "Next time I'm at {dest} I should {task}.|remind me at {dest} to {task}",
   "I'll remind you at {dest}.|When you reach {dest}, I'll speak up.|Reminder pinned to {dest}.",
   "It goes off as soon as you arrive.|Keep location on so that I notice.", NULL},
  {"remind_person", "name",
   "remind me to ask {name} about {project}|When I see {name}, remind me about {project}.|"
   "I should talk to {name} about {project}.|make a note to ask {name} about {project}|"
   "Don't let me forget to tell {name} about {project}.|"
   "Next time I meet {name}, bring up {project}.",
   "I'll remind you to ask {name}.|Noted for when you see {name}.|A note about {name}, saved.",
   "The topic is {project}, and I'll keep it on your list.|I'll bring it up before your next chat.", NULL},
  {"todo_done", "task",
   "mark {task} as done|I finished, check off {task}|cross {task} off my list|"
   "Check off {task}, it's done.|take {task} off the list|I already did it, remove {task}|"
   "tick off {task}",
   "Nice work, {task} is done.|Checked off: {task}, well done.|Crossed off your list: {task}.",
   "That's one less thing to think about.|Your list is getting shorter.|Want to hear what is next?", NULL},
  {"todo_add", "task",
   "add {task} to my to-do list|put {task} on my to-do list|New to-do, {task}|"
   "My list needs {task}.|write down {task} on my list|To-do list, add {task}|"
   "I should {task} this week, list it.",
   "Added to your list: {task}.|To-do saved: {task}, no rush.|Now on your list: {task}.",
   "Should I give it a due date?|I'll bring it up when your day looks free.", NULL},
  {"calendar_add", "meeting",
   "add {meeting} to my calendar {when}|schedule {meeting} {when}|"
   "put {meeting} on the calendar for {when}|I have {meeting} {when}.|"
   "block time for {meeting} {when}|Calendar: {meeting}, {when}|book {meeting} for {when}|"
   "pencil in {meeting} {when}",
   "Adding {meeting} to your calendar.|Your calendar now has {meeting}.|"
   "I've scheduled {meeting} for you.",
   "It's set for {when}, with a reminder ahead of it.|I saw no clash with your other plans.", NULL},
  {"calendar_move", "meeting",
   "move {meeting} to {when}|reschedule {meeting} for {when}|push {meeting} to {when}|"
   "Can we shift {meeting} to {when}?|change {meeting} to {when}|"
   "I need {meeting} on {when} instead.|swap {meeting} over to {when}",
   "Moving {meeting} to its new time.|I'm rescheduling {meeting} right now.|"
   "Sure, {meeting} gets a new time.",
   "The new slot is {when}, and I'll tell everyone invited.|"
   "I'll let the others know it changed to {when}.", NULL},
  {"calendar_cancel", "meeting",
   "cancel {meeting}|take {meeting} off my calendar|I can't make {meeting}, cancel it.|"
   "delete {meeting} from the calendar|call off {meeting}|Please drop {meeting} from my schedule.|"
   "I have to skip {meeting}.",
   "Canceling {meeting} for you.|I've taken {meeting} off your calendar.|"
   "Okay, {meeting} is off your schedule.|"
   "I'm taking {meeting} off your calendar, and the others will be told.",
   "Shall I send the others a short apology?|That frees up some room in your day.", NULL},
  {"calendar_find", "meeting",
   "When is {meeting}?|What time is {meeting}?|When do I have {meeting}?|"
   "find {meeting} in my calendar|Do I have {meeting} this week?|look up when {meeting} is|"
   "Where and when is {meeting}?|What day is {meeting} on?",
   "Checking when {meeting} takes place.|Let me find {meeting} for you.|"
   "Looking up {meeting} in your calendar.|"
   "Your calendar should know when {meeting} takes place, so let me look there.",
   "I'll read you the time and the place.|If it moved, I'll mention that too.", NULL},
  {"calendar_day", "day",
   "What's on my calendar {day}?|What do I have {day}?|How does {day} look?|"
   "read me my schedule for {day}|Am I busy {day}?|Do I have anything {day}?|"
   "tell me my plans for {day}|What's happening {day}?",
   "Here's your schedule for {day}.|Your plans for {day}, coming up.|Let me open {day} for you.|"
   "Looking at {day}, I'll read your plans from the earliest to the latest.",
   "I'll start with the earliest event and mention the gaps.|"
   "I'll tell you when to leave for each one.", NULL},
  {"calendar_free", "when",
   "Am I free {when}?|Do I have time {when}?|Is {when} open?|check if I'm free {when}|"
   "Could I fit something in {when}?|Is there anything in my calendar {when}?|"
   "see whether I have a gap {when}",
   "Let me check {when} for you.|Checking if {when} is open.|Looking at {when} in your calendar.",
   "I'll count travel time too, so nothing gets tight.|"
   "If it's taken, I'll find the next free slot.", NULL},
  {"invite", "name",
   "invite {name} to {meeting}|add {name} to {meeting}|send {name} an invite for {meeting}|"
   "I forgot to invite {name} to {meeting}.|I'd like {name} to join {meeting}.|"
   "get {name} into {meeting}|Please make sure {name} is invited to {meeting}.",
   "Inviting {name} to join you.|Sending {name} an invitation now.|I'll add {name} to the guests.",
   "They'll get the details for {meeting}.|I'll tell you as soon as they answer.", NULL},
  {"countdown", "holiday",
   "How many days until {holiday}?|How long is it until {holiday}?|count the days to {holiday}|"
   "When is {holiday} this year?|What day does {holiday} fall on?|"
   "tell me how far away {holiday} is|Is {holiday} soon?|How many weeks to {holiday}?",
   "Let me count down to {holiday}.|Counting the days until {holiday}.|"
   "The date of {holiday} this year, coming up.",
   "I can put a reminder a week ahead.|Time for a plan, perhaps.", NULL},
  {"world_clock", "city",
   "What time is it in {city}?|Time in {city}|tell me the time in {city}|"
   "What's the local time in {city} right now?|Is it late in {city}?|check the clock in {city}|"
   "If I call {city} now, what time is it there?|Is it morning or night in {city}?",
   "The time in {city} right now, one second.|Checking the clock in {city}.|"
   "Right now in {city}, the local time is on your screen.|"
   "The clock in {city} may be hours away from ours, so let me check.",
   "Keep daylight saving in mind if you plan a call.|I can add it to your world clock.", NULL},
  {"time_zone", "city",
   "What time zone is {city} in?|Which time zone does {city} use?|How far ahead is {city}?|"
   "What's the time difference to {city}?|tell me the time difference with {city}|"
   "How many hours away is {city} by clock?|Is {city} ahead of us or behind?",
   "The time zone of {city} is easy to check.|Comparing our clock with {city}.|"
   "Let me look up the clock in {city}.",
   "The difference can shift when either side changes its clocks.|"
   "I'll take today's date into account.", NULL},
  {"date_weekday", "date",
   "What day of the week is {date}?|Which weekday is {date}?|Is {date} on a weekend?|"
   "tell me what day {date} falls on|Does {date} land on a Friday?|look up the weekday for {date}|"
   "What weekday will {date} be?",
   "Let me look at {date}.|Checking the weekday for {date}.|"
   "On the calendar, {date} is easy to find.",
   "I'll mention any holiday that is close.|Want me to block the day?", NULL},
  {"days_between", "date",
   "How many days until {date}?|Days until {date}|How long from now to {date}?|"
   "count the days to {date}|How far away is {date}?|tell me how many weeks are left until {date}|"
   "How much time do we have before {date}?",
   "Counting the days to {date}.|From today until {date}, let me count.|"
   "The wait until {date} is being counted.",
   "I can start a countdown on your watch face.|I'll leave today out of the count.", NULL},
  {"focus_session", "span",
   "start a focus session for {span}|I want to concentrate for {span}.|"
   "No interruptions for {span}.|mute everything for {span}|do not disturb for {span}|"
   "let me work quietly for {span}|Silence my phone for {span}.",
   "Quiet mode for {span} starts now.|No interruptions for {span}.|You have {span} of quiet.",
   "Only your starred contacts can reach you.|I'll sum up what you missed afterward.", NULL},
  {"stopwatch_lap", "sport",
   "start a stopwatch for {sport}|time my {sport} practice|"
   "I'm about to start {sport}, run the stopwatch.|Stopwatch for {sport}|"
   "record how long my {sport} session takes|clock my {sport} session",
   "Stopwatch running for your {sport} session.|Timing your {sport} session from now.|"
   "Go, your {sport} clock is on!",
   "Say lap to save a split.|Say stop when you're finished.", NULL},
  {"habit_reminder", "habit",
   "remind me about {habit} every day|help me keep up with {habit}|"
   "I'm trying to get better at {habit}.|nudge me daily about {habit}|"
   "set a daily reminder for {habit}|I want to make {habit} a habit.|Keep me honest about {habit}.",
   "A daily nudge for {habit}, sure.|Let's build a routine around {habit}.|"
   "I'll check in about {habit}.|For {habit}, a short nudge at the same time each day works best.",
   "Small steps every day beat one big push.|Tell me the time of day that suits you best.", NULL},
  {0}};
