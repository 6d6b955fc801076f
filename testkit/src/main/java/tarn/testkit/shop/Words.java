package tarn.testkit.shop;

/** The vocabulary of the shop. */
final class Words {
  private Words() {}

  static final String[] FIRST = {
    "Ada", "Alma", "Anouk", "Bela", "Bruno", "Carla", "Chloé", "Dario", "Edda", "Emil", "Fanny",
    "Finn", "Greta", "Hugo", "Ilse", "Iris", "Jonas", "José", "Kai", "Lena", "Léo", "Maja", "Marta",
    "Milan", "Nils", "Nora", "Olga", "Oskar", "Paula", "Pilar", "Rosa", "Rufus", "Selma", "Søren",
    "Tilda", "Tom", "Ugo", "Vera", "Wim", "Zoë"
  };
  static final String[] LAST = {
    "Abel",
    "Amsel",
    "Bakker",
    "Berg",
    "Brook",
    "Castro",
    "Côté",
    "Dahl",
    "Duarte",
    "Eriksen",
    "Falk",
    "Ferrer",
    "Fonseca",
    "Gallo",
    "Hale",
    "Hoffmann",
    "Ibsen",
    "Jansen",
    "Keller",
    "Kowal",
    "Lindqvist",
    "Marsh",
    "Moreau",
    "Müller",
    "Nagy",
    "Novak",
    "O'Dell",
    "Olsen",
    "Pereira",
    "Quist",
    "Rossi",
    "Sanz",
    "Stone",
    "Thorne",
    "Urban",
    "Vidal",
    "Winter",
    "Yates",
    "Zeller",
    "Łukasik"
  };
  static final String[] COUNTRIES = {
    "AT", "BE", "CZ", "DE", "DE", "DE", "DK", "ES", "ES", "FR", "FR", "GB", "GB", "IE", "IT", "NL",
    "PL", "PT", "SE", "US"
  };
  static final String[] STREETS = {
    "Mill Lane",
    "Harbour Street",
    "Oak Avenue",
    "Station Road",
    "Chapel Hill",
    "Garden Row",
    "Bridge Street",
    "North Quay",
    "Orchard Way",
    "Market Square"
  };
  static final String[] SEGMENTS = {"private", "private", "private", "family", "business"};
  static final String[] CATEGORIES = {"kitchen", "garden", "office", "outdoor", "toys", "lighting"};

  /** What each category sells. */
  static final String[][] NOUNS = {
    {"kettle", "pan", "knife", "bowl", "grater", "teapot", "whisk"},
    {"rake", "planter", "hose", "trowel", "bird house", "watering can"},
    {"stapler", "desk mat", "notebook", "pen set", "file box", "chair"},
    {"tent", "lantern", "flask", "rucksack", "hammock", "compass"},
    {"puzzle", "kite", "train set", "doll", "spinning top", "blocks"},
    {"floor lamp", "bulb", "candle", "string light", "sconce", "torch"}
  };

  static final String[] ADJECTIVES = {
    "Amber", "Birch", "Blue", "Copper", "Folding", "Grand", "Iron", "Linen", "Little", "Oak",
    "Plain", "Quiet", "Round", "Slate", "Sturdy", "Tall", "Travel", "Walnut", "White", "Woven"
  };
  static final String[] TAGS = {
    "new", "sale", "gift", "handmade", "recycled", "bestseller", "limited", "refill"
  };
  static final String[] RETURN_REASONS = {"damaged", "wrong item", "changed mind", "too late", ""};
  static final String[] CHANNELS = {"web", "web", "web", "app", "app", "phone"};
  static final String[] COUPONS = {"WELCOME5", "AUTUMN", "FREESHIP", "FRIENDS"};
  static final String[] STATUSES = {
    "placed",
    "paid",
    "shipped",
    "shipped",
    "delivered",
    "delivered",
    "delivered",
    "delivered",
    "delivered",
    "cancelled"
  };

  /** The first has no comma, every other one has exactly one: unquoted, it makes a row ragged. */
  static final String[] NOTES = {
    "Please call before delivery",
    "Gift, no invoice in the parcel",
    "Ring twice, dog is friendly",
    "Leave with the neighbour, number 4",
    "Second floor, left door"
  };
}
