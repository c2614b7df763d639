/** A city of the demo: who it is, where it listens, what it looks like. */
export interface DemoCity {
  readonly locode: string
  readonly name: string
  readonly portOffset: number
  readonly theme: string
  readonly program: string
}

export const demoCities: readonly DemoCity[] = [
  { locode: 'PTOPO', name: 'Porto', portOffset: 0, theme: 'themes/PTOPO.css', program: 'Porto Points' },
  { locode: 'FRCFE', name: 'Clermont-Ferrand', portOffset: 1, theme: 'themes/FRCFE.css', program: 'Points Volcan' }
]

export const chainPortOffset = demoCities.length
