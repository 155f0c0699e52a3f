/** What is in force at the moment of asking, verified here as every worker does for itself. */
import type { Clock } from '../base/index.ts'
import type { Recorder } from '../recorder/index.ts'
import { buildStanding } from '../standing/index.ts'
import type { AgreementInForce, Standing } from '../standing/index.ts'
import { ControlError } from './control-error.ts'

interface CurrentStandingOptions {
  readonly recorder: Pick<Recorder, 'standing'>
  readonly clock: Clock
  /** What was in force before, where it was read already: it is not read again. */
  readonly standing?: Standing
}

export class CurrentStanding {
  readonly #recorder: Pick<Recorder, 'standing'>
  readonly #clock: Clock
  #last: Standing | undefined

  constructor({ recorder, clock, standing }: CurrentStandingOptions) {
    this.#recorder = recorder
    this.#clock = clock
    this.#last = standing
  }

  /** Throws `STANDING_INVALID`, and what the recorder throws. */
  async read(): Promise<Standing> {
    const standing = buildStanding(await this.#recorder.standing(), this.#clock.now(), this.#last)
    this.#last = standing
    return standing
  }
}

/** Throws `CONTROL_NOT_FOUND` where no agreement of that id is in force. */
export function requireInForce({ agreements }: Pick<Standing, 'agreements'>, id: string): AgreementInForce {
  const inForce = agreements.get(id)
  if (inForce) return inForce
  throw new ControlError('CONTROL_NOT_FOUND', `no agreement \`${id}\` is in force here`)
}
