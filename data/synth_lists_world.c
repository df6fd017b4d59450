/* Where: real places by name, invented ones for all that a person has around the corner. */
#include "synth.h"

/* clang-format off */
const synth_type synth_types_world[] = {
  {"city", 16,
   "Aberdeen, Abu Dhabi, Accra, Adelaide, Algiers, Alicante, Almaty, Amman, Amsterdam, Anchorage, "
   "Ankara, Antwerp, Arequipa, Asheville, Athens, Atlanta, Auckland, Austin, Avignon, Baku, "
   "Baltimore, Bangalore, Bangkok, Barcelona, Basel, Beijing, Beirut, Belfast, Belgrade, Bergen, "
   "Berlin, Bern, Bilbao, Birmingham, Bogota, Boise, Bologna, Bordeaux, Boston, Boulder, Brasilia, "
   "Bratislava, Bremen, Brighton, Brisbane, Bristol, Bruges, Brussels, Bucharest, Budapest, "
   "Buenos Aires, Buffalo, Busan, Cadiz, Cairo, Calgary, Canberra, Cape Town, Caracas, Cardiff, "
   "Cartagena, Casablanca, Catania, Charleston, Charlotte, Chennai, Chicago, Christchurch, "
   "Cincinnati, Cleveland, Cologne, Colombo, Columbus, Copenhagen, Cordoba, Cork, Cusco, Dakar, "
   "Dallas, Damascus, Darwin, Davos, Delhi, Denver, Detroit, Dhaka, Doha, Dortmund, Dresden, "
   "Dubai, Dublin, Dubrovnik, Durban, Dusseldorf, Edinburgh, Edmonton, El Paso, Eugene, Fairbanks, "
   "Faro, Fez, Florence, Fortaleza, Frankfurt, Fresno, Fukuoka, Galway, Gdansk, Geneva, Genoa, "
   "Ghent, Girona, Glasgow, Gothenburg, Granada, Graz, Grenoble, Guadalajara, Guangzhou, "
   "Guayaquil, Halifax, Hamburg, Hanoi, Hanover, Harare, Havana, Helsinki, Hiroshima, "
   "Ho Chi Minh City, Hobart, Hong Kong, Honolulu, Houston, Hyderabad, Indianapolis, Innsbruck, "
   "Istanbul, Izmir, Jackson, Jaipur, Jakarta, Jerusalem, Johannesburg, Kampala, Kansas City, "
   "Karachi, Kathmandu, Kigali, Kingston, Kinshasa, Kobe, Kolkata, Krakow, Kuala Lumpur, Kyiv, "
   "Kyoto, La Paz, Lagos, Lahore, Las Vegas, Lausanne, Leeds, Leipzig, Leon, Lille, Lima, Lisbon, "
   "Liverpool, Ljubljana, London, Los Angeles, Louisville, Luanda, Lucerne, Lusaka, Luxembourg, "
   "Lyon, Madison, Madrid, Malaga, Malmo, Manaus, Manchester, Manila, Maputo, Marrakesh, "
   "Marseille, Medellin, Melbourne, Memphis, Merida, Mexico City, Miami, Milan, Milwaukee, "
   "Minneapolis, Minsk, Mombasa, Monterrey, Montevideo, Montpellier, Montreal, Moscow, Mumbai, "
   "Munich, Murcia, Muscat, Nagoya, Nairobi, Nantes, Naples, Nashville, New Orleans, New York, "
   "Newcastle, Nice, Nicosia, Nottingham, Nuremberg, Oakland, Oaxaca, Odense, Oklahoma City, "
   "Omaha, Orlando, Osaka, Oslo, Ottawa, Oxford, Palermo, Palma, Panama City, Paris, Parma, Perth, "
   "Philadelphia, Phnom Penh, Phoenix, Pisa, Pittsburgh, Porto, Portland, Prague, Pretoria, "
   "Providence, Puebla, Pune, Quebec City, Quito, Rabat, Raleigh, Recife, Reno, Reykjavik, "
   "Richmond, Riga, Rio de Janeiro, Riyadh, Rochester, Rome, Rosario, Rotterdam, Sacramento, "
   "Saint Louis, Salamanca, Salt Lake City, Salvador, Salzburg, San Antonio, San Diego, "
   "San Francisco, San Jose, San Juan, San Sebastian, Santa Fe, Santander, Santiago, "
   "Santo Domingo, Sao Paulo, Sapporo, Sarajevo, Savannah, Seattle, Seoul, Seville, Shanghai, "
   "Sheffield, Shenzhen, Siena, Singapore, Skopje, Sofia, Spokane, Stavanger, Stockholm, "
   "Strasbourg, Stuttgart, Surabaya, Sydney, Tacoma, Taipei, Tallinn, Tampa, Tampere, Tangier, "
   "Tashkent, Tbilisi, Tehran, Tel Aviv, Thessaloniki, Tirana, Tokyo, Toledo, Toronto, Toulouse, "
   "Trieste, Trondheim, Tucson, Tulsa, Tunis, Turin, Turku, Uppsala, Utrecht, Valencia, Valletta, "
   "Vancouver, Venice, Verona, Vienna, Vilnius, Warsaw, Washington, Wellington, Winnipeg, "
   "Yokohama, York, Zagreb, Zaragoza, Zurich",
   "{town}"},
  {"town", 100, NULL, "{~place}"},
  {"country", 0,
   "Albania, Algeria, Angola, Argentina, Armenia, Australia, Austria, Azerbaijan, Bangladesh, "
   "Barbados, Belgium, Belize, Benin, Bhutan, Bolivia, Botswana, Brazil, Brunei, Bulgaria, "
   "Cambodia, Cameroon, Canada, Chile, China, Colombia, Costa Rica, Croatia, Cuba, Cyprus, "
   "Denmark, Djibouti, Ecuador, Egypt, El Salvador, Eritrea, Estonia, Ethiopia, Fiji, Finland, "
   "France, Gabon, Georgia, Germany, Ghana, Greece, Grenada, Guatemala, Guyana, Haiti, Honduras, "
   "Hungary, Iceland, India, Indonesia, Iran, Iraq, Ireland, Israel, Italy, Jamaica, Japan, "
   "Jordan, Kazakhstan, Kenya, Kuwait, Laos, Latvia, Lebanon, Lesotho, Liberia, Libya, "
   "Liechtenstein, Lithuania, Madagascar, Malawi, Malaysia, Mali, Malta, Mauritius, Mexico, "
   "Moldova, Monaco, Mongolia, Montenegro, Morocco, Mozambique, Myanmar, Namibia, Nepal, "
   "New Zealand, Nicaragua, Niger, Nigeria, North Macedonia, Norway, Oman, Pakistan, Palau, "
   "Panama, Papua New Guinea, Paraguay, Peru, Poland, Portugal, Qatar, Romania, Rwanda, Samoa, "
   "Saudi Arabia, Scotland, Senegal, Serbia, Sierra Leone, Slovakia, Slovenia, Somalia, "
   "South Africa, South Korea, Spain, Sri Lanka, Sudan, Suriname, Sweden, Switzerland, Syria, "
   "Taiwan, Tajikistan, Tanzania, Thailand, Togo, Tonga, Tunisia, Turkey, Uganda, Ukraine, "
   "Uruguay, Uzbekistan, Vanuatu, Venezuela, Vietnam, Wales, Yemen, Zambia, Zimbabwe", NULL},
  {"place", 100, NULL, "{city}|{city}|{country}"},
  {"street", 100, NULL,
   "{~place} Street|{~place} Avenue|{~place} Road|{~place} Lane|{~sur} Street|{~sur} Road|"
   "{2-240} {~place} Street|{2-98} {~place} Lane|{2-98} {~sur} Avenue|{~place} Square|"
   "{~given} Street"},
  {"cafe", 100, NULL,
   "Cafe {~given}|the {~place} Cafe|{~given}'s Diner|{name}'s Kitchen|the {bluish} {beast} Cafe|"
   "Trattoria {~given}|the {~place} Grill|the {bluish} Kettle|Casa {~given}|{~sur} and Sons|"
   "the {~place} Noodle House|Bistro {~given}"},
  {"bluish", 0,
   "Blue, Red, Green, Golden, White, Black, Silver, Copper, Happy, Lazy, Hungry, Little, Old, "
   "Jolly", NULL},
  {"beast", 0,
   "Otter, Fox, Heron, Bear, Stag, Owl, Badger, Hare, Swan, Lion, Goose, Raven, Trout, Pony, "
   "Whale, Rooster, Cat, Camel", NULL},
  {"store", 100, NULL,
   "{~given}'s Books|{~place} Hardware|{~sur} Furniture|the {~place} Market|{~brand}|"
   "{~place} Pharmacy|{~sur} Electronics|{name}'s Flowers|{~place} Outfitters|the {~place} Bakery|"
   "{~sur} Jewelers"},
  {"shopkind", 0,
   "pharmacy, gas station, bakery, bank, bookstore, hardware store, supermarket, post office, "
   "coffee shop, pizza place, library, hospital, dentist, laundromat, dry cleaner, pet store, "
   "florist, barber shop, hair salon, car wash, parking garage, charging station, bus stop, "
   "subway station, train station, taxi stand, playground, swimming pool, gym, climbing gym, "
   "cinema, museum, art gallery, farmers market, toy store, shoe store, thrift store, "
   "electronics store, bike shop, ice cream shop, sushi bar, taqueria, noodle bar, sandwich shop, "
   "tea house, juice bar, wine shop, butcher, fish market, cheese shop, optician, tailor, "
   "locksmith, print shop, phone repair shop, tire shop, garden center, tourist office, "
   "currency exchange, cash machine, public restroom, drinking fountain, picnic area, dog park, "
   "skate park, beach, campground, ferry terminal, police station, fire station, city hall, "
   "urgent care clinic, veterinarian, nail salon, music store, stationery store, vegan restaurant, "
   "steak house, ramen shop, curry house, crepe stand, food court, night market, bowling alley, "
   "mini golf course, planetarium", NULL},
  {"hotel", 100, NULL,
   "the {~place} Hotel|Hotel {~given}|the {~sur} Inn|the {bluish} {beast} Inn|the {~place} Lodge|"
   "the {~place} Hostel"},
  {"station", 100, NULL,
   "{~place} Station|{~place} Central|{~place} Junction|{~place} Terminal|{street}|{city}"},
  {"park", 100, NULL,
   "{~place} Park|{~sur} Gardens|{~place} Woods|the {~place} Trail|Lake {~given}|Mount {~sur}|"
   "{~place} Beach|the {~place} Falls"},
  {"line", 100, NULL,
   "the {2-199} bus|the {2-99} tram|the {color} Line|the {~place} ferry|the {~place} train|"
   "the {~place} shuttle|the {city} express|the {number} bus"},
  {"number", 100, NULL, "{w11-99}"},
  {"flight", 100, NULL, "flight {~brand} {100-989}|flight {100-2999}|the {city} flight"},
  {"gate", 100, NULL, "gate A{1-60}|gate B{1-60}|gate C{1-60}|gate D{1-60}|gate {1-99}"},
  {"sight", 10,
   "the Eiffel Tower, the Colosseum, the Great Wall, the Taj Mahal, Machu Picchu, Stonehenge, "
   "the Acropolis, the Alhambra, Angkor Wat, the Golden Gate Bridge, the Statue of Liberty, "
   "the Grand Canyon, Niagara Falls, Mount Fuji, Mount Everest, Kilimanjaro, the Matterhorn, "
   "the Great Barrier Reef, Petra, the Sphinx, the Louvre, the Prado, Buckingham Palace, "
   "the Tower of London, Big Ben, the Brandenburg Gate, Notre Dame, the Sagrada Familia, "
   "the Blue Mosque, Hagia Sophia, the Forbidden City, Red Square, the Hermitage, Versailles, "
   "Chichen Itza, Easter Island, Yellowstone, Yosemite, the Amazon River, the Nile, the Danube, "
   "the Rhine, the Mississippi, the Thames, the Sahara, the Gobi Desert, the Black Forest, "
   "Loch Ness, Lake Titicaca, Lake Como, the Dead Sea, the Serengeti, Uluru, "
   "the Sydney Opera House, Pompeii, Mount Vesuvius, the Rialto Bridge, the Leaning Tower, "
   "the Vatican, Central Park, Times Square, Alcatraz, the Space Needle, Mount Rushmore, "
   "the Burj Khalifa, the Parthenon, Edinburgh Castle, Neuschwanstein, the Charles Bridge, "
   "Borobudur, the Galapagos, Table Mountain, Victoria Falls, Plitvice Lakes, the Dolomites, "
   "the Atacama Desert, the Panama Canal, Hadrian's Wall, the Northern Lights, the Alps, "
   "the Andes, the Himalayas",
   "{park}"},
  {"dest", 55,
   "the airport, the train station, the stadium, the hospital, the library, the city museum, "
   "the harbor, the old town, the city center, the university, the shopping mall, "
   "the concert hall, the botanical garden, the aquarium, the zoo, the ferry terminal, "
   "the courthouse, the convention center, the farmers market, the community center, "
   "the opera house, the swimming pool, the campground, the lighthouse, the high school, "
   "the post office, the gym, the cathedral, the golf course, the bus terminal",
   "{street}|{street}|{cafe}|{store}|{park}|{hotel}|{town}"},
  {"language", 0,
   "Spanish, French, German, Italian, Portuguese, Dutch, Swedish, Norwegian, Danish, Finnish, "
   "Icelandic, Polish, Czech, Slovak, Hungarian, Romanian, Bulgarian, Greek, Turkish, Arabic, "
   "Hebrew, Persian, Hindi, Bengali, Punjabi, Tamil, Telugu, Urdu, Nepali, Mandarin, Cantonese, "
   "Japanese, Korean, Vietnamese, Thai, Khmer, Lao, Burmese, Malay, Indonesian, Tagalog, Hawaiian, "
   "Maori, Samoan, Swahili, Zulu, Xhosa, Yoruba, Igbo, Hausa, Amharic, Somali, Russian, Ukrainian, "
   "Serbian, Croatian, Slovenian, Albanian, Latvian, Lithuanian, Estonian, Irish, Welsh, "
   "Scottish Gaelic, Basque, Catalan, Galician, Maltese, Armenian, Georgian, Kazakh, Uzbek, "
   "Mongolian, Tibetan, Esperanto, Latin", NULL},
  {"phrase", 12,
   "good morning, good night, thank you, excuse me, see you tomorrow, where is the bathroom, "
   "how much is it, the check please, happy birthday, good luck, I am lost, I need a doctor, "
   "nice to meet you, a table for two, one ticket please, no problem, where are you from, "
   "have a nice day, I don't understand, can you help me, I love this city, the food is delicious, "
   "see you later, what time is it, turn left here, stop here please, I am allergic to nuts, "
   "I would like coffee, the train is late, well done, congratulations, safe travels, "
   "long time no see, I miss you, cheers, where can I park, my phone is dead, is this seat free, "
   "how do I get downtown, I am vegetarian, do you take cards, keep the change, welcome home, "
   "sleep well, get well soon, I lost my passport, I am just looking, could you repeat that, "
   "the room is cold, I have a reservation",
   "where is the {shopkind}|I like {fruit}"},
  {"condition", 40,
   "rain, snow, wind, fog, sunshine, thunderstorms, hail, frost, drizzle, sleet, clouds, "
   "lightning, ice, heavy showers, a heat wave, strong gusts, black ice, morning mist, humidity, "
   "pollen, clear skies, freezing rain, a cold snap, smoke",
   "{strength} {weatherword}"},
  {"strength", 0,
   "heavy, light, patchy, sudden, morning, evening, strong, early, late, icy, steady, brief", NULL},
  {"weatherword", 0,
   "rain, fog, wind, snow, frost, drizzle, hail, sleet, storms, showers, thunder, gusts, haze, "
   "sun, ice", NULL},
  {0}};
