/**
 * Characters that look like Latin letters and do not decompose to them: from the confusables of Unicode
 * Technical Standard #39, the scripts and symbols that evasion tools use. Where the standard joins I and l, a
 * letter drawn as the capital is an i here.
 */

/** Pairs of a character and what it is read as, by origin. */
const pairs = [
  // Cyrillic; one reading serves both cases, for a capital and its small letter are drawn alike.
  'аa вb гr еe кk мm нh оo пn рp сc тt уy хx ьb ѕs іi јj үy ұy һh ҽe ӏl Ӏl',
  'ԁd ԛq ԝw ѵv ԍg з3',
  // Greek capitals.
  'Αa Βb Εe Ζz Ηh Ιi Κk Μm Νn Οo Ρp Τt Υy Χx',
  // Greek small letters.
  'αa βb γy δd εe ηn ιi κk μu νv οo ρp ςc σo τt υu χx ωw ϲc ϳj',
  // Armenian.
  'օo սu հh ոn ցg զq',
  // Cherokee.
  'Ꭺa Ᏼb Ꮯc Ꭰd Ꭼe Ꮐg Ꮋh Ꮖi Ꭻj Ꮶk Ꮮl Ꮇm Ꮲp Ꭱr Ꮪs Ꭲt Ꮩv Ꮃw Ꭹy Ꮓz',
  'Ꮥs Ꮁy Ꮍy Ꮎo Ꮒh Ꮛe Ꮜu Ꮟb Ꮢr Ꮤw Ꮷd Ꭴo Ꭵi Ꮻo Ᏺh Ᏻg',
  // Cherokee small letters, drawn like the capitals.
  'ꭺa ᏼb ꮯc ꭰd ꭼe ꮐg ꮋh ꮖi ꭻj ꮶk ꮮl ꮇm ꮲp ꭱr ꮪs ꭲt ꮩv ꮃw ꭹy ꮓz',
  'ꮥs ꮁr ꮍy ꮎo ꮒh ꮛe ꮜu ꮟb ꮢr ꮤw ꮷd ꭴo ꭵi ꮻo ᏺh ᏻg',
  // Lisu.
  'ꓮa ꓐb ꓚc ꓓd ꓰe ꓝf ꓖg ꓧh ꓲi ꓙj ꓗk ꓡl ꓟm ꓠn ꓳo ꓑp ꓣr ꓢs ꓔt ꓴu ꓦv ꓪw ꓫx ꓬy ꓜz ꓯa ꓱe ꓛo ꓵn ꓥv ꓒd',
  // Coptic, small letters; capitals are lowered to them.
  'ⲁa ⲃb ⲅr ⲇd ⲉe ⲏh ⲓi ⲕk ⲙm ⲛn ⲟo ⲣp ⲥc ⲧt ⲩy ⲭx ⲱw ⳑl',
  // Deseret, small letters; the capitals of some are drawn like other letters.
  '𐐽c 𐑋o 𐑃l 𐐬o 𐑈s 𐐁e 𐐟a',
  // Canadian syllabics.
  'ᗅa ᗷb ᑲb ᑕc ᗪd ᗞd ᑯd ᖴf ᕼh ᒍj ᒪl ᗰm ᑎn ᑭp ᖇr ᑌu ᐯv ᘯw ᗯw ᕽx ᕁx ᒥy',
  // Old Italic, Lycian, Carian, Osage, Runic, Elbasan.
  '𐌁b 𐌂c 𐌉i 𐌑m 𐌕t 𐌗x 𐊂b 𐊅d 𐊆e 𐊇f 𐊒o 𐊕p 𐊖s 𐊗t 𐊠a 𐊡b 𐊢c 𐊥f 𐊫o 𐊰m 𐊲y 𐊴x',
  '𐓘v 𐓪o 𐓶u ᛁi ᛕk ᛖm ᚷx 𐔓n 𐔖o 𐔘k 𐔜c 𐔝v',
  // Georgian, Tifinagh, and zeros and rings of India.
  'ჿo ყy ⵔo ⵝx ⵏi ०o ০o ੦o ૦o ୦o ଠo ௦o ౦o ೦o ൦o ഠo',
  // Cyrillic letters with strokes and descenders, and of old texts.
  'өo ѳo ҫc ңh ӈh ӊh ћh ѡw ꙍw ѽw әe ҿe ғr ґr қk ҳx ҭt ѣb ҍb ꙇi ӕae',
  // Small capitals.
  'ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz',
  // Phonetic and turned letters.
  'ɑa ɐa ɒa ɡg ɩi ɯm ʌv ʍm ʎy ɹr ɾr ʇt ɥh ʞk ǝe ɘe ɚe əe ɛe ɔo ıi ȷj',
  // Hooks and strokes, which decomposition leaves alone.
  'ɓb ƈc ɗd ƒf ɠg ɦh ɨi ƙk łl ɱm ɲn ƞn ɵo ƥp ɽr ʂs ƭt ʈt ʉu ʋv ⱳw ƴy ʐz ȥz',
  'ƀb ȼc đd ɇe ǥg ħh ɉj ƚl øo ᵽp ɍr ŧt ɏy ƶz ðd',
  'ɖd ƌd ƃb ꞙf ᵮf ᶃg ɣy ⱨh ɫl ɭl ᵯm ᵰn ɳn ŋn ꝋo ʠq ɼr ᵲr ᵳr ꭇr ᵴs ƽs ᵵt ⱦt ꭎu ꭒu ᶌy ỿy ꭚy ᵶz',
  'ꝁk ⱪk ʝj ᵻi ᵼi ᵾu ꬲe ꬵf ꬽo ꬾo ᴐo ᴑo ↄo ꭓx ꭕx ꞷw ꝡw ẝf',
  // Ligatures and letters read as two.
  'ꜳaa ꜵao ꜷau ꜹav ꜽay ꝏoo ʣdz ʦts ʪls ʫlz ᵫue ɶoe æae œoe ßss þth',
]

/** Alphabets of symbols in code point order: parenthesised, negative circled and squared, regional letters. */
const alphabets: readonly number[] = [0x249c, 0x1f110, 0x1f150, 0x1f170, 0x1f1e6]

function build(): ReadonlyMap<number, string> {
  const table = new Map<number, string>()
  for (const pair of pairs.flatMap((row) => row.split(' '))) {
    const [from = '', ...to] = pair
    table.set(from.codePointAt(0) ?? 0, to.join(''))
  }
  for (const first of alphabets) {
    for (let letter = 0; letter < 26; letter++) table.set(first + letter, String.fromCharCode(0x61 + letter))
  }
  return table
}

/** From code point to the lower-case Latin letters it is read as. */
export const lookAlikes: ReadonlyMap<number, string> = build()
