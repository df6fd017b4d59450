/* How much, how long and when. */
#include "synth.h"

/* clang-format off */
const synth_type synth_types_number[] = {
  /* time */
  {"minutes", 100, NULL, "{2-59} minutes|{5-90/5} minutes|{w2-59} minutes|{w5-90} minutes"},
  {"hours", 25,
   "an hour, half an hour, an hour and a half, two and a half hours, three quarters of an hour",
   "{2-12} hours|{w2-12} hours"},
  {"seconds", 100, NULL, "{10-95/5} seconds|{w10-95} seconds"},
  {"duration", 100, NULL,
   "{minutes}|{minutes}|{minutes}|{minutes}|{minutes}|{hours}|{seconds}|an hour and {minutes}|"
   "{2-6} hours and {5-55/5} minutes|{2-9} and a half minutes"},
  {"days", 100, NULL, "{2-30} days|{w2-12} days|{w2-10} weeks|{w2-9} months"},
  {"clock", 100, NULL, "{1-12}:{10-55/5}|{1-12}:{10-59}|{1-12}:0{1-9}"},
  {"time", 20,
   "noon, midnight, half past six, quarter to nine, quarter past eight, half past seven, "
   "quarter to five, half past ten, quarter past three, half past two, quarter to seven, "
   "half past eleven, quarter past four, quarter to two, half past one, quarter past nine",
   "{1-12} am|{1-12} pm|{clock} am|{clock} pm|{clock} am|{clock} pm|{clock}|{w1-12} thirty|"
   "{w1-12} fifteen|{w1-12} forty-five"},
  {"weekday", 0, "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday", NULL},
  {"month", 0,
   "January, February, March, April, May, June, July, August, September, October, November, "
   "December", NULL},
  {"day", 75,
   "today, tomorrow, tonight, this weekend, next week, this afternoon, this evening",
   "{weekday}|next {weekday}|{weekday} morning|Monday evening|Tuesday morning|Wednesday night|"
   "Thursday evening|Friday night|Saturday morning|Sunday evening|{date}|{date}|{date}|{date}|"
   "{date}"},
  {"when", 100, NULL,
   "{weekday} at {time}|{weekday} morning|{weekday} afternoon|{weekday} evening|{weekday} night|"
   "tomorrow at {time}|{date}|next {weekday}|{date} at {time}"},
  {"date", 100, NULL,
   "January {1-31}|February {1-28}|March {1-31}|April {1-30}|May {1-31}|June {1-30}|July {1-31}|"
   "August {1-31}|September {1-30}|October {1-31}|November {1-30}|December {1-31}"},
  {"year", 100, NULL, "{1066-1990}|{1700-1999}|{2027-2050}"},
  {"holiday", 40,
   "Thanksgiving, Christmas, New Year, Halloween, Easter, Hanukkah, Diwali, Ramadan, Passover, "
   "Valentine's Day, Mother's Day, Father's Day, Labor Day, Memorial Day, Veterans Day, "
   "Independence Day, Earth Day, Groundhog Day, April Fools' Day, Mardi Gras, the summer solstice, "
   "the winter solstice, the spring equinox, Lunar New Year, Boxing Day, Bastille Day, "
   "Cinco de Mayo, Juneteenth, Leap Day, Flag Day",
   "{name}'s birthday|the {~place} festival|the {city} marathon|{name}'s wedding|"
   "the {~sur} reunion"},
  /* amounts */
  {"money", 100, NULL,
   "{2-250} dollars|{5-400/5} dollars|{w2-95} dollars|{3-180} euros|{10-900/10} dollars|"
   "{4-99} pounds"},
  {"cash", 100, NULL, "{6-250} dollars|{10-400/5} dollars|{12-180} dollars"},
  {"bigmoney", 100, NULL,
   "{500-9500/500} dollars|{10-95/5} thousand dollars|{w2-90} thousand dollars|"
   "{100-950/50} dollars"},
  {"percent", 100, NULL, "{5-95/5} percent|{2-98} percent|{w2-95} percent"},
  {"degrees", 100, NULL, "{58-82} degrees|{w58-82} degrees|{15-27} degrees"},
  {"miles", 100, NULL, "{2-400} miles|{1-30}.{1-9} miles"},
  {"kilometers", 100, NULL, "{2-900} kilometers|{1-42}.{1-9} kilometers"},
  {"feet", 100, NULL, "{2-900} feet"},
  {"meters", 100, NULL, "{2-950} meters|{1-9}.{1-9} meters"},
  {"inches", 100, NULL, "{2-98} inches|{1-40}.{1-9} inches"},
  {"centimeters", 100, NULL, "{2-250} centimeters"},
  {"pounds", 100, NULL, "{2-400} pounds|{1-30}.{1-9} pounds"},
  {"kilos", 100, NULL, "{2-180} kilos|{1-90}.{1-9} kilos"},
  {"ounces", 100, NULL, "{2-90} ounces|{1-16}.{1-9} ounces"},
  {"grams", 100, NULL, "{5-950/5} grams|{2-450} grams"},
  {"liters", 100, NULL, "{2-90} liters|{1-20}.{1-9} liters"},
  {"gallons", 100, NULL, "{2-90} gallons|{1-20}.{1-9} gallons"},
  {"cups", 100, NULL, "{2-16} cups|{1-8}.{25-75/25} cups"},
  {"fahrenheit", 100, NULL, "{2-110} degrees Fahrenheit|{200-475/5} degrees Fahrenheit"},
  {"celsius", 100, NULL, "{2-45} degrees Celsius|{90-250/5} degrees Celsius"},
  {"steps", 100, NULL, "{2-20} thousand steps|{w2-20} thousand steps|{1000-19500/500} steps"},
  {"distance", 100, NULL, "{miles}|{kilometers}|{w2-26} miles|{w2-42} kilometers"},
  {"weight", 100, NULL, "{pounds}|{kilos}"},
  {"bodyweight", 100, NULL,
   "{88-290} pounds|{44-130} kilos|{45-119}.{1-9} kilos|{90-280}.5 pounds"},
  {"span", 100, NULL,
   "{minutes}|{minutes}|{minutes}|{hours}|an hour and {minutes}|{2-6} hours and {5-55/5} minutes"},
  {"people", 100, NULL, "{w2-14} people|{2-40} people|{w2-9} adults|a party of {w2-16}"},
  {"sum", 100, NULL,
   "{2-99} plus {2-99}|{100-999} plus {11-999}|{100-999} minus {2-99}|{11-99} times {2-25}|"
   "{2-12} times {3-15}|{60-990/6} divided by {2-12}|{5-95/5} percent of {10-900/5}|"
   "{2-99} percent of {20-500/10}"},
  {"range", 100, NULL, "1 and {5-99}|1 and {100-1000/50}|10 and {20-99}"},
  {0}};
