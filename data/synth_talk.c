/* Calls, messages, mail and the people at the other end. */
#include "synth.h"

/* clang-format off */
const synth_intent synth_talk[] = {
  {"call", "contact",
   "call {contact}|give {contact} a call|phone {contact}|ring {contact}|"
   "I want to talk to {contact}.|dial {contact}|get {contact} on the phone|"
   "start a call with {contact}",
   "Calling {contact} for you now.|Okay, ringing {contact} right away.|"
   "Placing a call to {contact}.|"
   "I'm calling {contact} for you, and I'll stay quiet once they pick up.",
   "Tap your watch to hang up.|If nobody answers, I can leave a message.|The speaker is on.", NULL},
  {"call_video", "contact",
   "video call {contact}|start a video call with {contact}|I want to see {contact} on video.|"
   "get {contact} on video|open a video chat with {contact}|Face to face with {contact}, please.",
   "Starting a video call with {contact}.|Opening the camera for {contact}.|"
   "Bringing {contact} up on video.",
   "Hold still while I frame the picture.|You can mute with a double tap.", NULL},
  {"call_back", "contact",
   "call {contact} back|return the call from {contact}|I missed {contact}, call back.|"
   "get back to {contact} by phone|Did {contact} call? Call them back.|try {contact} again",
   "Returning the call from {contact}.|Calling {contact} back right now.|"
   "Let me try {contact} once more.",
   "I'll let it ring for a while.|If the line is busy, I'll remind you later.", NULL},
  {"message_send", "contact",
   "text {contact} that {message}|tell {contact} {message}|"
   "send {contact} a message saying {message}|message {contact}: {message}|"
   "let {contact} know {message}|write to {contact} that {message}|"
   "I need {contact} to know {message}.|drop {contact} a line, {message}",
   "Sending {contact} your message now.|Texting {contact} right away.|"
   "Your message to {contact} is ready.|"
   "I'm sending {contact} your message, and I'll tell you when it has been read.",
   "It says: {message}.|You'll feel a tap when they answer.", NULL},
  {"message_late", "minutes",
   "tell {name} I'm {minutes} late|let {name} know I'll be {minutes} late|"
   "text {name} that I need {minutes} more|I'll be late by {minutes}, tell {name}.|"
   "message {name}, running {minutes} behind|warn {name} that I'm {minutes} behind",
   "Letting them know: {minutes} late.|Sending word that you need {minutes}.|"
   "Okay, {minutes} late, message sent.",
   "I told {name} not to wait outside.|Take your time and get there safely.", NULL},
  {"message_read", "contact",
   "read my messages from {contact}|What did {contact} say?|Did {contact} text me?|"
   "Any messages from {contact}?|read me the last text from {contact}|show what {contact} wrote|"
   "Has {contact} answered yet?|check for news from {contact}",
   "Checking messages from {contact} now.|Here's the latest from {contact}.|"
   "Let me see what {contact} wrote.",
   "I'll read the newest one first.|Say reply when you want to answer.", NULL},
  {"message_reply", "contact",
   "reply to {contact} with {message}|answer {contact}: {message}|"
   "write back to {contact} that {message}|respond to {contact}, {message}|"
   "text back {contact} {message}|Tell {contact} back that {message}.",
   "Replying to {contact} right now.|Your answer to {contact} is on its way.|"
   "Writing back to {contact} now.",
   "I kept it short: {message}.|Sent, and the chat stays open.", NULL},
  {"email_write", "contact",
   "email {contact} about {meeting}|write an email to {contact} about {meeting}|"
   "send {contact} a mail on {meeting}|compose a mail to {contact} about {meeting}|"
   "I have to email {contact} regarding {meeting}.|draft a note to {contact} about {meeting}",
   "Drafting an email to {contact}.|A new email to {contact}, open.|"
   "Let's write to {contact} together.|"
   "A short email to {contact} is open, so tell me what it should say.",
   "The subject line is about {meeting}.|Dictate the text whenever you're ready.", NULL},
  {"email_search", "document",
   "find the email with {document}|search my mail for {document}|Who sent me {document}?|"
   "look for {document} in my inbox|Did anyone mail me {document}?|"
   "dig up the mail about {document}|Where is the message with {document}?",
   "Searching your mail for {document}.|Looking for {document} in your inbox.|"
   "Let me find {document} for you.",
   "I'll show the newest match first.|Attachments count too.", NULL},
  {"voicemail", "contact",
   "play the voicemail from {contact}|Did {contact} leave a voicemail?|"
   "listen to what {contact} left me|Voicemail from {contact}|"
   "What does the voicemail by {contact} say?|play back the message {contact} left",
   "Playing the voicemail from {contact}.|Here's what {contact} left you.|"
   "One moment, the voicemail by {contact} is loading.",
   "Say again to hear it once more.|I can turn it into text as well.", NULL},
  {"contact_add", "contact",
   "add {contact} to my contacts|save {contact} as a contact|create a contact for {contact}|"
   "I met {contact}, save the number.|put {contact} in my address book|New contact, {contact}",
   "Adding {contact} to your contacts.|New contact: {contact}, nice to meet them.|"
   "I've made a card for {contact}.",
   "Read me the number and I'll fill it in.|You can add a photo later.", NULL},
  {"contact_number", "contact",
   "What's the phone number for {contact}?|find the number of {contact}|How can I reach {contact}?|"
   "look up {contact} in my contacts|I need the number for {contact}.|"
   "Do I have a number for {contact}?|give me the address of {contact}",
   "Looking up {contact} in your contacts.|Here's how to reach {contact}.|"
   "Let me find {contact} for you.",
   "Tap to call or to send a message.|I'll show every number that is saved.", NULL},
  {"birthday_when", "name",
   "When is the birthday of {name}?|What day was {name} born?|find out when {name} has a birthday|"
   "Is the birthday of {name} soon?|How old is {name} turning?|look up the birthday of {name}",
   "Checking the birthday of {name}.|Let me look up {name} in your contacts.|"
   "The birthday of {name} should be in your contacts.",
   "I can remind you a few days ahead.|There may still be time to find a gift.", NULL},
  {"birthday_wish", "name",
   "wish {name} a happy birthday|send birthday wishes to {name}|"
   "It's the birthday of {name}, send something nice.|write a birthday message for {name}|"
   "tell {name} happy birthday from me|congratulate {name} on turning a year older",
   "Sending {name} a birthday wish.|A warm birthday note for {name}.|"
   "Happy birthday to {name}, what fun!",
   "I added a cake and a few balloons.|I kept it short and from the heart.", NULL},
  {"thanks_send", "name",
   "thank {name} for {a product}|send {name} a thank-you for the {product}|"
   "I want to thank {name} for the {product}.|write {name} a thank-you note|"
   "tell {name} thanks for the {product}|send my thanks to {name}",
   "Sending {name} your thanks now.|A thank-you note to {name}, lovely.|"
   "I'll thank {name} on your behalf.",
   "Short and sincere works best.|Would you like to add a photo?", NULL},
  {"apology", "name",
   "help me apologize to {name}|write an apology to {name}|How do I say sorry to {name}?|"
   "I was rude to {name}, what should I say?|I forgot to call {name}, help me apologize.|"
   "send {name} an apology",
   "A sincere note to {name} helps.|Saying sorry to {name} takes courage.|"
   "Let's find kind words for {name}.|"
   "When you talk to {name}, begin with what you regret and leave out excuses.",
   "Name what went wrong, skip excuses, and offer to make it right.|"
   "Then give them time and listen.", NULL},
  {"where_is_person", "contact",
   "Where is {contact}?|find {contact} on the map|How far away is {contact}?|"
   "Is {contact} here yet?|check where {contact} is|When will {contact} arrive?|"
   "show me where {contact} is right now",
   "Checking where {contact} is now.|Locating {contact} on the map.|"
   "Let me see how far {contact} is.|"
   "I can see where {contact} is only while they share their location with you.",
   "You can ask them to share it with you.|I'll buzz when they come close.", NULL},
  {"introduce", "name",
   "How do I introduce myself to {name}?|I'm meeting {name} for the first time.|"
   "What should I say to {name} when we meet?|help me start a conversation with {name}|"
   "I'm nervous about meeting {name}.|give me an opening line for {name}",
   "Meeting {name} will go just fine.|Greet {name} with a warm smile.|"
   "Your first words to {name} can be simple.|"
   "With {name}, a smile and a simple question are all that you need.",
   "Say your name, then ask something open.|People remember kindness more than clever lines.", NULL},
  {"group_chat", "name",
   "start a group chat with {name} and {name2}|make a group for {name} and {name2}|"
   "text both {name} and {name2}|create a chat with {name} and {name2}|"
   "I want {name} and {name2} in one chat.|put {name} and {name2} in a group",
   "Starting a group with {name} and {name2}.|Okay, {name} and {name2} are together now.|"
   "A new chat for {name} and {name2}.",
   "What should the first message say?|Give it a name if you like.", NULL},
  {"block_number", "company",
   "block calls from {company}|stop {company} from calling me|No more calls from {company}.|"
   "I don't want {company} to call me.|mute everything from {company}|"
   "unsubscribe me from {company}|Please silence {company}.",
   "Blocking all calls from {company}.|You won't hear from {company} again.|"
   "Silencing {company} as of now.",
   "You can undo this in settings.|They'll go straight to voicemail.", NULL},
  {"notify_vip", "name",
   "always let calls from {name} through|make {name} a favorite|put {name} on my priority list|"
   "Calls from {name} may always reach me.|add {name} to my favorites|"
   "I never want to miss a call from {name}.",
   "Calls from {name} will always ring.|Now {name} is a favorite.|"
   "I've put {name} on your priority list.",
   "That holds even in quiet mode.|You can change it whenever you like.", NULL},
  {"share_location", "contact",
   "share my location with {contact}|let {contact} see where I am|send {contact} my location|"
   "show {contact} where I am|I want {contact} to know where I am.|share my trip with {contact}",
   "Sharing your location with {contact}.|Now {contact} can see where you are.|"
   "Sending {contact} your live location.",
   "It stops by itself in an hour.|Say stop sharing at any time.", NULL},
  {"party_invite", "party",
   "help me write an invitation for {party}|I need an invite for {party}.|"
   "write a short invitation to {party}|draft invitations for {party}|"
   "What should an invitation to {party} say?|make an invite for {party}",
   "An invitation to {party}, with pleasure.|Inviting people to {party} should be easy.|"
   "Let's word the invite to {party}.",
   "Give the day, the place and what to bring.|Keep it to three friendly lines.", NULL},
  {"toast", "party",
   "help me write a toast for {party}|I have to give a speech at {party}.|"
   "What do I say in a toast at {party}?|give me ideas for a speech for {party}|"
   "write a few words for {party}|I need a short speech for {party}.",
   "A toast for {party} should be short.|For {party}, speak from the heart.|"
   "Let's plan your words for {party}.",
   "Open with one story, say thank you, and raise your glass.|Two minutes is plenty.", NULL},
  {"note_take", "anything",
   "take a note, {anything}|note down {anything}|Write this down, {anything}.|"
   "make a note saying {anything}|New note, {anything}.|put {anything} in my notes|"
   "jot down {anything}|I want to remember {anything}.",
   "Noted: {anything}, safe and sound.|Your note says {anything}.|Taking a note: {anything}.",
   "Ask for your notes whenever you like.|I put today's date on it.", NULL},
  {"web_search", "anything",
   "search the web for {anything}|look up {anything} online|What can you find about {anything}?|"
   "find something on {anything}|search for {anything}|Any news about {anything}?|"
   "I'd like to read about {anything}.|check the internet for {anything}",
   "Searching for {anything} right now.|Looking up {anything} for you.|"
   "Let me search for {anything}.",
   "I'll read you the best result first.|Say more to hear the next one.", NULL},
  {"idea_save", "anything",
   "add {anything} to my ideas|save {anything} as an idea|I have an idea, {anything}.|"
   "keep {anything} on my wish list|Wish list, {anything}.|put {anything} on my bucket list|"
   "Remember this idea, {anything}.",
   "Idea saved: {anything}, nice one.|Keeping {anything} on your list.|I like it: {anything}.",
   "You can sort through them on a rainy day.|It's there when you need it.", NULL},
  {"announce", "message",
   "announce that {message}|tell everyone at home {message}|broadcast {message}|"
   "let the whole family know {message}|Everybody should know {message}.|"
   "say {message} on all speakers|call through the house that {message}",
   "Announcing at home: {message}.|Telling everyone: {message}.|On all speakers: {message}.",
   "They'll hear it in every room.|I'll say it twice so nobody misses it.", NULL},
  {"repeat_after", "message",
   "repeat after me, {message}|say the words {message}|What did I say? I said {message}.|"
   "read back {message}|say it out loud, {message}|type {message}|dictate {message}",
   "You said: {message}.|Here it is: {message}.|Reading it back: {message}.",
   "Is that how you meant it?|Tell me if a word should change.", NULL},
  {0}};
