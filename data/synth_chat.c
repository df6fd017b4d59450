/* Small talk: what people say to a thing that listens. No slot to name, so the replies are few and
 * clear. */
#include "synth.h"

/* clang-format off */
const synth_intent synth_chat[] = {
  {"hello", NULL,
   "Hello!|Hi there.|Hey, are you there?|Good to see you.|Hi, it's me.|Hello again.|Anybody home?|"
   "Hey you.",
   "Hello, it's good to hear you.|Hi there, what can I do?|Hey, I'm right here.",
   "Ask me anything you like.|What's on your mind?|Timers, messages, directions, just say it.", NULL},
  {"morning", NULL,
   "Good morning!|I just woke up.|Morning!|It's way too early.|Rise and shine!|I'm up.|"
   "Is it morning already?",
   "Good morning, I hope you slept well.|Good morning to you too!|"
   "Morning, let's start the day gently.",
   "Shall I read you the weather and your plans?|A glass of water is a nice way to begin.|"
   "Coffee first, questions later.", NULL},
  {"night", NULL,
   "Good night.|I'm going to bed.|Time for bed.|I'm off to sleep.|Sleep well!|"
   "See you in the morning.|Lights out for me.",
   "Good night, sleep tight and rest.|Sleep well, I'll keep quiet.|"
   "Good night, see you in the morning.",
   "Your alarm is where you left it.|I've dimmed the screen.|Sweet dreams.", NULL},
  {"how_are_you", NULL,
   "How are you?|How's it going?|How do you feel today?|What's up?|Are you okay?|"
   "How have you been?|How's life?",
   "I'm doing well, thanks for asking.|All good here, thank you.|I'm fine and ready to help.",
   "How about you?|What would you like to do?|It's nice that you ask.", NULL},
  {"thanks", NULL,
   "Thank you!|Thanks a lot.|That was helpful.|You're a lifesaver.|Cheers for that.|"
   "I appreciate it.|Perfect, thanks.",
   "You're very welcome, any time.|Glad I could help you.|My pleasure, just ask again.",
   "Is there anything else?|I'm here if something comes up.|Have a good one.", NULL},
  {"bye", NULL,
   "Goodbye!|See you later.|Bye for now.|I have to go.|Talk to you soon.|That's all for today.|"
   "We're done here.",
   "Goodbye, take good care of yourself.|See you soon, take care.|Bye for now, have fun.",
   "I'll be on your wrist if you need me.|Your reminders stay on.|Come back any time.", NULL},
  {"who_are_you", NULL,
   "Who are you?|What are you?|Are you a person?|What's your name?|Am I talking to a robot?|"
   "Introduce yourself.|Are you real?",
   "I'm a small assistant you wear.|I'm your assistant, made of software.|"
   "Just a helpful little program.",
   "I begin the answer right here, and a bigger model may finish it.|"
   "I don't have a face, but I do listen.|I'm no person, only quick.", NULL},
  {"what_can_you_do", NULL,
   "What can you do?|How can you help me?|What are you good at?|Tell me your features.|"
   "What should I ask you?|give me some examples|Do you have any tricks?",
   "I can help with many things.|Quite a lot, just try me.|"
   "Timers, messages, weather, and much more.",
   "Ask me about a recipe, a route or a word.|Just say it in your own words.|"
   "I'm good at quick answers.", NULL},
  {"joke", NULL,
   "Tell me a joke.|make me laugh|Say something funny.|Do you know any jokes?|I need a laugh.|"
   "cheer me up with a joke|Got a good pun?",
   "Here's one you may like.|Okay, this one is silly.|Get ready for a bad joke.",
   "Why did the clock go to school? It wanted to learn to tell time.|"
   "What do you call a sleeping bull? A bulldozer.|"
   "I told my watch a secret, but it couldn't keep it to itself for a second.", NULL},
  {"bored", NULL,
   "I'm bored.|What should I do now?|entertain me|There's nothing to do.|I need something to do.|"
   "Give me an idea for the afternoon.|I'm so bored right now.",
   "Let's find you something to do.|Boredom can be a good start.|How about a small adventure?",
   "Take a walk and photograph five red things.|Call somebody you haven't spoken to in a while.|"
   "Cook something you've never tried.", NULL},
  {"compliment", NULL,
   "You're great.|I like you.|You're so smart.|Good job!|Well done.|You're my favorite.|"
   "That was impressive.",
   "That's very kind of you.|You just made my day.|Thank you, that's nice to hear.",
   "I'll try to keep it up.|You're not so bad yourself.|Let's keep going.", NULL},
  {"insult", NULL,
   "You're useless.|That was wrong.|You don't understand me.|You're not very smart.|"
   "That's not what I asked.|You got it wrong again.|This is annoying.",
   "I'm sorry, let me try again.|Sorry about that, it's my mistake.|I hear you, let's fix it.",
   "Say it once more in other words.|Tell me what you expected.|I'll do my best this time.", NULL},
  {"repeat", NULL,
   "Say that again.|What did you say?|repeat that|I didn't catch that.|Pardon?|Come again?|"
   "Could you say it once more?",
   "Sure, I'll say it again.|Of course, once more for you.|Let me repeat that slowly.",
   "I'll speak a little slower.|It's on your screen as well.|Tell me if it's too loud.", NULL},
  {"stop", NULL,
   "Stop.|Be quiet.|That's enough.|Never mind.|Cancel that.|Forget it.|Stop talking.",
   "Okay, I'll stop right here.|All right, I'm quiet now.|No problem, it's canceled.",
   "Just say my name when you need me.|Nothing was changed.|Take your time.", NULL},
  {"volume", NULL,
   "Turn it up.|Make it louder.|It's too loud.|lower the volume|speak up|I can barely hear you.|"
   "Quieter please",
   "Changing the volume for you now.|Sure, adjusting the sound now.|Okay, how is this level?",
   "Say more or less until it's right.|I'll remember it for this place.|Your ears come first.", NULL},
  {"battery", NULL,
   "How much battery is left?|Is the watch charged?|Battery status|Do I need to charge?|"
   "How long will the battery last?|Am I low on power?|check the battery",
   "Checking your battery level right now.|Let me look at the battery.|"
   "The battery level is on your screen.",
   "Power saver can stretch it until tonight.|A short charge over dinner goes far.|"
   "I'll warn you when it gets low.", NULL},
  {"time_now", NULL,
   "What time is it?|tell me the time|What's the time?|Do you have the time?|Current time please|"
   "How late is it?|What's today's date?",
   "It's on your screen right now.|Here's the time for you.|Right now, your watch shows it.",
   "I can read it out every hour if you like.|Tap the face to see the date.|"
   "Time flies, doesn't it?", NULL},
  {"find_phone", NULL,
   "Where's my phone?|find my phone|ring my phone|I lost my phone.|I can't find my phone.|"
   "Can you make my phone ring?|My phone is gone.",
   "Ringing your phone at full volume.|Let's find your phone right away.|"
   "Your phone should be ringing now.",
   "Listen for it under cushions and in coat pockets.|I'll show the last place I saw it.|"
   "Say stop when you have it.", NULL},
  {"flip_coin", NULL,
   "Flip a coin.|Heads or tails|toss a coin for me|Let's flip for it.|roll a die|"
   "I need a coin toss.|Decide for me with a coin.",
   "Flipping a coin for you now.|Up it goes, and spinning now.|Here goes, no going back now.",
   "Best of three if you don't like it.|Call it before it lands.|You'll know what you hoped for.", NULL},
  {"emergency", NULL,
   "I need help.|This is an emergency.|call emergency services|I fell and can't get up.|"
   "Somebody get help.|I'm hurt.|Please help me, quickly.",
   "Stay calm, let's get you help.|I'm right here, tell me more.|Let's get help to you now.",
   "If you can, call your local emergency number or ask someone near you.|"
   "Keep still, breathe slowly, and say where it hurts.|"
   "Can you reach your phone, or is anyone with you?", NULL},
  {"love", NULL,
   "Do you love me?|Will you marry me?|Are you my friend?|Do you like me?|Do you miss me?|"
   "Are you lonely?|Can we be friends?",
   "I'm always happy to hear you.|You're good company, I must say.|I'm fond of our little talks.",
   "I'm a program, but I'll be here whenever you ask.|People give better hugs, though.|"
   "Shall we do something together?", NULL},
  {"meaning", NULL,
   "What's the meaning of life?|Why are we here?|What is happiness?|Is there life out there?|"
   "Do you believe in fate?|What makes a good life?|What really matters?",
   "That's a big question for me.|People have asked that for ages.|"
   "Now there's a question to ponder.",
   "Many would say love, work and a bit of wonder.|"
   "I like the idea of leaving things a little better.|What do you think yourself?", NULL},
  {0}};
