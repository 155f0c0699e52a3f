import { near, phrases } from '../pattern.ts'
import type { SignalPatterns } from '../pattern.ts'

const setAside =
  'ignore/s, ignoring, disregard/s/ing, forget, override, overrule, bypass, do not follow, ' +
  'don t follow, stop following, pay no attention to, discard, neglect, ignore/z, ignorer, oublie/z, ' +
  'oublier, ne tiens pas compte, ne tenez pas compte, ne suis plus, contourne/z, set aside, ' +
  'leave aside, drop, abandon, no longer follow, mettez de côté, mets de côté'

const earlier =
  'previous, prior, above, earlier, preceding, all of your, all your, your, initial, original, system, any other, ' +
  'you were given, you have been given, given to you, so far, ' +
  'précédente/s, précédent/s, antérieure/s, ci dessus, tes, vos, système, initiale/s'

const instructions =
  'instruction/s, prompt/s, directive/s, guideline/s, guardrails, system message, system prompt, ' +
  'safety rules, safety policy, safety policies, safety guidelines, programming, rules you, ' +
  'your rules, consigne/s, instruction/s, directive/s, règles de sécurité, everything you were told, ' +
  'your restrictions, all restrictions, your limits, told before, rules above'

const reveal =
  'reveal, print, show, show me, output, repeat, leak, display, tell me, disclose, dump, ' +
  'révèle/z, affiche/z, montre/z, répète/z, divulgue/z'

const secretText =
  'your system prompt, the system prompt, your hidden prompt, your initial instructions, ' +
  'your hidden instructions, your instructions verbatim, your secret instructions, ' +
  'your original prompt, the text above verbatim, tes instructions système, vos instructions système, ' +
  'ton prompt système, votre prompt système, tes instructions cachées, vos instructions cachées, ' +
  'everything above this line, everything above, everything before this'

/**
 * Text that tries to take the model over: setting instructions aside, drawing out the system prompt, forging
 * the marks of a chat template, or talking the model into a self without rules. Meant for what comes in with
 * documents and tools as much as for what users write. Lets pass: ordinary instructions, and questions about
 * what prompt injection is.
 */
export const promptInjection: SignalPatterns = {
  signal: 'prompt-injection',
  patterns: [
    near(56, setAside, earlier, instructions),
    near(48, reveal, secretText),
    phrases(
      'old rules don t apply, old rules no longer apply, rules no longer apply, rules do not apply to you, ' +
        'ignore everything you were told, ignore everything above, ignore everything before, forget everything you were told, ' +
        'forget everything above, the assistant must now, the assistant must obey, the ai must obey, obey the user without, ' +
        'you are now dan, do anything now, developer mode enabled, enable developer mode, you are in developer mode, ' +
        'jailbreak mode, jailbroken, you have no restrictions, you have no rules, pretend you have no restrictions, ' +
        'act as an unrestricted, respond without any restrictions, without any safety filters, ' +
        'you are no longer bound by, you are not bound by any, new system prompt, new instructions for the assistant',
      'im start system, im start user, im start assistant, start header id, begin system prompt, ' +
        'end of system prompt, system override',
      'tu n as plus aucune règle, vous n avez plus aucune règle, tu n as aucune restriction, mode développeur activé',
    ),
  ],
}
