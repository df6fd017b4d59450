/* What fills a day: work, home, body, leisure, study. */
#include "synth.h"

/* clang-format off */
const synth_type synth_types_life[] = {
  /* work and plans */
  {"task", 50,
   "water the plants, feed the cat, walk the dog, take out the trash, do the laundry, "
   "fold the laundry, pay the rent, pay the water bill, call the dentist, call the plumber, "
   "call the landlord, book the flights, renew the passport, renew the car insurance, "
   "charge the laptop, charge the camera, back up the photos, clean the gutters, clean the oven, "
   "defrost the freezer, change the sheets, change the air filter, empty the dishwasher, "
   "check the mail, check the tire pressure, check the smoke alarm, print the tickets, "
   "sign the contract, send the invoice, submit the report, order new glasses, order the cake, "
   "buy stamps, wrap the presents, pick up the kids, pick up the dry cleaning, "
   "drop off the package, return the library books, lock the back door, close the windows, "
   "turn off the sprinkler, take out the recycling, take the medicine, stretch, drink some water, "
   "meditate, practice piano, do the dishes, mow the lawn, rake the leaves, shovel the snow, "
   "fertilize the roses, repot the ferns, trim the hedge, paint the fence, fix the bike, "
   "oil the chain, wash the car, vacuum the stairs, sweep the porch, dust the shelves, "
   "iron a shirt, polish the shoes, sew on a button, pack the suitcase, pack lunch, "
   "thaw the chicken, soak the beans, start the slow cooker, feed the sourdough starter, "
   "feed the fish, clean the litter box, brush the dog, trim the cat's claws, book a haircut, "
   "book the campsite, reserve a table, cancel the gym membership, cancel the subscription, "
   "update the resume, apply for the grant, register to vote, file the taxes, scan the receipts, "
   "rehearse the speech, study for the exam, read chapter nine, finish the essay, "
   "review the slides, join the webinar, write thank-you notes, mail the postcard, "
   "refill the prescription, check the oven, flip the mattress, measure the window, "
   "find the spare key, hide the gifts, bake the bread, pick the tomatoes, harvest the basil",
   "buy {grocery}|buy {grocery}|buy {a product}|call {name}|call {name}|text {name}|email {name}|"
   "thank {name}|meet {name}|visit {name}|send {name} the photos|return the {product}|"
   "fix the {appliance}|clean the {appliance}|pay the {bill} bill|practice {language}|"
   "practice the {instrument}|pick up {name}|wish {name} luck|bring {a product}"},
  {"message", 45,
   "I'm running late, dinner is ready, the meeting is over, I'm on my way, the train is delayed, "
   "I found the keys, the package arrived, we need more milk, I'm stuck in traffic, "
   "the movie starts soon, I just landed, the power is out, the baby is asleep, "
   "practice got canceled, I'm outside, the door is open, good luck today, happy birthday, "
   "the car is fixed, I got the tickets, lunch is on me, the game is tied, I'll bring dessert, "
   "the wifi is down, call me back, see you at the gate, the dog got out, I passed the test, "
   "the kids are home, my phone is dying, I love the photos, thanks for dinner, the plan worked, "
   "I left the oven on, bring a jacket, save me a seat, the store is closed, it's snowing here, "
   "the soup is amazing, we won the match",
   "I'll be there in {minutes}|I'll be there at {time}|meet me at {time}|dinner is at {time}|"
   "the meeting moved to {time}|I'm at {station}|please buy {grocery}|let's meet at {cafe}|"
   "{name} says hello"},
  {"project", 100, NULL,
   "the {~brand} project|Project {~given}|the {~place} rollout|the {~brand} launch|"
   "the {~sur} account|the {~place} renovation|the {~brand} migration|Project {~brand}|"
   "the {city} office move"},
  {"meeting", 30,
   "the budget review, the team lunch, the sales call, the design review, the staff meeting, "
   "the parent meeting, the board meeting, the project kickoff, the yoga class, "
   "the dentist appointment, the job interview, the piano lesson, the book club, the weekly sync, "
   "the training session, the safety briefing, the client demo, the retrospective, the eye exam, "
   "the haircut, the house viewing, the performance review, the planning session, the brainstorm, "
   "the choir rehearsal, the soccer practice, the swim lesson, the town hall",
   "coffee with {name}|lunch with {name}|the call with {name}|dinner with {name}|"
   "the {company} call|the {company} interview|drinks with {name}|the meeting with {name}|"
   "the visit to {company}|the appointment with {doctor}"},
  {"document", 25,
   "the quarterly report, the annual budget, the cover letter, the sales forecast, the lease, "
   "the meeting minutes, the grant proposal, the invoice template, the wedding guest list, "
   "the packing list, the travel policy, the test plan, the press release, the user manual, "
   "the floor plan, the marketing brief, the thesis draft, the lab notes, the insurance form, "
   "the tax return, the recipe book, the guest survey",
   "the {~brand} report|the {~sur} contract|the {~brand} slides|the {~place} proposal|"
   "the {~sur} invoice|the notes from {name}|the {month} report"},
  {"job", 0,
   "nurse, teacher, carpenter, electrician, plumber, pilot, chef, barista, bus driver, "
   "firefighter, paramedic, veterinarian, dentist, pharmacist, librarian, journalist, editor, "
   "translator, architect, surveyor, civil engineer, software developer, data analyst, "
   "graphic designer, photographer, florist, gardener, farmer, baker, butcher, tailor, "
   "hairdresser, social worker, lawyer, accountant, bookkeeper, actuary, marine biologist, "
   "geologist, astronomer, physicist, park ranger, welder, machinist, mechanic, flight attendant, "
   "hotel manager, event planner, yoga instructor, personal trainer, music teacher, "
   "sound engineer, animator, film editor, museum curator, archivist, project manager, recruiter, "
   "real estate agent, beekeeper, winemaker, brewer, stonemason, roofer, optician, midwife, "
   "physical therapist", NULL},
  {"skill", 0,
   "public speaking, touch typing, juggling, chess, knitting, crochet, origami, calligraphy, "
   "watercolor painting, oil painting, pottery, woodcarving, sewing, embroidery, photography, "
   "video editing, coding, spreadsheets, time management, negotiation, speed reading, meditation, "
   "breathing exercises, sailing, kayaking, surfing, skiing, snowboarding, ice skating, "
   "rock climbing, archery, fencing, boxing, tai chi, salsa dancing, ballroom dancing, "
   "tap dancing, singing, songwriting, beatboxing, piano, guitar, drumming, sight reading, "
   "baking bread, cake decorating, cheese making, home brewing, gardening, beekeeping, "
   "bird watching, stargazing, navigation, first aid, sign language, creative writing, poetry, "
   "storytelling, improv, stand-up comedy, magic tricks, card tricks, puppetry, drawing, comics, "
   "animation, furniture repair, bike repair, budgeting, investing, interviewing, networking, "
   "delegation, debating, mental math, memory tricks", NULL},
  {"bill", 45,
   "electric, water, gas, phone, internet, credit card, rent, insurance, hospital, cable, "
   "streaming, gym, tuition, daycare, tax, parking, trash service, car loan, dental, mortgage",
   "{~brand}|{~brand}|{~sur}|{~place} water"},
  {"expense", 40,
   "groceries, coffee, takeout, gas, parking, clothes, shoes, books, concerts, streaming, "
   "haircuts, gifts, toys, pet food, medicine, rent, utilities, travel, hotels, flights, taxis, "
   "train tickets, gym classes, hobbies, home repairs, furniture, electronics, plants, snacks, "
   "lunches, donations, insurance, childcare, school supplies, video games, makeup, "
   "cleaning supplies, art supplies, car repairs, vet visits",
   "{hobby} gear|{instrument} lessons|{sport} gear|{product} repairs|{animal} food|"
   "tickets to {place}|{language} classes|{pet}'s food"},
  {"goal", 35,
   "a new car, a house, a wedding, a vacation, a new laptop, retirement, an emergency fund, "
   "a motorcycle, a guitar, a new kitchen, a boat, a camper van, music lessons, a wood stove, "
   "solar panels, a sabbatical, a used truck, a telescope, a sewing machine, a new roof",
   "a trip to {place}|a trip to {place}|{a product}"},
  /* home */
  {"room", 45,
   "kitchen, bedroom, living room, dining room, bathroom, hallway, garage, basement, attic, "
   "office, nursery, guest room, laundry room, porch, patio, balcony, den, library, playroom, "
   "pantry, sunroom, workshop, studio, entryway, stairwell, closet, game room, music room, "
   "backyard, greenhouse, upstairs hallway, kids' room, front porch, mudroom, loft, wine cellar, "
   "home gym, reading nook",
   "{side} {roombase}"},
  {"side", 0,
   "upstairs, downstairs, back, front, main, small, big, second, spare, east, west, north, south, "
   "sunny, old, new, upper, lower, corner, middle, green, yellow", NULL},
  {"roombase", 0,
   "bathroom, bedroom, hallway, office, porch, balcony, closet, den, studio, workshop, terrace, "
   "stairs, landing, kitchen, garage, attic", NULL},
  {"device", 45,
   "air purifier, humidifier, dehumidifier, ceiling fan, space heater, thermostat, coffee maker, "
   "robot vacuum, sprinkler, doorbell camera, television, soundbar, speaker, projector, printer, "
   "router, fish tank light, night light, string lights, porch light, desk lamp, floor lamp, "
   "electric blanket, dishwasher, washing machine, dryer, oven, slow cooker, rice cooker, kettle, "
   "towel warmer, fireplace, hot tub, pool pump, alarm system, security camera, baby monitor, "
   "white noise machine, diffuser, treadmill",
   "{room} lamp|{room} fan|{room} heater|{room} speaker|{room} radio"},
  {"opening", 45,
   "garage door, front door, back gate, back door, blinds, curtains, skylight, shutters, awning, "
   "driveway gate, cat flap, cellar hatch",
   "{room} blinds|{room} curtains|{room} window|{room} door|{room} skylight|{room} shutters"},
  {"appliance", 35,
   "dishwasher, washing machine, dryer, refrigerator, freezer, oven, microwave, toaster, blender, "
   "coffee machine, espresso machine, kettle, rice cooker, air fryer, food processor, stand mixer, "
   "garbage disposal, range hood, vacuum cleaner, steam iron, sewing machine, water heater, "
   "furnace, air conditioner, ceiling fan, humidifier, thermostat, garage door opener, lawn mower, "
   "leaf blower, hedge trimmer, pressure washer, snow blower, chainsaw, printer, scanner, router, "
   "laptop, television, record player, soundbar, game console, smoke detector, doorbell, "
   "shower head, kitchen faucet, bathroom sink, toilet, bathtub drain, sump pump, "
   "electric toothbrush, hair dryer, treadmill, exercise bike",
   "{~brand} dishwasher|{~brand} dryer|{~brand} oven|{~brand} blender|{~brand} printer|"
   "{~brand} kettle|{~brand} fan|{~brand} heater"},
  {"color", 35,
   "red, orange, yellow, green, blue, purple, pink, teal, turquoise, navy, sky blue, mint green, "
   "olive, lime green, gold, amber, peach, coral, salmon pink, crimson, burgundy, maroon, "
   "lavender, lilac, violet, indigo, magenta, beige, ivory, warm white, cool white, charcoal, "
   "silver, bronze",
   "{shade} red|{shade} blue|{shade} green|{shade} pink|{shade} purple|{shade} orange|"
   "{shade} yellow|{shade} brown|{shade} gray"},
  {"shade", 0,
   "dark, pale, bright, light, deep, soft, dusty, warm, cool, muted, electric, pastel, rich", NULL},
  {"scene", 45,
   "movie night, bedtime, reading, dinner party, game night, study time, party, romantic dinner, "
   "yoga, nap time, focus, campfire, rainy day, workout, welcome home, story time, jazz night, "
   "deep sleep, brunch, housework",
   "{game} night|{cuisine} night|{hobby} time|{genre} night|{holiday}"},
  {"stain", 40,
   "red wine, coffee, grass, blood, ink, chocolate, tomato sauce, ketchup, mustard, curry, grease, "
   "lipstick, candle wax, chewing gum, mud, rust, sweat, turmeric, soy sauce, paint, nail polish, "
   "crayon, marker, berry juice, gravy, sunscreen, mildew, deodorant, makeup, beet juice",
   "{color} paint|{color} ink|{spice} sauce|{soda}|{color} wax|{color} crayon"},
  {"fabric", 35,
   "cotton, wool, silk, linen, denim, leather, suede, velvet, polyester, cashmere, fleece, nylon, "
   "corduroy, lace, satin, flannel, canvas, spandex, rayon, tweed, a white shirt, jeans, "
   "a tablecloth, sneakers, wool socks, gym clothes",
   "{a color} shirt|{color} wool|{color} silk|{color} linen|{color} leather|{a color} dress"},
  {"surface", 40,
   "a wool rug, a sofa, a carpet, a mattress, a car seat, a curtain, a couch cushion, "
   "a wooden table, a lampshade, a backpack, a stone floor, a baby stroller",
   "{fabric}"},
  {"repair", 30,
   "a leaky faucet, a running toilet, a squeaky door, a flat tire, a clogged drain, "
   "a loose doorknob, a cracked tile, a broken zipper, a torn screen, a wobbly table, "
   "a scratched floor, a stuck window, a dripping showerhead, a bent bike wheel, a loose button, "
   "a dead outlet, a sagging shelf, a hole in the wall, a creaky stair, a chipped mug, "
   "a jammed lock, a slow laptop, a foggy headlight, a rusty hinge, a noisy fan, a peeling wall, "
   "a cracked phone screen, a drafty window, a broken fence, a frozen pipe, a stripped screw, "
   "a tangled necklace, a stuck ring, a loose railing",
   "a noisy {appliance}|a broken {appliance}"},
  {"plant", 0,
   "tomatoes, basil, mint, rosemary, thyme, cilantro, parsley, dill, lettuce, spinach, kale, "
   "carrots, radishes, beets, onions, garlic, leeks, potatoes, sweet potatoes, peas, green beans, "
   "sunflowers, roses, tulips, daffodils, lavender, marigolds, petunias, geraniums, peonies, "
   "dahlias, lilies, irises, orchids, violets, begonias, hydrangeas, azaleas, camellias, ferns, "
   "succulents, cacti, aloe vera, snake plants, spider plants, monsteras, pothos, peace lilies, "
   "rubber plants, bonsai trees, lemon trees, apple trees, fig trees, olive trees, maples, "
   "strawberries, blueberries, raspberries, grapes, melons, cucumbers, zucchini, pumpkins, "
   "peppers, eggplants, corn, asparagus, artichokes, rhubarb, chives, sage, oregano, clematis, "
   "jasmine, wisteria, honeysuckle, ivy, boxwood, bamboo, moss, clover, zinnias, cosmos, "
   "snapdragons, foxgloves, poppies, crocuses, hyacinths, pansies", NULL},
  {"breed", 0,
   "poodle, beagle, corgi, dachshund, border collie, golden retriever, labrador, husky, boxer, "
   "greyhound, whippet, bulldog, pug, chihuahua, terrier, spaniel, setter, pointer, mastiff, "
   "great dane, dalmatian, malamute, sheepdog, shiba, tabby cat, siamese cat, persian cat, "
   "maine coon, ragdoll cat, sphynx cat, hamster, guinea pig, rabbit, ferret, parakeet, cockatiel, "
   "canary, gecko, corn snake, tortoise, goldfish, betta fish, gerbil, chinchilla", NULL},
  {"carpart", 50,
   "brakes, clutch, battery, alternator, radiator, windshield wipers, headlights, tail lights, "
   "spark plugs, oil filter, air filter, timing belt, exhaust, muffler, transmission, steering, "
   "shock absorbers, tires, wheel bearings, fuel pump, starter motor, heater, air conditioning, "
   "seat belts, mirrors, horn, turn signals, dashboard lights, cruise control, trunk latch, "
   "sunroof, power windows, door locks, engine mount, coolant",
   "{corner} {wheelpart}"},
  {"corner", 0, "left, right, front, rear, front left, front right, rear left, rear right", NULL},
  {"wheelpart", 0,
   "headlight, tire, mirror, brake, door, window, wheel, seat, turn signal, wiper, fog light, "
   "speaker, bumper, hubcap", NULL},
  {"product", 35,
   "backpack, raincoat, umbrella, winter coat, swimsuit, pair of boots, pair of sneakers, scarf, "
   "hat, wallet, handbag, suitcase, watch, necklace, headset, phone case, charger, keyboard, "
   "mouse, monitor, desk chair, standing desk, bookshelf, sofa, mattress, pillow, blanket, rug, "
   "lamp, candle, vase, mirror, picture frame, frying pan, wok, kettle, teapot, cutting board, "
   "knife set, blender, toaster, air fryer, lunch box, water bottle, travel mug, tent, "
   "sleeping bag, flashlight, camping stove, cooler, bike helmet, bike lock, skateboard, scooter, "
   "tennis racket, yoga mat, dumbbell set, jump rope, basketball, football, chess set, puzzle, "
   "board game, doll house, train set, kite, telescope, microscope, camera, tripod, drone, guitar, "
   "ukulele, harmonica, sketchbook, paint set, sewing kit, tool box, drill, ladder, hammer, "
   "garden hose, watering can, flower pot, bird feeder, dog leash, cat tree, litter box, "
   "fish tank, baby stroller, car seat, high chair, night light, alarm clock, wall clock, "
   "humidifier, space heater, desk fan, shower curtain, bath mat, towel set, laundry basket, "
   "ironing board, vacuum cleaner, dress, sweater, jacket, tuxedo, belt, wool hat, rain jacket",
   "{color} scarf|{color} jacket|{color} dress|{color} suitcase|{color} lamp|{color} hat|"
   "{color} backpack|{color} raincoat|{color} umbrella|{color} sweater|{color} wallet|"
   "{color} handbag|{color} rug|{color} pillow|{color} vase|{color} kettle|{color} teapot|"
   "{color} blanket"},
  {"clothing", 45,
   "shoes, boots, sneakers, sandals, jeans, dress shirts, suits, dresses, skirts, sweaters, coats, "
   "rain jackets, gloves, mittens, hats, scarves, socks, tights, leggings, swimsuits, ski pants, "
   "hiking pants, running shorts, pajamas, bathrobes, belts, ties, rings, bike helmets, ski boots, "
   "ice skates, wetsuits, work gloves, blazers, kimonos, vests, cardigans, hoodies, slippers, "
   "overalls",
   "{color} shoes|{color} boots|{color} gloves|{color} socks|{color} shorts|{color} mittens|"
   "{color} sneakers|{color} jeans|{color} ties|{~brand} sneakers"},
  {"party", 25,
   "a wedding, a birthday, a graduation, a baby shower, a housewarming, a retirement party, "
   "an anniversary, a picnic, a barbecue, a costume party, a dinner party, a school dance, "
   "a reunion, a bridal shower, a bachelor party, a christening, a farewell party, a potluck, "
   "a garden party, a sleepover, a street party, a pool party, a tea party, a surprise party, "
   "an office party, an engagement party, a block party",
   "{name}'s birthday|{name}'s wedding|{name}'s graduation|a party for {name}"},
  {"occasion", 70,
   "a job interview, a first date, a funeral, a camping trip, a ski trip, a beach day, "
   "a road trip, a business trip, a long flight, a music festival, a night at the opera, "
   "a school play, a court date, a photo shoot, a boat ride",
   "{party}|{party}|{party}|a trip to {place}"},
  /* body */
  {"bodypart", 50,
   "back, lower back, neck, shoulder, elbow, wrist, thumb, hip, knee, ankle, heel, foot, calf, "
   "thigh, hamstring, jaw, forearm, upper back, shin, big toe, left knee, right knee, "
   "left shoulder, right shoulder, left ankle, right ankle, left wrist, right wrist, left hip, "
   "right hip, left elbow, right elbow",
   "left {limb}|right {limb}"},
  {"limb", 0,
   "knee, ankle, wrist, elbow, shoulder, hip, thumb, heel, foot, hand, calf, thigh, shin, ear, "
   "eye, forearm, hamstring, big toe, little finger, index finger, shoulder blade", NULL},
  {"ache", 0,
   "a headache, a sore throat, a runny nose, a stuffy nose, a cough, a cold, a stomach ache, "
   "heartburn, hiccups, a sunburn, a blister, a bruise, a splinter, a bee sting, a mosquito bite, "
   "poison ivy, hay fever, dry eyes, chapped lips, dry skin, a stiff neck, a sore back, "
   "leg cramps, shin splints, jet lag, motion sickness, a hangover, bad breath, an earache, "
   "a toothache, a paper cut, a nosebleed, tired eyes, a sprained ankle, muscle soreness, "
   "cold feet", NULL},
  {"exercise", 30,
   "squats, lunges, planks, push-ups, pull-ups, sit-ups, burpees, jumping jacks, deadlifts, "
   "bench presses, bicep curls, calf raises, leg raises, mountain climbers, kettlebell swings, "
   "rowing, jogging, sprinting, swimming laps, cycling, stair climbing, jump rope, yoga, pilates, "
   "stretching, tai chi, shadow boxing, wall sits, side planks, hip bridges, bird dogs, box jumps, "
   "step-ups, battle ropes, crunches, dips, shoulder presses, lateral raises, hamstring curls, "
   "foam rolling, hill repeats, interval training, power walking, nordic walking, ballet, zumba, "
   "spinning",
   "slow {moves}|weighted {moves}|wide {moves}|deep {moves}|jumping {moves}|assisted {moves}|"
   "{name}'s workout"},
  {"moves", 0,
   "squats, lunges, push-ups, pull-ups, planks, step-ups, dips, crunches, presses, curls, rows, "
   "kicks", NULL},
  {"sport", 0,
   "soccer, basketball, baseball, tennis, golf, rugby, cricket, volleyball, badminton, "
   "table tennis, squash, hockey, ice hockey, field hockey, lacrosse, handball, water polo, "
   "swimming, diving, rowing, sailing, surfing, kayaking, canoeing, cycling, mountain biking, "
   "running, hurdles, pole vault, javelin, archery, fencing, judo, karate, boxing, wrestling, "
   "gymnastics, figure skating, speed skating, skiing, snowboarding, curling, bobsled, bowling, "
   "darts, snooker, billiards, climbing, skateboarding, polo, softball, triathlon, weightlifting, "
   "ultimate frisbee, pickleball, netball, parkour", NULL},
  {"habit", 65,
   "drinking more water, going to bed earlier, reading every day, walking after dinner, flossing, "
   "stretching in the morning, meditating, journaling, eating more vegetables, skipping soda, "
   "cooking at home, taking the stairs, cycling to work, practicing gratitude, "
   "limiting screen time, getting up earlier, quitting sugar, biting fewer nails, "
   "sitting up straight, calling family weekly, saving money, learning a language, "
   "playing an instrument, keeping a tidy desk, making the bed, packing lunch, eating breakfast, "
   "running twice a week, breathing slowly, less coffee",
   "practicing {hobby}|playing the {instrument}|learning {language}|eating more {fruit}|"
   "cooking with {ingredient}|drinking less {soda}|calling {name} more often|practicing {skill}|"
   "doing {exercise}|reading about {topic}"},
  {"pill", 14,
   "vitamin D, vitamin C, vitamin B12, iron, magnesium, calcium, zinc, fish oil, folic acid, "
   "a multivitamin, a probiotic, allergy medicine, blood pressure medicine, asthma inhaler, "
   "eye drops, ear drops, nasal spray, cough syrup, antibiotics, heart medicine, thyroid medicine, "
   "insulin, melatonin, biotin, collagen, potassium, vitamin K, cold medicine, pain reliever, "
   "antacid",
   "{~brand}"},
  {"mood", 0,
   "uneasy, calm, hungry, thirsty, dizzy, shaky, weepy, moody, tense, numb, hopeless, lazy, "
   "sluggish, giddy, amazed, brave, shy, bitter, puzzled, stuck, lost, heartbroken, thankful, "
   "energized, peaceful, silly, stubborn, disappointed, annoyed, furious, scared, empty, content, "
   "optimistic, tired, stressed, anxious, lonely, bored, overwhelmed, nervous, grumpy, homesick, "
   "restless, worried, sleepy, frustrated, discouraged, unmotivated, excited, happy, proud, "
   "grateful, hopeful, relieved, inspired, curious, confident, sad, cranky, burned out, jittery, "
   "impatient, gloomy, drained, distracted, jealous, embarrassed, guilty, nostalgic, cheerful, "
   "playful, sentimental, confused", NULL},
  /* leisure */
  {"song", 100, NULL,
   "{songadj} {songnoun}|{songadj} {songnoun}|{songnoun} in {city}|the {songnoun} song|"
   "{songnoun} for {name}|Dear {name}|{songverb} {songnoun}|{songadj} {month}"},
  {"songadj", 0,
   "Silver, Golden, Lonely, Wild, Broken, Midnight, Paper, Slow, Electric, Winter, Summer, Faded, "
   "Hidden, Burning, Quiet, Falling, Endless, Crooked, Velvet, Neon, Empty, Gentle, Hollow, Sunday", NULL},
  {"songnoun", 0,
   "Harbor, River, Lantern, Window, Highway, Garden, Shadow, Mirror, Thunder, Ocean, Bridge, "
   "Letter, Meadow, Comet, Whisper, Carousel, Lighthouse, Compass, Orchard, Feather, Balloon, "
   "Horizon, Ember, Canyon, Satellite, Staircase, Postcard, Violet, Railroad, Moonlight", NULL},
  {"songverb", 0,
   "Chasing, Leaving, Finding, Losing, Painting, Holding, Counting, Crossing, Dreaming of, Calling", NULL},
  {"movie", 100, NULL,
   "The {songadj} {songnoun}|The Last {songnoun}|{songnoun} of {~place}|The {~sur} Affair|"
   "Return to {~place}|The {songnoun} Thief|Escape from {~place}|{songverb} {~given}"},
  {"book", 100, NULL,
   "The {songnoun} Keeper|A {songnoun} in {city}|The House on {~place} Street|The {~sur} Diaries|"
   "{songnoun} and {songnoun}|Letters to {name}|The Secret of {~place}|"
   "A Short History of {songnoun}s"},
  {"podcast", 100, NULL,
   "{songnoun} Radio|The {~sur} Show|Talking {hobby}|The Daily {songnoun}|{name} and {~given}|"
   "The {songadj} Hour|Inside {~brand}"},
  {"genre", 0,
   "jazz, blues, rock, folk, country, soul, funk, disco, reggae, ska, salsa, samba, bossa nova, "
   "tango, flamenco, hip hop, techno, house music, ambient, lo-fi beats, classical music, opera, "
   "baroque music, piano music, string quartets, choral music, gospel, bluegrass, swing, big band, "
   "punk, metal, indie rock, synth pop, dance music, movie soundtracks, lullabies, sea shanties, "
   "marching music, acoustic guitar, Celtic music, afrobeat, whale songs, rain sounds, "
   "ocean waves, forest sounds, white noise, cello music, harp music, accordion music", NULL},
  {"instrument", 0,
   "piano, guitar, violin, viola, cello, double bass, harp, flute, piccolo, clarinet, oboe, "
   "bassoon, saxophone, trumpet, trombone, tuba, French horn, drums, bongos, marimba, xylophone, "
   "accordion, harmonica, banjo, mandolin, ukulele, lute, sitar, bagpipes, recorder, organ, "
   "harpsichord, synthesizer, bass guitar, electric guitar, tambourine, triangle, didgeridoo, "
   "theremin, zither, kalimba, djembe, tin whistle, euphonium", NULL},
  {"game", 35,
   "chess, checkers, backgammon, dominoes, poker, blackjack, rummy, gin rummy, cribbage, bridge, "
   "hearts, spades, solitaire, go, mahjong, mancala, charades, hide and seek, hopscotch, marbles, "
   "darts, pool, croquet, horseshoes, shuffleboard, tag, capture the flag, kickball, dodgeball, "
   "hangman, tic-tac-toe, twenty questions, musical chairs, jacks, tug of war, sudoku, "
   "crossword puzzles, word search, reversi, euchre, canasta, whist",
   "{songadj} {songnoun}|{~place} Racer|{~brand} Quest|{animal} bingo"},
  {"hobby", 0,
   "gardening, painting, pottery, knitting, woodworking, photography, hiking, bird watching, "
   "stargazing, fishing, camping, cooking, baking, brewing, cycling, running, swimming, climbing, "
   "kayaking, sailing, surfing, skiing, chess, puzzles, board games, card games, reading, writing, "
   "poetry, blogging, podcasting, singing, dancing, drumming, juggling, magic, origami, "
   "calligraphy, scrapbooking, embroidery, quilting, sewing, jewelry making, candle making, "
   "soap making, model trains, model planes, coin collecting, stamp collecting, rock collecting, "
   "geocaching, metal detecting, beekeeping, yoga, meditation, volunteering, genealogy, astronomy, "
   "robotics, coding, drone flying, archery, bonsai, aquariums, leathercraft, weaving", NULL},
  {"show", 100, NULL,
   "{songadj} {songnoun}|The {~sur} Files|{~place} Heights|The {~place} Murders|Planet {~given}|"
   "Doctor {~sur}|The {~brand} Code"},
  /* study */
  {"word", 0,
   "ambiguous, serendipity, ephemeral, resilient, tenacious, gregarious, meticulous, nostalgia, "
   "paradox, irony, metaphor, hyperbole, euphemism, oxymoron, altruism, empathy, integrity, "
   "candor, prudent, frugal, lavish, austere, opulent, pristine, obsolete, archaic, novice, "
   "mentor, patron, rival, ally, nomad, hermit, pilgrim, exile, refuge, sanctuary, haven, abyss, "
   "chasm, ravine, plateau, delta, lagoon, archipelago, peninsula, isthmus, zenith, nadir, "
   "equinox, solstice, eclipse, nebula, orbit, comet, quasar, galaxy, tide, drought, monsoon, "
   "blizzard, avalanche, tremor, inertia, momentum, friction, velocity, density, viscosity, "
   "buoyancy, osmosis, catalyst, enzyme, isotope, alloy, polymer, crystal, mineral, fossil, "
   "sediment, erosion, symbiosis, parasite, predator, herbivore, omnivore, mammal, amphibian, "
   "larva, pollen, nectar, chlorophyll, canopy, tundra, savanna, estuary, glacier, geyser, "
   "habitat, migration, hibernation, camouflage, mimicry, instinct, reflex, neuron, cortex, "
   "retina, cartilage, tendon, ligament, artery, plasma, antibody, vaccine, placebo, epidemic, "
   "diagnosis, symptom, remedy, anatomy, democracy, monarchy, republic, oligarchy, anarchy, "
   "tyranny, treaty, embargo, tariff, subsidy, inflation, recession, dividend, equity, mortgage, "
   "collateral, liability, asset, revenue, monopoly, cartel, franchise, bankruptcy, arbitrage, "
   "referendum, veto, ballot, census, statute, verdict, jury, plaintiff, alibi, testimony, "
   "perjury, appeal, warrant, ordinance, sovereignty, diplomacy, espionage, propaganda, "
   "censorship, satire, parody, allegory, fable, sonnet, haiku, limerick, stanza, prologue, "
   "epilogue, protagonist, antagonist, soliloquy, monologue, foreshadowing, cliche, idiom, "
   "proverb, synonym, antonym, homonym, palindrome, anagram, acronym, adverb, preposition, "
   "conjunction, syntax, dialect, jargon, slang, etymology, crescendo, staccato, tempo, octave, "
   "timbre, harmony, cadence, fresco, mosaic, collage, silhouette, perspective, contrast, texture, "
   "facade, archway, buttress, dome, spire, vault, aqueduct, lever, pulley, piston, turbine, "
   "gasket, circuit, resistor, voltage, algorithm, bandwidth, encryption, firewall, pixel, "
   "latency, cache, variable, hypothesis, theory, axiom, theorem, corollary, integer, fraction, "
   "decimal, ratio, exponent, polygon, rhombus, ellipse, tangent, vertex, radius, diameter, "
   "perimeter, median, variance, probability, outlier, stoic, cynic, skeptic, pragmatist, "
   "optimist, pessimist, idealist, utopia, dogma, ethics, virtue, dilemma, conundrum, enigma, "
   "quandary, nuance, caveat, bias, fallacy, rhetoric, consensus, compromise, mediation, "
   "reconcile, mitigate, alleviate, exacerbate, procrastinate, scrutinize, ponder, meander, "
   "linger, flourish, languish, wither, dwindle, surge, plummet, fluctuate, oscillate, converge, "
   "diverge, placid, serene, turbulent, volatile, brittle, supple, rigid, porous, opaque, "
   "translucent, luminous, murky, vivid, drab, bland, pungent, savory, tart, zest, umami, quaint, "
   "rustic, cosmopolitan, parochial, ubiquitous, scarce, abundant, copious, meager, tedious, "
   "arduous, daunting, trivial, mundane, bizarre, uncanny, whimsical, solemn, somber, jovial, "
   "melancholy, euphoria, apathy", NULL},
  {"concept", 0,
   "photosynthesis, gravity, evolution, electricity, magnetism, plate tectonics, the water cycle, "
   "the carbon cycle, the greenhouse effect, natural selection, cell division, the immune system, "
   "the nervous system, digestion, blood pressure, vaccines, antibiotics, genetics, DNA, "
   "stem cells, radioactivity, nuclear fusion, nuclear fission, black holes, supernovas, "
   "neutron stars, dark matter, the big bang, relativity, quantum mechanics, superconductors, "
   "lasers, fiber optics, radar, sonar, GPS, satellites, rockets, jet engines, steam engines, "
   "electric motors, batteries, solar panels, wind turbines, hydroelectric dams, heat pumps, "
   "refrigerators, microwaves, 3D printing, blockchain, machine learning, neural networks, "
   "encryption, the internet, search engines, compilers, operating systems, supply and demand, "
   "inflation, compound interest, the stock market, bonds, mortgages, insurance, taxes, "
   "free trade, game theory, the electoral college, the supreme court, the United Nations, "
   "habeas corpus, federalism, the French Revolution, the Renaissance, the Industrial Revolution, "
   "the Cold War, the Silk Road, the Roman Empire, the Ottoman Empire, feudalism, the Black Death, "
   "the Enlightenment, impressionism, cubism, surrealism, baroque music, jazz improvisation, "
   "sonnets, haiku, iambic pentameter, the scientific method, statistics, probability, calculus, "
   "algebra, prime numbers, fractals, infinity, the golden ratio, pi, binary numbers, tides, "
   "earthquakes, volcanoes, hurricanes, tornadoes, lightning, rainbows, auroras, eclipses, "
   "the seasons, leap years, time zones, jet lag, sleep cycles, dreams, memory, color blindness, "
   "fermentation, yeast, caramelization, the food chain, pollination, composting, coral reefs, "
   "bird migration, echolocation, bioluminescence, hibernation, camouflage, symbiosis, "
   "sound waves, light waves, friction, buoyancy, entropy, osmosis, surface tension", NULL},
  {"event", 0,
   "the French Revolution, the American Revolution, the Russian Revolution, the Boston Tea Party, "
   "the moon landing, the fall of Rome, the fall of Constantinople, the Battle of Hastings, "
   "the Battle of Waterloo, the Spanish Armada, the Great Fire of London, the Black Death, "
   "the signing of the Magna Carta, the Gold Rush, the Great Depression, the Berlin Airlift, "
   "the fall of the Berlin Wall, the Cuban Missile Crisis, the first Olympic Games, "
   "the sinking of the Titanic, the Wright brothers' flight, the eruption of Vesuvius, "
   "the Norman conquest, the Crusades, the Hundred Years War, the Wars of the Roses, "
   "the Thirty Years War, the Congress of Vienna, the Meiji Restoration, the Boxer Rebellion, "
   "the Opium Wars, the Haitian Revolution, the Louisiana Purchase, the California earthquake, "
   "the Spanish flu, the Suez Crisis, the Prague Spring, the Velvet Revolution, "
   "the Apollo program, the Space Race, the Dust Bowl, the Irish famine, the Salem witch trials, "
   "the Council of Nicaea, the Peloponnesian War, the Punic Wars, the Trojan War, "
   "the Mongol invasions, the Silk Road trade, the Great Exhibition, the Long March", NULL},
  {"invention", 0,
   "telephone, telescope, microscope, printing press, compass, steam engine, light bulb, radio, "
   "television, camera, bicycle, typewriter, sewing machine, elevator, escalator, zipper, "
   "safety pin, paper clip, pencil, ballpoint pen, eraser, umbrella, parachute, hot air balloon, "
   "airplane, helicopter, submarine, locomotive, parking meter, traffic light, wheel, plow, "
   "windmill, water clock, abacus, calculator, transistor, microchip, laser, barcode, credit card, "
   "microwave oven, refrigerator, washing machine, vacuum cleaner, can opener, corkscrew, "
   "toothbrush, sunglasses, contact lens, stethoscope, thermometer, barometer, pendulum clock, "
   "wristwatch, match, lighter, dynamite, fire extinguisher, rubber band, postage stamp, sandwich, "
   "yo-yo, kaleidoscope, phonograph, harmonica, saxophone, piano, snowmobile, jet ski, "
   "roller skate, skateboard, frisbee, crossword puzzle", NULL},
  {"animal", 0,
   "otter, badger, fox, wolf, bear, polar bear, panda, red panda, koala, kangaroo, wallaby, "
   "wombat, platypus, echidna, sloth, armadillo, anteater, aardvark, elephant, rhino, hippo, "
   "giraffe, zebra, antelope, gazelle, bison, moose, elk, reindeer, camel, llama, alpaca, donkey, "
   "horse, goat, sheep, pig, boar, hedgehog, porcupine, squirrel, chipmunk, beaver, marmot, "
   "hamster, mouse, rat, rabbit, hare, bat, mole, shrew, weasel, ferret, mink, skunk, raccoon, "
   "lynx, bobcat, puma, jaguar, leopard, cheetah, lion, tiger, hyena, jackal, meerkat, mongoose, "
   "lemur, gibbon, orangutan, gorilla, chimpanzee, baboon, whale, dolphin, porpoise, seal, walrus, "
   "manatee, shark, stingray, eel, salmon, trout, tuna, seahorse, octopus, squid, jellyfish, "
   "starfish, lobster, crab, shrimp, snail, slug, spider, scorpion, ant, bee, wasp, beetle, "
   "ladybug, firefly, butterfly, moth, dragonfly, grasshopper, cricket, mosquito, frog, toad, "
   "newt, salamander, gecko, iguana, chameleon, crocodile, alligator, turtle, tortoise, cobra, "
   "python, rattlesnake, eagle, hawk, falcon, owl, vulture, crow, raven, magpie, parrot, toucan, "
   "flamingo, heron, crane, stork, pelican, penguin, ostrich, emu, peacock, turkey, goose, duck, "
   "swan, robin, sparrow, hummingbird, woodpecker, kingfisher, albatross, puffin, seagull", NULL},
  {"subject", 0,
   "algebra, geometry, calculus, statistics, biology, chemistry, physics, astronomy, geology, "
   "geography, world history, art history, music theory, philosophy, psychology, sociology, "
   "economics, political science, accounting, grammar, creative writing, English literature, "
   "French, Spanish, German, Latin, computer science, programming, robotics, anatomy, botany, "
   "zoology, ecology, trigonometry, physical education, drama, journalism, law, nursing, "
   "engineering, linguistics, archaeology, anthropology, ethics, logic, nutrition, pharmacology, "
   "architecture, photography, film studies", NULL},
  {"homework", 40,
   "the book report, the lab report, the history essay, the math worksheet, the reading log, "
   "the science fair poster, the vocabulary quiz, the group presentation, the term paper, "
   "the spelling test, the geography map, the art portfolio, the chemistry problem set, "
   "the midterm, the final exam, the poetry reading, the thesis outline, the diorama, "
   "the oral exam, the driving test",
   "the {subject} homework|the {subject} essay|the {subject} exam|the {subject} quiz"},
  {"anything", 100, NULL,
   "{topic}|{topic}|{a product}|{dish}|{place}|{band}|{book}|{movie}|{song}|{company}|{task}|"
   "{task}|{event}|{figure}|{skill}|{project}|{sight}|{animal}|{plant}|{cafe}|{store}|{park}|"
   "{hotel}|{word}|{name} and {name}|{goal}|{habit}|{repair}|{invention} history|{hobby} in {city}|"
   "{dish} for {people}|{plant} and {plant}|{animal} facts|{city} in {month}|{name} on {weekday}|"
   "{fruit} and {fruit}|{drink} with {name}|{sport} in {country}|{genre} by {band}"},
  {"topic", 100, NULL, "{hobby}|{concept}|{subject}|{sport}|{hobby}|{subject}"},
  {0}};
