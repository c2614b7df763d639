/** A programme, as the open data have it. */
export interface ListedProgram {
  readonly program_id: string
  readonly name: string
  readonly city: string
  readonly is_shared: boolean
  readonly is_closed: boolean
}

/** The programmes that all cities share, or those of a city that it does not share yet; none that is closed. */
export function fittingPrograms(programs: readonly ListedProgram[], of: 'shared' | { readonly city: string }): readonly ListedProgram[] {
  return programs.filter((one) => !one.is_closed && (of === 'shared' ? one.is_shared : !one.is_shared && one.city === of.city))
}
