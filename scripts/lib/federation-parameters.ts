/** What the cities agree on before they found their federation; afterwards they change it by vote. */
export interface FederationParameters {
  /** Seconds between a proposal and its vote. */
  readonly votingDelaySeconds: number
  /** Seconds a vote lasts. */
  readonly votingPeriodSeconds: number
  /** Per cent of all seats that must vote for or abstain. */
  readonly quorumPercent: number
  /** Seconds a decision waits before it can be carried out. */
  readonly timelockDelaySeconds: number
  /** Seconds an offer of control over a city waits before it can be accepted. */
  readonly rotationDelaySeconds: number
}

const DAY = 86_400

/** Time for a council to meet, and for anyone to object. */
export const productionParameters: FederationParameters = {
  votingDelaySeconds: DAY,
  votingPeriodSeconds: 7 * DAY,
  quorumPercent: 50,
  timelockDelaySeconds: 2 * DAY,
  rotationDelaySeconds: 3 * DAY,
}

/** Short enough to try everything in a few minutes. */
export const demoParameters: FederationParameters = {
  votingDelaySeconds: 1,
  votingPeriodSeconds: 60,
  quorumPercent: 50,
  timelockDelaySeconds: 5,
  rotationDelaySeconds: 60,
}
