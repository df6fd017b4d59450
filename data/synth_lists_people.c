/* Who: names, and those one calls, meets, follows, feeds or works for. */
#include "synth.h"

/* clang-format off */
const synth_type synth_types_people[] = {
  {"name", 22,
   "Aaron, Abigail, Ada, Adele, Adrian, Agnes, Aisha, Alan, Alba, Albert, Alejandra, Alessia, "
   "Alex, Alfie, Alice, Alina, Alma, Amara, Amelia, Amir, Amy, Ana, Anders, Andrea, Andrew, Anika, "
   "Anita, Anna, Anthony, Anton, Arjun, Arthur, Asha, Astrid, Audrey, August, Ava, Ayumi, Barbara, "
   "Beatrice, Ben, Benedict, Bianca, Bjorn, Boris, Brandon, Brenda, Brian, Bridget, Bruno, Camila, "
   "Carl, Carlos, Carmen, Caroline, Catherine, Cecilia, Cedric, Celeste, Charlie, Chloe, Chris, "
   "Claire, Clara, Claudia, Colin, Connor, Cora, Curtis, Cyrus, Daisy, Dana, Daniel, Daphne, "
   "David, Deborah, Delia, Dennis, Derek, Diana, Diego, Dmitri, Dominic, Donna, Dora, Duncan, "
   "Dylan, Edgar, Edith, Eduardo, Eileen, Elaine, Elena, Eli, Elias, Elif, Elisa, Ella, Ellen, "
   "Elliot, Elsa, Emil, Emily, Emma, Enzo, Eric, Esther, Ethan, Eva, Evan, Evelyn, Fabian, Farid, "
   "Fatima, Felix, Fernanda, Finn, Fiona, Flora, Florence, Frances, Francisco, Frank, Freya, "
   "Gabriel, Gareth, Gemma, George, Gina, Giulia, Gloria, Gordon, Grace, Greta, Gustav, Hana, "
   "Hannah, Harold, Harper, Haruto, Hassan, Hazel, Heather, Hector, Heidi, Helen, Henry, Hugo, "
   "Ian, Ibrahim, Ida, Igor, Ines, Ingrid, Irene, Iris, Isaac, Isabel, Isla, Ivan, Ivy, Jack, "
   "Jacob, Jade, James, Jamie, Jana, Jasmine, Jason, Javier, Jennifer, Jeremy, Jesse, Joan, Joel, "
   "Johanna, Jonas, Jordan, Joseph, Joyce, Juan, Judith, Julia, Julian, Kai, Karen, Karim, Karl, "
   "Kasia, Kate, Keiko, Keith, Kelly, Kenji, Kevin, Kiran, Kofi, Kwame, Lara, Larissa, Lars, "
   "Laura, Lauren, Layla, Leila, Lena, Leo, Leon, Liam, Lily, Linda, Lisa, Logan, Lorenzo, Louis, "
   "Louise, Luca, Lucas, Lucia, Lucy, Luis, Luke, Lydia, Mabel, Magnus, Malik, Manuel, Marco, "
   "Margaret, Maria, Marian, Marina, Mario, Marius, Martha, Martin, Mary, Mateo, Mathilde, "
   "Matthew, Maya, Megan, Mei, Melissa, Mia, Michael, Miguel, Mila, Mina, Mira, Miriam, Mohamed, "
   "Monica, Morgan, Nadia, Naomi, Natalie, Nathan, Neil, Nico, Nicole, Nigel, Nina, Noah, Noor, "
   "Nora, Norman, Olga, Oliver, Olivia, Omar, Oscar, Owen, Pablo, Pamela, Patrick, Paul, Paula, "
   "Pavel, Pedro, Peter, Petra, Philip, Phoebe, Pilar, Priya, Quentin, Rachel, Rafael, Raj, Ralph, "
   "Ramona, Rashid, Rebecca, Renata, Ricardo, Richard, Rita, Robert, Robin, Rohan, Roland, Rosa, "
   "Rowan, Ruby, Rupert, Ruth, Ryan, Sabrina, Salma, Sam, Samira, Sandra, Sanjay, Sara, Saskia, "
   "Scott, Sebastian, Selma, Sergio, Shane, Sharon, Shreya, Sienna, Silvia, Simon, Sofia, Solomon, "
   "Sonia, Stella, Stephen, Susan, Suzanne, Sven, Sylvia, Tamara, Tanya, Tara, Tariq, Teresa, "
   "Theo, Thomas, Tim, Tobias, Tomas, Tony, Tristan, Uma, Ursula, Valentina, Vanessa, Vera, "
   "Victor, Vikram, Viola, Vivian, Walter, Wanda, Wendy, Wesley, William, Willow, Xavier, Yara, "
   "Yasmin, Yolanda, Yuki, Yusuf, Zachary, Zara, Zoe, Zoltan",
   "{~given}"},
  {"surname", 40,
   "Abbott, Alvarez, Andersson, Baker, Banerjee, Barnes, Bauer, Becker, Bennett, Bianchi, Blake, "
   "Brooks, Byrne, Calloway, Campbell, Carter, Castillo, Chandra, Chen, Costa, Cruz, Dalton, "
   "Delgado, Dubois, Duarte, Edwards, Ellison, Eriksen, Farrow, Fischer, Fletcher, Flynn, Foster, "
   "Fuentes, Garcia, Gibson, Grant, Greene, Gupta, Hansen, Harper, Hayes, Hoffman, Holloway, "
   "Hughes, Ibarra, Ito, Jansen, Jensen, Kapoor, Keller, Khan, Kimura, Klein, Kowalski, Kumar, "
   "Lambert, Larsen, Leclerc, Lindgren, Lopez, Maddox, Marino, Martinez, Mbeki, Mendes, Meyer, "
   "Moreau, Morales, Murphy, Nakamura, Navarro, Nguyen, Novak, Okafor, Oliveira, Olsen, Ortega, "
   "Osei, Palmer, Park, Patel, Petrov, Pham, Pierce, Quinn, Ramirez, Reyes, Rinaldi, Rivera, "
   "Rosen, Rossi, Russo, Saito, Salazar, Sato, Schmidt, Sharma, Silva, Singh, Sorensen, Stein, "
   "Suzuki, Takeda, Tanaka, Torres, Vargas, Vega, Volkov, Wagner, Walsh, Weber, Weiss, Whitaker, "
   "Wong, Yamada, Young, Zhang, Zimmer",
   "{~sur}"},
  {"contact", 100, NULL,
   "{name}|{name}|{name}|{name}|{name} {surname}|{name} {surname}|Doctor {surname}|Aunt {name}|"
   "Uncle {name}|Coach {surname}"},
  {"doctor", 100, NULL, "Doctor {surname}"},
  {"teacher", 100, NULL, "Professor {surname}|Coach {surname}|Miss {surname}|Professor {surname}"},
  {"pet", 30,
   "Bailey, Bandit, Basil, Bear, Biscuit, Blossom, Boots, Bruiser, Bubbles, Buddy, Button, "
   "Caramel, Cashew, Champ, Cinder, Cleo, Clover, Coco, Cookie, Cosmo, Cupcake, Dobby, Domino, "
   "Dusty, Echo, Fern, Fidget, Figaro, Fudge, Ginger, Gizmo, Goose, Gus, Honey, Huckle, Jasper, "
   "Juniper, Kiwi, Koda, Lady, Lucky, Luna, Maple, Marble, Marmalade, Max, Midnight, Milo, Misty, "
   "Mocha, Moose, Muffin, Nacho, Noodle, Nugget, Oreo, Otis, Paprika, Patches, Peanut, Pebbles, "
   "Pepper, Pickles, Pip, Pixel, Poppy, Pretzel, Pudding, Pumpkin, Rascal, Rocket, Rolo, Rusty, "
   "Sable, Salem, Scout, Shadow, Smokey, Snickers, Socks, Sooty, Spud, Stormy, Sunny, Taco, Teddy, "
   "Tiger, Toffee, Truffle, Tuxedo, Twiggy, Waffles, Whiskers, Widget, Ziggy",
   "{~given}"},
  {"company", 100, NULL,
   "{~brand}|{~brand}|{~brand} Foods|{~brand} Energy|{~brand} Motors|{~brand} Health|{~brand} Labs|"
   "{~sur} Systems|{~place} Bank"},
  {"figure", 0,
   "Ada Lovelace, Abraham Lincoln, Akira Kurosawa, Albert Einstein, Alexander Fleming, "
   "Alexander the Great, Alfred Hitchcock, Amelia Earhart, Anne Frank, Antonio Vivaldi, "
   "Archimedes, Aristotle, Augustus Caesar, Beethoven, Benjamin Franklin, Buster Keaton, "
   "Carl Linnaeus, Catherine the Great, Charles Darwin, Charles Dickens, Charlie Chaplin, "
   "Claude Debussy, Claude Monet, Cleopatra, Confucius, Copernicus, Dante, Diego Velazquez, "
   "Dmitri Mendeleev, Edgar Allan Poe, Edith Wharton, Edvard Munch, Eleanor Roosevelt, "
   "Emily Dickinson, Emmeline Pankhurst, Euclid, Ferdinand Magellan, Florence Nightingale, "
   "Franz Kafka, Franz Schubert, Frederick Douglass, Frida Kahlo, Galileo, Genghis Khan, "
   "George Eliot, George Orwell, George Washington, Grace Hopper, Gregor Mendel, Gustav Mahler, "
   "Hannibal, Harriet Tubman, Helen Keller, Henri Matisse, Herman Melville, Hippocrates, Homer, "
   "Isaac Newton, Jane Austen, Joan of Arc, Johann Sebastian Bach, Johannes Gutenberg, "
   "Johannes Kepler, Julius Caesar, Jules Verne, Katherine Johnson, Langston Hughes, Leo Tolstoy, "
   "Leonardo da Vinci, Louis Armstrong, Louis Pasteur, Ludwig Wittgenstein, Mahatma Gandhi, "
   "Marco Polo, Marcus Aurelius, Margaret Hamilton, Marie Curie, Mark Twain, Martin Luther King, "
   "Mary Shelley, Maya Angelou, Michelangelo, Miles Davis, Mozart, Napoleon Bonaparte, "
   "Nelson Mandela, Niels Bohr, Nikola Tesla, Niccolo Machiavelli, Oscar Wilde, Pablo Picasso, "
   "Peter the Great, Plato, Queen Victoria, Rachel Carson, Rembrandt, Rene Descartes, "
   "Richard Feynman, Rosa Parks, Rosalind Franklin, Rumi, Salvador Dali, Samuel Beckett, "
   "Sigmund Freud, Simon Bolivar, Socrates, Sophocles, Stephen Hawking, Susan B Anthony, "
   "Sylvia Plath, Thomas Edison, Toni Morrison, Tutankhamun, Vermeer, Victor Hugo, "
   "Vincent van Gogh, Virginia Woolf, Voltaire, Walt Whitman, William Blake, William Shakespeare, "
   "Wolfgang Pauli, Yuri Gagarin", NULL},
  {"team", 100, NULL,
   "the {~place} Falcons|the {~place} Rovers|the {~place} Comets|the {~place} Wolves|"
   "the {~place} Rangers|the {~place} Otters|the {~place} Kings|the {city} Hawks|the {city} Giants|"
   "the {city} Mariners|{~place} United|{~place} City"},
  {"band", 100, NULL,
   "the {bandadj} {bandnoun}|the {~sur} Trio|the {~sur} Quartet|{~given} and the {bandnoun}|"
   "{~brand}|the {~place} Brothers|{name} {surname}|{~given} {surname}"},
  {"bandadj", 0,
   "Electric, Velvet, Broken, Silver, Crimson, Northern, Hollow, Golden, Midnight, Paper, "
   "Wandering, Sleepy, Wooden, Distant, Lonely, Burning, Quiet, Neon, Rolling, Dusty, Frozen, "
   "Crooked, Thirsty, Gentle", NULL},
  {"bandnoun", 0,
   "Lanterns, Foxes, Pilots, Rivers, Sparrows, Engines, Strangers, Tides, Mirrors, Orchards, "
   "Sailors, Satellites, Thieves, Machines, Poets, Herons, Ponies, Shadows, Bandits, Trains, "
   "Gardeners, Magpies, Drifters, Echoes", NULL},
  {0}};
