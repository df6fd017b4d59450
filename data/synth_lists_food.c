/* What one eats, drinks and buys to cook. */
#include "synth.h"

/* clang-format off */
const synth_type synth_types_food[] = {
  {"dish", 100, NULL, "{meal}|{meal}|{meal}|{meal}|{meal}|{meal}|{meal}|{meal}|{dishadj} {meal}"},
  {"homedish", 100, NULL, "{dish}|{dish}|{dish}|{dish}|{kin}'s {meal}"},
  {"meal", 0,
   "lasagna, ratatouille, paella, risotto, ramen, pad thai, pho, bibimbap, sushi, tempura, "
   "miso soup, goulash, moussaka, falafel, hummus, tabbouleh, shakshuka, couscous salad, tagine, "
   "chicken curry, butter chicken, chana masala, dal, biryani, samosas, naan, tacos, enchiladas, "
   "burritos, quesadillas, guacamole, pozole, tamales, ceviche, empanadas, feijoada, gumbo, "
   "jambalaya, cornbread, meatloaf, mac and cheese, pot roast, clam chowder, chili, coleslaw, "
   "potato salad, apple pie, pumpkin pie, banana bread, cheesecake, brownies, pancakes, waffles, "
   "crepes, French toast, omelets, frittata, quiche, scones, granola, porridge, overnight oats, "
   "muesli, minestrone, gazpacho, tomato soup, lentil soup, onion soup, pea soup, pumpkin soup, "
   "leek soup, borscht, fish stew, beef stew, coq au vin, cassoulet, beef stroganoff, schnitzel, "
   "sauerkraut, spaetzle, pierogi, cabbage rolls, fish and chips, shepherd's pie, "
   "bangers and mash, Yorkshire pudding, roast chicken, fried rice, egg rolls, spring rolls, "
   "dumplings, mapo tofu, kung pao chicken, sweet and sour pork, hot pot, teriyaki salmon, "
   "okonomiyaki, udon, soba, gyoza, katsu curry, kimchi, bulgogi, japchae, satay, nasi goreng, "
   "rendang, laksa, green curry, papaya salad, summer rolls, banh mi, spaghetti carbonara, "
   "pesto pasta, gnocchi, ravioli, pizza dough, focaccia, bruschetta, caprese salad, tiramisu, "
   "panna cotta, gelato, cannoli, biscotti, baklava, rice pudding, chocolate mousse, creme brulee, "
   "apple strudel, carrot cake, lemon tart, cherry pie, oatmeal cookies, gingerbread, shortbread, "
   "cinnamon rolls, sourdough bread, bagels, pretzels, croissants, dinner rolls, flatbread, "
   "pickles, salsa, tzatziki, baba ganoush, stuffed peppers, stuffed mushrooms, eggplant parmesan, "
   "vegetable lasagna, mushroom stroganoff, black bean burgers, veggie chili, grilled cheese, "
   "club sandwiches, pulled pork, baby back ribs, crab cakes, shrimp scampi, lobster bisque, "
   "grilled salmon, tuna casserole, fish tacos, poke bowls, Caesar salad, Greek salad, "
   "Waldorf salad, deviled eggs, hash browns, mashed potatoes, scalloped potatoes, "
   "roasted vegetables, ginger carrots, garlic bread, caramel popcorn, fruit salad, peach cobbler, "
   "berry crumble, key lime pie, bread pudding, custard, marmalade, strawberry jam, apple butter, "
   "hot chocolate, eggnog, mulled wine", NULL},
  {"dishadj", 0, "easy, homemade, quick, classic, simple, traditional", NULL},
  {"kin", 70, "grandma, grandpa", "Aunt {name}|Uncle {name}|{name}"},
  {"ingredient", 0,
   "chickpeas, lentils, black beans, kidney beans, tofu, tempeh, chicken breast, chicken thighs, "
   "ground beef, ground turkey, pork chops, bacon, ham, salmon, tuna, cod, shrimp, mussels, squid, "
   "eggs, butter, cream, sour cream, yogurt, mozzarella, feta, parmesan, goat cheese, cheddar, "
   "ricotta, halloumi, milk, coconut milk, oat milk, almond milk, flour, rye flour, cornmeal, "
   "oats, quinoa, bulgur, couscous, rice, brown rice, pasta, noodles, bread, breadcrumbs, "
   "tortillas, phyllo dough, puff pastry, potatoes, sweet potatoes, carrots, celery, onions, "
   "shallots, garlic, leeks, spinach, kale, chard, arugula, cabbage, broccoli, cauliflower, "
   "asparagus, green beans, peas, corn, zucchini, eggplant, bell peppers, jalapenos, tomatoes, "
   "cherry tomatoes, mushrooms, pumpkin, butternut squash, beets, radishes, turnips, parsnips, "
   "fennel, cucumber, avocado, artichokes, olives, capers, sun-dried tomatoes, anchovies, "
   "pine nuts, walnuts, almonds, cashews, pecans, peanut butter, tahini, honey, maple syrup, "
   "brown sugar, molasses, vanilla, cocoa, dark chocolate, raisins, dates, dried apricots, lemons, "
   "limes, ginger, cilantro, parsley, basil, mint, dill, rosemary, thyme, soy sauce, fish sauce, "
   "vinegar, mustard, mayonnaise, ketchup, hot sauce, miso paste, curry paste, tomato paste, "
   "olive oil, sesame oil, vegetable broth, chicken stock, yeast, baking powder, gelatin, "
   "sesame seeds, chia seeds, sunflower seeds, seaweed, bean sprouts, bamboo shoots, edamame, "
   "okra, plantains, lamb, duck, sausages", NULL},
  {"boilable", 35,
   "eggs, potatoes, pasta, rice, lentils, chickpeas, corn, carrots, beets, broccoli, green beans, "
   "noodles, dumplings, lobster, crab, quinoa, sweet potatoes, artichokes, peas, ravioli, gnocchi, "
   "barley, black beans, asparagus, brown rice, turnips, parsnips, soba, udon, tortellini, "
   "buckwheat, farro, edamame, cabbage, chestnuts, peanuts, bulgur, quail eggs, baby potatoes, "
   "macaroni",
   "{size} {vegetable}"},
  {"size", 0, "small, large, fresh, frozen, baby, red, purple, golden, diced, whole, sliced", NULL},
  {"roastable", 40,
   "a whole chicken, salmon fillets, sweet potatoes, cauliflower, carrots, a turkey, pork loin, "
   "leg of lamb, beets, eggplant, garlic, almonds, chestnuts, chicken wings, meatballs, asparagus, "
   "brussels sprouts, butternut squash, bell peppers, parsnips, potato wedges, fish sticks, "
   "a frozen pizza, stuffed squash, a beef roast, duck legs, tofu cubes, chickpeas, tomatoes, "
   "mushrooms, kale chips, pumpkin seeds",
   "{spice} potatoes|{spice} carrots|{spice} chicken|stuffed {vegetable}|glazed {vegetable}|"
   "{~brand} pizza"},
  {"grocery", 55,
   "paper towels, toilet paper, dish soap, laundry detergent, trash bags, sponges, batteries, "
   "light bulbs, cat litter, dog food, shampoo, toothpaste, coffee filters, sparkling water, "
   "orange juice, coffee beans, green tea, ice cream, potato chips, crackers, frozen pizza, "
   "aluminum foil, napkins, sunscreen, bandages, hand soap, matches, candles, birdseed, diapers, "
   "baby wipes, protein bars, trail mix",
   "{ingredient}|{ingredient}|{fruit}"},
  {"fruit", 0,
   "apples, bananas, pears, peaches, plums, cherries, strawberries, blueberries, raspberries, "
   "blackberries, grapes, oranges, tangerines, grapefruit, mangoes, papayas, pineapples, kiwis, "
   "melons, watermelon, figs, pomegranates, apricots, nectarines, passion fruit, lychees, guavas, "
   "cranberries, persimmons, quinces, coconuts, gooseberries", NULL},
  {"drink", 35,
   "coffee, espresso, cold brew, green tea, black tea, chai, matcha, hot chocolate, lemonade, "
   "iced tea, ginger beer, kombucha, a margarita, a mojito, a mango smoothie, a milkshake, "
   "sangria, mulled cider, a flat white, a cappuccino, peppermint tea, turmeric latte, horchata, "
   "bubble tea, root beer, apple juice, a negroni, a spritz, a banana smoothie, almond milk, "
   "oat milk, chamomile tea, rooibos, ginger tea, a green smoothie, tomato juice, an iced latte, "
   "french press coffee, pour over coffee, yerba mate, sweet lassi, barley tea",
   "homemade {soda}|{spice} tea|iced {spice} tea|{spice} latte|{~brand} soda"},
  {"soda", 0,
   "lemonade, iced tea, ginger ale, eggnog, kefir, kombucha, cider, oat milk, cold brew, "
   "tonic water, orange soda", NULL},
  {"spice", 35,
   "cumin, turmeric, paprika, cinnamon, nutmeg, clove, cardamom, coriander, saffron, oregano, "
   "thyme, rosemary, sage, bay leaf, chili powder, black pepper, ginger, allspice, star anise, "
   "mustard seed, fennel seed, sumac, cayenne, marjoram, tarragon, dill, garlic powder, "
   "curry powder, garam masala, caraway, juniper, lemongrass, vanilla, fenugreek, basil, mint",
   "smoked {spicebase}|ground {spicebase}|toasted {spicebase}|fresh {spicebase}|"
   "{~place} {spicebase}"},
  {"spicebase", 0,
   "paprika, cumin, coriander, pepper, cardamom, ginger, turmeric, chili, mustard, fennel, sesame, "
   "salt, garlic, nutmeg, clove", NULL},
  {"cuisine", 25,
   "Italian, Thai, Mexican, Indian, Japanese, Korean, Vietnamese, Greek, Lebanese, Turkish, "
   "Ethiopian, Moroccan, Spanish, French, German, Peruvian, Brazilian, Cuban, Jamaican, Cajun, "
   "Polish, Hungarian, Georgian, Persian, Afghan, Nepalese, Malaysian, Indonesian, Filipino, "
   "Cantonese, Sichuan, vegan, vegetarian, seafood, barbecue, tapas, sushi, dim sum, Argentinian, "
   "Nigerian, Senegalese, Hawaiian, Israeli, Portuguese, Swedish, Ukrainian, Burmese, Sri Lankan, "
   "Colombian, Syrian",
   "{city}-style"},
  {"produce", 50,
   "avocados, bananas, strawberries, tomatoes, basil, bread, cheese, lettuce, spinach, mushrooms, "
   "berries, cut apples, onions, potatoes, garlic, ginger, cilantro, carrots, celery, fresh fish, "
   "cooked rice, leftover pasta, coffee beans, honey, nuts, butter, tortillas, herbs, asparagus, "
   "cucumbers, peaches, lemons, leftover soup, hard cheese, flour, olive oil, corn on the cob, "
   "kale, grapes, cake",
   "leftover {meal}|ripe {fruit}|sliced {fruit}|fresh {vegetable}|chopped {vegetable}"},
  {"vegetable", 0,
   "carrots, beets, peas, corn, potatoes, beans, broccoli, cabbage, turnips, parsnips, leeks, "
   "celery, kale, spinach, radishes, onions, peppers, mushrooms, chard, fennel, asparagus, "
   "zucchini", NULL},
  {0}};
