/** Which phrases of a signal can be listened for. */

/** Characters that a phrase may come to when it is made plain for screening. */
export const phraseCharsMax = 400

/** What is wrong with a phrase and the way out; null where a text could hold it. */
export function mistakeInPhrase(phrase: string): { readonly message: string; readonly help: string } | null {
  const plain = phrase.normalize('NFKD').replace(/[\p{Default_Ignorable_Code_Point}\u0640]/gu, '')
  if (!/[\p{L}\p{N}]/u.test(plain)) {
    const message = 'a phrase without letters and digits can be found in no text'
    return { message, help: 'write the words to listen for' }
  }
  if (plainLength(plain) > phraseCharsMax) {
    const message = `a phrase is longer than ${phraseCharsMax} characters`
    return {
      message,
      help: 'name the few words that give the matter away; other letters than a–z count as three',
    }
  }
  // A star of another form is seen as one and means nothing.
  const misplaced = plain.includes('*') && !/^[^*]*[\p{L}\p{N}]\p{M}*\*$/u.test(phrase.normalize('NFD'))
  if (!misplaced) return null
  const message = '`*` stands elsewhere than directly after the last word'
  return { message, help: 'write `surveil*` for every word that begins so, or leave the star out' }
}

/** At least what screening makes of it: a letter can be read as two, or as a word with blanks around it. */
function plainLength(plain: string): number {
  const asciiChars = plain.replace(/[^\x20-\x7e]/g, '').length
  return asciiChars + 3 * (plain.length - asciiChars)
}
