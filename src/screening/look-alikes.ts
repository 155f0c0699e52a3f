/**
 * Characters that look like Latin letters and do not decompose to them: from the confusables of Unicode
 * Technical Standard #39, the scripts and symbols that evasion tools use.
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
  // Small capitals.
  'ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz',
  // Phonetic and turned letters.
  'ɑa ɐa ɒa ɡg ɩi ɯm ʌv ʍw ʎy ɹr ɾr ʇt ɥh ʞk ǝe əe ɛe ɔo ıi ȷj',
  // Hooks and strokes, which decomposition leaves alone.
  'ɓb ƈc ɗd ƒf ɠg ɦh ɨi ƙk łl ɱm ɲn ƞn ɵo ƥp ɽr ʂs ƭt ʈt ʉu ʋv ⱳw ƴy ʐz ȥz',
  'ƀb ȼc đd ɇe ǥg ħh ɉj ƚl øo ᵽp ɍr ŧt ɏy ƶz ðd',
  // Ligatures and letters read as two.
  'æae œoe ßss þth',
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
