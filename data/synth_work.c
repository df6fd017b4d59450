/* Work, money and plans. */
#include "synth.h"

/* clang-format off */
const synth_intent synth_work[] = {
  {"meeting_prepare", "meeting",
   "help me prepare for {meeting}|What do I need for {meeting}?|make an agenda for {meeting}|"
   "I'm nervous about {meeting}.|give me a plan for {meeting}|How do I get ready for {meeting}?|"
   "remind me to prepare {meeting}|Who else is coming to {meeting}?",
   "Let's get ready for {meeting}.|Preparing {meeting}, step by step.|"
   "For {meeting}, pick one clear goal.|"
   "Before {meeting}, write down three points and the one question you must ask.",
   "Know what you want to leave with.|Arrive a few minutes early and breathe.", NULL},
  {"meeting_notes", "meeting",
   "take notes during {meeting}|start notes for {meeting}|record {meeting}|sum up {meeting}|"
   "keep minutes of {meeting}|I want notes from {meeting}.|write down what we decide in {meeting}",
   "Taking notes on {meeting}.|Your notes for {meeting}, here we go.|"
   "Okay, {meeting} is being written down.",
   "I'll mark decisions and who does what.|Ask the others if recording is fine.", NULL},
  {"meeting_late", "meeting",
   "I'm running late for {meeting}.|tell everyone I'll be late to {meeting}|"
   "I can't find the room for {meeting}.|Where is {meeting} held?|"
   "When should I leave for {meeting}?|Will I make it to {meeting} on time?",
   "Don't worry, {meeting} can wait a minute.|Let me help you reach {meeting}.|"
   "About {meeting}, I'm checking your route.",
   "I'll send a short note that you're on your way.|I'll find the quickest way in.", NULL},
  {"document_open", "document",
   "open {document}|show me {document}|Where is {document}?|I need {document}.|find {document}|"
   "pull up {document} on my phone|Could I see {document}?|When was {document} last changed?",
   "Opening {document} for you.|Let me find {document} now.|Looking for {document} in your files.",
   "I'll take the newest version.|Say read and I'll read it aloud.", NULL},
  {"document_send", "document",
   "send {document} to {name}|share {document} with {name}|forward {document} to {name}|"
   "I think {name} needs {document}.|email {document} to {name}|pass {document} on to {name}|"
   "make sure {name} gets {document}",
   "Sending {document} right away.|I'm sharing {document} for you.|Okay, {document} is on its way.",
   "I told {name} to expect it.|They'll be able to comment on it.", NULL},
  {"document_write", "document",
   "help me write {document}|I have to finish {document} by {day}.|remind me to finish {document}|"
   "How do I start {document}?|check {document} for mistakes|sum up {document} for me|"
   "I'm stuck on {document}.|print {document}",
   "Let's work on {document} together.|Starting {document} is the hardest part.|"
   "For {document}, begin with an outline.|"
   "For {document}, write a quick and bad first draft, then make it better.",
   "Nobody sees the first version but you.|One heading at a time gets it done.", NULL},
  {"project_status", "project",
   "What's the status of {project}?|How is {project} going?|give me an update on {project}|"
   "Is {project} on schedule?|What's left to do for {project}?|tell me where we are with {project}|"
   "When is {project} due?|Who's working on {project}?",
   "Checking the status of {project}.|Let me see how {project} stands.|"
   "An update on {project}, coming up.|"
   "The last update on {project} should be in the notes, so let me look.",
   "I'll list open tasks and the next deadline.|Green, yellow, red, that order.", NULL},
  {"project_task", "project",
   "add a task to {project}|create a task for {project}: {task}|assign {name} to {project}|"
   "plan the next steps for {project}|set a deadline for {project} on {date}|"
   "I need to spend time on {project} {day}.|block {hours} for {project}",
   "Adding that to {project}.|Okay, {project} has a new entry.|Planning {project} with you.",
   "The board is up to date.|I'll let the team know.", NULL},
  {"time_track", "project",
   "start tracking time for {project}|log {hours} on {project}|I'm working on {project} now.|"
   "stop the clock on {project}|How long did I work on {project}?|"
   "note {hours} of work for {project}",
   "Tracking your time on {project}.|The clock for {project} is set.|Time on {project}, got it.",
   "Say pause when you take a break.|I'll add it all up on Friday.", NULL},
  {"colleague", "name",
   "Is {name} in the office?|Is {name} free {when}?|set up a meeting with {name}|"
   "When can I talk to {name}?|ask {name} for feedback on {document}|"
   "find out if {name} has time {day}|What is {name} working on?|"
   "I need to speak with {name} about {project}.",
   "Checking with {name} right now.|Let me find {name} for you.|Asking {name} on your behalf.",
   "I'll suggest a time that suits both of you.|A short chat often beats a long email.", NULL},
  {"email_polite", "name",
   "How do I turn down an offer from {name} politely?|help me say no to {name}|"
   "write a friendly reminder to {name}|How do I ask {name} for a favor?|"
   "What's a polite way to tell {name} I disagree?|I need to remind {name} without being pushy.",
   "Being honest with {name} can be kind.|Writing to {name}, keep it friendly.|"
   "With {name}, say it plainly.",
   "Thank first, say it in one line, and offer another way.|Read it aloud before you send it.", NULL},
  {"interview", "company",
   "I have an interview at {company} {day}.|help me prepare for the interview at {company}|"
   "What should I ask at {company}?|What does {company} do?|Should I work for {company}?|"
   "write an application to {company}|How do I follow up with {company}?|"
   "I got an offer from {company}!",
   "An interview at {company}, exciting!|Let's look into {company} together.|"
   "For {company}, prepare two good stories.|"
   "Before you talk to {company}, prepare two short stories about your work.",
   "Know why you want it and what you bring.|Ask about the people you'd work with.", NULL},
  {"company_stock", "company",
   "What's the stock price of {company}?|How are shares of {company} doing?|Shares of {company}|"
   "Should I invest in {company}?|tell me the news on {company}|Is {company} doing well?|"
   "watch {company} for me|When does {company} report earnings?",
   "Looking up {company} on the market.|Let me check on {company}.|"
   "The news around {company}, one moment.|"
   "The price of {company} moves all day, so take it as a snapshot.",
   "I'll show the last few weeks next to it.|That isn't advice, just information.", NULL},
  {"company_support", "company",
   "call customer service at {company}|I have a problem with my bill from {company}.|"
   "How do I cancel {company}?|complain to {company}|find the number for {company}|"
   "cancel my subscription with {company}|When will {company} answer me?|"
   "I've been on hold with {company} forever.",
   "Contacting {company} for you.|Let me help with {company}.|"
   "Getting hold of {company} takes patience.",
   "Have your customer number ready.|I'll note the date and who you spoke to.", NULL},
  {"pay", "money",
   "send {money} to {name}|pay {name} {money}|I owe {name} {money}.|transfer {money} to {name}|"
   "give {name} {money} for lunch|request {money} from {name}|remind {name} about the {money}|"
   "split off {money} for {name}",
   "Preparing a payment of {money}.|That's {money}, please confirm.|Okay, {money} is ready to go.",
   "Check the name {name} before you confirm.|I'll add a short note to it.", NULL},
  {"spend_log", "money",
   "I spent {money} on {expense}.|log {money} for {expense}|add {money} to {expense}|"
   "note {money} under {expense}|put down {money} for {expense}|"
   "I paid {money} for {expense} today.|record an expense of {money} for {expense}",
   "Logged {money} for today.|Noted, {money} has been added.|That's {money} in the books.",
   "It's filed under {expense}.|I'll show the month's total on Sunday.", NULL},
  {"spend_check", "expense",
   "How much did I spend on {expense} this month?|What do I spend on {expense}?|"
   "show my spending on {expense}|Am I over budget for {expense}?|"
   "tell me how much went to {expense}|compare {expense} with last month|"
   "How can I save on {expense}?|set a budget for {expense}",
   "Adding up your spending on {expense}.|Let me check your budget for {expense}.|"
   "Money spent on {expense}, one moment.|"
   "What you spend on {expense} is easier to see month by month, so let me add it up.",
   "Small changes add up over a year.|I'll compare it with last month.", NULL},
  {"budget_set", "money",
   "set a budget of {money} for {expense}|I don't want to spend more than {money} on {expense}.|"
   "limit {expense} to {money}|cap my spending at {money} for {expense}|"
   "warn me when {expense} goes over {money}|keep {expense} under {money}|"
   "Is {money} enough for {expense}?",
   "Your limit is {money}, noted.|Setting the budget at {money}.|Okay, no more than {money}.",
   "I'll warn you when you get close on {expense}.|Halfway through I'll give you a heads-up.", NULL},
  {"save_goal", "goal",
   "I'm saving for {goal}.|How do I save for {goal}?|set up a savings plan for {goal}|"
   "help me afford {goal}|How long until I can pay for {goal}?|"
   "How much should I put aside for {goal}?|start a fund for {goal}|Can I afford {goal}?",
   "Saving for {goal}, great plan.|To afford {goal}, start small.|"
   "A fund for {goal}, let's set it up.|"
   "If you save for {goal}, put a fixed amount aside on the day you're paid.",
   "Give the account a name that makes you smile.|Watching it grow is half of the fun.", NULL},
  {"save_amount", "bigmoney",
   "I want to save {bigmoney} this year.|How do I save {bigmoney}?|help me put away {bigmoney}|"
   "What do I do with {bigmoney}?|Is {bigmoney} enough for an emergency fund?|"
   "I just inherited {bigmoney}.|How long does it take to save {bigmoney}?",
   "Saving {bigmoney} is a solid goal.|With {bigmoney}, take your time.|"
   "About {bigmoney}, let's think calmly.",
   "Pay off costly debt first, then build a cushion.|Divide it by months and it looks smaller.", NULL},
  {"bill_pay", "bill",
   "When is the {bill} bill due?|pay the {bill} bill|remind me about the {bill} bill|"
   "Did I pay the {bill} bill?|How much is my {bill} bill?|Why is the {bill} bill so high?|"
   "set up automatic payment for the {bill} bill|I forgot the {bill} bill.",
   "Checking your {bill} bill now.|The {bill} bill, let me see.|Taking care of the {bill} bill.",
   "I'll remind you a few days ahead.|I'll compare it with the one before.", NULL},
  {"party_plan", "party",
   "help me plan {party}|What do I need for {party}?|make a checklist for {party}|"
   "I'm organizing {party}.|give me ideas for {party}|How do I plan {party} on a budget?|"
   "How far ahead should I plan {party}?|What music suits {party}?",
   "Planning {party}, how exciting!|Let's make a plan for {party}.|"
   "For {party}, start with the list of guests.|"
   "For {party}, settle the date and the place before anything else.",
   "Date, place, people, food, in that order.|Leave one thing to chance.", NULL},
  {"week_plan", "goal",
   "I want to work toward {goal} this year.|break down {goal} into steps|"
   "make a plan for getting {goal}|What's the first step toward {goal}?|"
   "keep me motivated about {goal}|remind me every month about {goal}",
   "Working toward {goal}, one step weekly.|Your first step to {goal} is small.|"
   "Dreaming of {goal} is a start.",
   "Write it down where you'll see it.|Tell a friend, and it becomes real.", NULL},
  {"presentation", "topic",
   "I have to give a talk about {topic}.|help me with a presentation on {topic}|"
   "How do I make slides about {topic}?|give me an opening for a talk on {topic}|"
   "outline a speech about {topic}|What's a good title for a talk on {topic}?",
   "A talk about {topic}, good choice.|Your talk on {topic} needs one message.|"
   "To speak about {topic}, tell a story.|"
   "A good talk about {topic} has one message and no more than three points.",
   "Three points, one picture each.|Practice the first minute by heart.", NULL},
  {"travel_time_work", "dest",
   "When do I have to leave for {dest} to be there at {time}?|I must be at {dest} by {time}.|"
   "get me to {dest} by {time}|plan my trip to {dest} for {time}|"
   "remind me when to leave for {dest}|tell me when it's time to go to {dest}",
   "Planning your trip to {dest}.|Getting to {dest} on time, sure.|"
   "For {dest}, I'll watch the traffic.",
   "I'll tell you ten minutes before you should go.|Leave a little room for surprises.", NULL},
  {0}};
